import { shell, su, sudo } from "../judges/shell.ts"
import { env, parallel, watch, wrapper, xargs } from "../judges/wrapper.ts"
import type { Form, Model } from "../model.ts"

const LOOKING_UP: Form = { does: "looks for programs", flags: "-vV", contentFrom: "none", operands: /^[\w.+/-]+$/ }
const COMMAND = wrapper({ flags: "-p", alone: { class: "read", why: "does nothing" } })
const DURATION = /^\d+(\.\d+)?[smhd]?$/

export const shells: ReadonlyArray<Model> = [
  {
    names: "sh bash dash ash zsh ksh",
    judge: shell,
    read: ["sh -c 'ls /'", 'bash -c "df -h | sort"', "bash --version", "sh -n script.sh"],
    notRead: ["sh", "bash script.sh", "sh -c 'rm x'", "bash -i", 'sh -c "$X"', "sh -s"]
  },
  {
    names: "sudo doas",
    judge: sudo,
    read: ["sudo -l", "sudo -V"],
    notRead: ["sudo ls", "sudo -i", "sudo -s", "sudo rm x", "sudo -u x ls", "doas sh"]
  },
  { names: "su", judge: su, read: [], notRead: ["su", "su -c ls", "su - root -c id", "su root"] },
  {
    names: "env",
    judge: env,
    read: ["env", "env LANG=C ls", "env -i ls"],
    notRead: [
      "env LD_PRELOAD=x ls",
      "env sh",
      "env -S 'sh -c id'",
      "env PATH=/tmp ls",
      "env $X",
      "env -C /x sh",
      "env ls -la $X > f"
    ]
  },
  {
    names: "printenv",
    contentFrom: "none",
    operands: /^(PATH|HOME|USER|SHELL|LANG|PWD|LC_\w+|TZ|HOSTNAME|TERM|LOGNAME)$/,
    read: ["printenv PATH"],
    notRead: ["printenv SECRET", "printenv --x"],
    flags: "-0"
  },
  {
    names: "xargs",
    judge: xargs,
    read: ["xargs ls", "xargs -n1 basename", "xargs -0 grep -l x", "xargs -I{} stat {}", "xargs"],
    notRead: [
      "xargs rm",
      "xargs sh -c 'rm $0'",
      "xargs -I{} sh -c {}",
      "xargs sort",
      "xargs find",
      "xargs awk",
      "xargs -a f rm",
      "xargs env",
      "xargs -I% sh -c 'ls %'",
      "xargs -o vi",
      "xargs git log"
    ]
  },
  {
    names: "parallel",
    judge: parallel,
    read: ["parallel echo ::: a b"],
    notRead: [
      "parallel sh -c ::: 'rm x'",
      "parallel --shebang x",
      "parallel rm ::: a",
      "parallel ::: reboot",
      "parallel 'echo {= system x =}' ::: a"
    ]
  },
  {
    names: "watch",
    judge: watch,
    read: ["watch -n 1 df -h", "watch 'ls | wc -l'"],
    notRead: ["watch rm x", "watch -x sh", "watch 'df; reboot'", "watch $X", "watch -n1 reset"]
  },
  {
    names: "timeout",
    judge: wrapper({
      flags: "-v -k:name -s:name --foreground --preserve-status --verbose --kill-after=name --signal=name",
      skips: DURATION
    }),
    read: ["timeout 5 ls", "timeout -k 5 10s df -h"],
    notRead: ["timeout 5 rm x", "timeout 5", "timeout ls", "timeout 5 sh", "timeout $X ls"]
  },
  {
    names: "nice",
    judge: wrapper({ flags: "-# -n:number --adjustment=number", alone: { class: "read", why: "prints the priority" } }),
    read: ["nice -n 19 du -sh /", "nice"],
    notRead: ["nice rm x", "nice -n 5 sh", "nice -5 reboot"]
  },
  {
    names: "nohup",
    judge: wrapper({ flags: "", itself: { class: "write", why: "nohup writes nohup.out and outlives the run" } }),
    read: ["nohup --version"],
    notRead: ["nohup ls", "nohup sh &"]
  },
  {
    names: "setsid",
    judge: wrapper({ flags: "-wc --wait --ctty" }),
    read: ["setsid -w ls"],
    notRead: ["setsid reboot", "setsid -f sh"]
  },
  {
    names: "stdbuf",
    judge: wrapper({ flags: "-i:name -o:name -e:name --output=name --input=name --error=name" }),
    read: ["stdbuf -oL tail -f f"],
    notRead: ["stdbuf -oL sh", "stdbuf -i0 rm x"]
  },
  {
    names: "time",
    judge: wrapper({ flags: "-pv --portability --verbose" }),
    read: ["time ls", "time -p df"],
    notRead: ["time rm x", "time -o f ls", "time sh", "/usr/bin/time -f x -o f ls"]
  },
  {
    names: "command",
    judge: (call) => (/^-[vV]$/.test(call.args[0]?.literal ?? "") ? call.apply(LOOKING_UP) : COMMAND(call)),
    read: ["command -v nginx", "command ls"],
    notRead: ["command rm x", "command sh", "command -p reboot"]
  },
  {
    names: "builtin",
    judge: wrapper({ flags: "" }),
    read: ["builtin echo x"],
    notRead: ["builtin eval x", "builtin source x"]
  },
  {
    names: "busybox toybox",
    judge: wrapper({ flags: "--list", alone: { class: "read", why: "lists its programs" } }),
    read: ["busybox ls", "busybox --list"],
    notRead: ["busybox sh", "busybox rm x", "busybox nc x 1", "busybox httpd"]
  },
  {
    names: "chronic unbuffer",
    judge: wrapper({ flags: "-v" }),
    read: ["chronic ls"],
    notRead: ["chronic rm x", "unbuffer sh"]
  }
]
