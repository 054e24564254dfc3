// Logs and who has been there.
import { always, changes } from "../judges/changing.ts"
import type { Model } from "../model.ts"

export const logs: ReadonlyArray<Model> = [
  {
    names: "journalctl",
    isPaging: true,
    judge: (call) =>
      call.args.length === 0 && !call.scope.isPiped
        ? { class: "unknown", why: "journalctl on its own is all of the journal in a pager" }
        : call.apply(JOURNAL),
    read: [
      "journalctl -u nginx --since '1 hour ago' --no-pager",
      "journalctl -xe",
      "journalctl -b -1 -p err",
      "journalctl --disk-usage",
      "journalctl -n 50 -f",
      "journalctl _PID=1"
    ],
    notRead: [
      "journalctl --vacuum-time=1d",
      "journalctl --rotate",
      "journalctl --flush",
      "journalctl --sync",
      "journalctl --relinquish-var",
      "journalctl --setup-keys",
      "journalctl --vac=1",
      "journalctl --cursor-file=x",
      "journalctl -M box",
      "journalctl --update-catalog",
      "journalctl --rotat",
      "journalctl -u nginx --rotate"
    ]
  },
  {
    names: "last lastb lastlog lastlog2 who w users faillog utmpdump",
    read: ["last -n 20", "lastb", "who -a", "w -h", "users", "lastlog -u root"],
    notRead: [
      "lastlog -C -u root",
      "lastlog --clear",
      "faillog -m 5",
      "utmpdump -r",
      "utmpdump -o x",
      "faillog -r",
      "last --x"
    ],
    judge: (call) =>
      /^(faillog|utmpdump)$/.test(call.name) &&
      call.args.some((arg) => !/^(-a|-u|\w+|\/var\/[\w./]+)$/.test(arg.literal ?? "\0"))
        ? { class: "unknown", why: `${call.name} with an option that is not known to read` }
        : call.apply(SESSIONS)
  },
  {
    names: "ausearch aureport",
    does: "searches the audit log",
    contentFrom: "none",
    flags:
      "-ailurtpxhfmkecwv -m:name -k:name -ts: -te: --interpret --summary -au -l --start= --end= --message=name --failed --success",
    operands: /^[\w/:.-]+$/,
    style: "whole",
    read: ["ausearch -m avc -ts recent", "aureport --summary"],
    notRead: ["ausearch --checkpoint f", "aureport --x"]
  },
  {
    names: "logrotate",
    flags: "-dv --debug --verbose",
    needs: "-d --debug",
    contentFrom: 0,
    read: ["logrotate -d /etc/logrotate.conf"],
    notRead: [
      "logrotate -f /etc/logrotate.conf",
      "logrotate x",
      "logrotate -d -s f x",
      "logrotate -d -l f x",
      "logrotate -d -m sh x"
    ]
  },
  {
    names: "goaccess lnav multitail",
    operands: 0,
    flags: "--version",
    needs: "--version",
    read: ["lnav --version"],
    notRead: ["lnav f", "multitail -l cmd"]
  },
  changes("logger wall write mesg", "write", "writes to logs or terminals", [
    "logger x",
    "wall x",
    "logger -f /etc/shadow -n host"
  ]),
  always("rsyslogd syslogd auditd", "unknown", "starts a daemon", ["rsyslogd -f x"])
]

const JOURNAL = {
  does: "shows the journal",
  flags:
    "-# -aefklmqrxN -b? -n? -u: -t: -p:name -o:name -S: -U: -F:name -g: -c: --all --pager-end --follow --dmesg --full --no-full --merge --quiet --reverse --catalog --boot? --lines? --unit= --user-unit= --identifier= --priority=name --output=name --output-fields=name --since= --until= --field=name --fields --grep= --case-sensitive? --list-boots --disk-usage --no-pager --no-hostname --no-tail --utc --user --system --header --list-catalog --verify --facility=name --cursor= --after-cursor= --truncate-newline --show-cursor",
  contentFrom: "none",
  operands: /^(_[A-Z_]+=.*|[A-Z_]+=.*|\/[\w./-]+|-?\d+|\+|all)$/
} as const

const SESSIONS = {
  does: "shows who is or was signed in",
  contentFrom: "none",
  flags:
    "-# -adFiRwxbHlmpqrTusohf -n:number --fullnames --limit=number --time= --user=name --since= --until= --all --heading --count --boot",
  operands: 3
} as const
