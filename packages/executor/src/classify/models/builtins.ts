// Builtins of shells, and programs that start others in ways that are not looked into.
import { always } from "../judges/changing.ts"
import { declare, readVariables } from "../judges/shell.ts"
import type { Form, Model } from "../model.ts"
import { contentOf } from "../secret-material.ts"

const FOLDER: Form = { contentFrom: "none", flags: "-LP", operands: 1, does: "changes the folder of the shell" }
const NUMBER: Form = { operands: /^-?\d+$/ }

export const builtins: ReadonlyArray<Model> = [
  {
    names: "which whereis type",
    does: "looks for programs",
    contentFrom: "none",
    flags: "-abmstpPuS --all",
    operands: /^[\w.+/-]+$/,
    read: ["which nginx", "type ls", "whereis sshd"],
    notRead: ["which --x", "which $X"]
  },
  {
    names: "true false : pwd",
    contentFrom: "none",
    isHarmless: true,
    judge: ({ name }) => ({ class: "read", why: `${name} does nothing, or shows the folder` }),
    read: ["true", "pwd", ":", "false"],
    notRead: ["true > f", ": $(rm x)"]
  },
  {
    names: "cd pushd popd",
    // What stands in the folder is named without it from here on.
    judge: (call) => {
      const folder = call.args.at(-1)
      const content = folder && contentOf({ ...folder, pattern: `${folder.pattern}/` })
      return content ?? call.apply(FOLDER)
    },
    read: ["cd /var/log", "cd"],
    notRead: ["cd /run/secrets", "cd ~/.ssh", "cd $(reboot)", "cd a b"]
  },
  { names: "sleep", operands: /^\d+(\.\d+)?[smhd]?$/, read: ["sleep 5", "sleep 0.5"], notRead: ["sleep $X"] },
  {
    names: "exit return break continue shift wait",
    ...NUMBER,
    read: ["exit 1", "exit", "shift"],
    notRead: ["exit 'a[$(id)]'", "exit $X", "shift x"]
  },
  {
    names: "set",
    judge: ({ args }) =>
      args.length > 0 &&
      args.every((arg) => /^([-+][eufEC]+|[-+]o|pipefail|errexit|nounset|noglob|-[eu]+o)$/.test(arg.literal ?? "\0"))
        ? { class: "read", why: "sets how the shell fails" }
        : { class: "unknown", why: "set shows or changes the shell's variables or options" },
    read: ["set -e", "set -euo pipefail"],
    notRead: ["set", "set -x", "set -- a", "set -a"]
  },
  {
    names: "umask",
    flags: "-Sp",
    operands: 0,
    read: ["umask", "umask -S"],
    notRead: ["umask 000"],
    otherwise: "write"
  },
  {
    names: "export declare typeset readonly local",
    judge: declare,
    read: ["export LANG=C", "declare -r X=1", "local x=1"],
    notRead: [
      "export PATH=/tmp",
      "declare -n x=y",
      "declare -i x='a[$(id)]'",
      "export LD_PRELOAD=x",
      "export $X",
      "declare -f f",
      "readonly BASH_ENV=x",
      "declare -xi a",
      "declare -A x"
    ]
  },
  {
    names: "read mapfile readarray",
    judge: readVariables,
    read: ["read -r line", "read -r a b c"],
    notRead: ["read 'a[$(id)]'", "read PATH", "mapfile -C cmd x", "read -e x", "read $X", "readarray -C x -c1 y"]
  },
  {
    names: "history help alias",
    judge: ({ name, args }) =>
      (args.length === 0 && name !== "help") ||
      (name === "history" && /^\d+$/.test(args.map((arg) => arg.literal).join(" ")))
        ? { class: "read", why: "lists what the shell knows" }
        : { class: "unknown", why: `${name} may change the shell` },
    read: ["alias", "history | tail", "history 10"],
    notRead: ["alias ls=rm", "history -c", "history -w f", "help x"]
  },
  {
    names: "shopt",
    judge: () => ({ class: "unknown", why: "changes how the shell reads what follows" }),
    read: [],
    notRead: ["shopt -s expand_aliases"]
  },
  always(
    "eval source . exec trap unset unalias enable hash let getopts complete compgen bind disown fg bg suspend caller logout fc coproc jobs dirs times",
    "unknown",
    "runs or changes what a shell runs",
    [
      "eval ls",
      "source x",
      ". x",
      "exec sh",
      "trap 'rm x' EXIT",
      "enable -f x y",
      "hash -p /tmp/x ls",
      "let 'a[$(id)]'",
      "unset 'a[$(id)]'",
      "unset PATH",
      "complete -C x y",
      "jobs -x rm y"
    ]
  ),
  always(
    "fish csh tcsh rbash rksh pwsh elvish nu screen tmux script scriptreplay byobu chroot unshare nsenter systemd-nspawn flock run-parts start-stop-daemon setarch linux32 linux64 choom cgexec firejail bwrap proot fakeroot faketime rlwrap logsave ld.so dtach abduco inotifywait inotifywatch entr incrontab anacron dbus-run-session xvfb-run torsocks proxychains tsocks sshuttle",
    "unknown",
    "starts other programs",
    [
      "tmux",
      "script -c sh f",
      "chroot / sh",
      "nsenter -t 1 -m sh",
      "unshare sh",
      "flock x sh",
      "run-parts x",
      "fish -c ls"
    ]
  )
]
