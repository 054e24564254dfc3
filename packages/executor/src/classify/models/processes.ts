// Processes: looking at them, and signals.
import { changes } from "../judges/changing.ts"
import { wrapper } from "../judges/wrapper.ts"
import type { Model } from "../model.ts"

const IONICE = wrapper({ flags: "-t -c:number -n:number --ignore --class=name --classdata=number" })

export const processes: ReadonlyArray<Model> = [
  {
    names: "ps",
    does: "lists processes",
    isHarmless: true,
    contentFrom: "none",
    flags:
      "-# -AaNcdefFHjlLMmTVwyZ -C:name -G: -g: -n: -o: -O: -p: -q: -s: -t: -u: -U: --ppid= --pid= --user= --group= --sort=dash --format= --forest --no-headers --no-heading --headers --width= --cols= --columns= --rows= --deselect",
    // Without a dash `e` shows the environment of the processes.
    operands:
      /^[acfghjlmrTuvwxXZkoOpqtU]+$|^\d[\d,]*$|^[a-z%+-][\w%,.:=+-]*[,=][\w%,.:=+-]*$|^[-+]?%\w+$|^(pid|ppid|user|comm|cmd|args|rss|vsz|stat|etime|time|tty|lstart)$/,
    read: ["ps aux", "ps -ef", "ps -eo pid,ppid,cmd --sort=-%mem", "ps -p 1 -o comm=", "ps axo pid,comm"],
    notRead: ["ps auxe", "ps eww", "ps e1", "ps --x"]
  },
  {
    names: "pgrep pidof pstree",
    does: "looks for processes",
    isHarmless: true,
    contentFrom: "none",
    flags:
      "-acdflnovxLswAchGgHhlNnpSTtUuZq -P: -u: -U: -G: -t: -g: -s: -d: -F: -o: --full --list-name --list-full --newest --oldest --count --exact --parent= --euid= --uid= --single-shot --show-pids --arguments --ascii",
    read: ["pgrep -fa nginx", "pgrep -u root sshd", "pidof nginx", "pstree -p"],
    notRead: ["pgrep --signal 9 x", "pgrep --x"]
  },
  {
    names: "top iotop",
    does: "shows processes once",
    flags:
      "-bHiSc1oPkqta -n:number -d:number -p:number -u:name -U:name -o:dash -w? -E:name -e:name --batch --only --iter=number --delay=number",
    needs: "-b --batch",
    operands: 0,
    read: ["top -bn1", "top -b -n 1 -o %MEM", "iotop -boP -n 1"],
    notRead: ["top", "top -b -n1 -X f"]
  },
  {
    names: "lsof",
    does: "lists open files",
    contentFrom: "none",
    flags: "-abChKlnNOPRtUVvwXL -i? -p: -u: -c:name -g? -s? -F? -r? -o? -d: -T?",
    operands: /^((?![+-])[\w./@:+,-]+|\+([DdfcL]|L\d+|c\d+|fg))$/,
    read: [
      "lsof +L1",
      "lsof +D /var/log",
      "lsof -i :80",
      "lsof -nP -iTCP -sTCP:LISTEN",
      "lsof -p 1",
      "lsof /var/log/syslog",
      "lsof -u root"
    ],
    notRead: ["lsof -D b/tmp/x", "lsof -Df", "lsof -k /tmp/x", "lsof -m x", "lsof -e x"]
  },
  {
    names: "fuser",
    does: "lists who uses a file",
    contentFrom: "none",
    flags: "-acfImMnuv46 -n:name --all --user --verbose --namespace=name --mount",
    operands: /^(?!-)[\w./@:+,-]+$/,
    read: ["fuser -v 80/tcp", "fuser -m /srv", "fuser -n tcp 22"],
    notRead: ["fuser -k 80/tcp", "fuser -vk /srv", "fuser --kill /srv", "fuser 80/tcp -k", "fuser -9 x"]
  },
  {
    names: "pmap pwdx",
    does: "shows a process",
    contentFrom: "none",
    flags: "-xXdqp --extended --device --quiet --show-path",
    operands: /^\d+$/,
    read: ["pmap -x 1234", "pwdx 1"],
    notRead: ["pmap -N f 1", "pmap -C x", "pwdx $X"]
  },
  {
    names: "kill",
    flags: "-l? -L -0 --list? --table",
    needs: "-l -L -0 --list --table",
    operands: /^\w+$/,
    otherwise: "destroy",
    read: ["kill -l", "kill -0 1234"],
    notRead: ["kill 1", "kill -9 1", "kill -s KILL 1", "kill -KILL -1", "kill --help 1", "kill --version 1"],
    judge: ({ args }) => {
      const words = args.map((arg) => arg.literal ?? (arg.isDigits && arg.pattern === "*" ? "1" : "\0"))
      const isListing =
        /^(-l|-L|--list|--table)$/.test(words[0] ?? "") && words.slice(1).every((word) => /^\w+$/.test(word))
      const isProbe = words[0] === "-0" && words.length > 1 && words.slice(1).every((word) => /^\d+$/.test(word))
      return isListing || isProbe
        ? { class: "read", why: "lists signals, or asks whether a process is there" }
        : { class: "destroy", why: "sends a signal to a process" }
    }
  },
  {
    names: "ionice",
    judge: (call) =>
      call.args.length === 2 && call.args[0]?.literal === "-p"
        ? call.apply({ flags: "-p:number", does: "shows how a process is scheduled", contentFrom: "none" })
        : IONICE(call),
    read: ["ionice -p 1", "ionice -c3 du -sh /srv", "ionice -c 2 -n 7 ls"],
    notRead: ["ionice -c3 sh", "ionice -c3 -p 1", "ionice -c3 rm x", "ionice -c 3 -P 1"]
  },
  {
    names: "chrt taskset renice prlimit",
    does: "shows how a process is scheduled",
    flags: "-p:number -c --pid=number",
    needs: "-p --pid",
    operands: 0,
    judge: ({ args, name, apply }) =>
      name === "prlimit" && /^(-p|--pid)[ =]?\d+$/.test(args.map((arg) => arg.literal ?? "\0").join(" "))
        ? { class: "read", why: "shows the limits of a process" }
        : name !== "renice" &&
            args.every((arg) => arg.literal !== undefined || arg.isDigits) &&
            /^-c?p$/.test(args[0]?.literal ?? "") &&
            args.length === 2
          ? apply({ flags: name === "taskset" ? "-c -p:number -cp:number" : "-p:number", operands: 1 })
          : { class: "unknown", why: `${name} that changes a process or runs a program` },
    read: ["chrt -p 1", "taskset -p 1", "prlimit --pid 1"],
    notRead: [
      "chrt -f 1 sh",
      "taskset 1 sh",
      "renice -n 5 -p 1",
      "prlimit --pid 1 --nofile=1",
      "taskset -p 1 1",
      "chrt -p 1 1"
    ]
  },
  {
    names: "ulimit",
    flags: "-aHS -c -d -e -f -i -l -m -n -p -q -r -s -t -u -v -x",
    operands: 0,
    otherwise: "write",
    read: ["ulimit -a", "ulimit -n"],
    notRead: ["ulimit -n 1024", "ulimit -c 0"]
  },
  {
    names: "sar sadf",
    flags:
      "-AbBdFHhpqrRSuvVwWyz -n:name -P:name -I:name -f: -s: -e: -m:name -j:name -q? --human --pretty --dev=name --iface=name",
    operands: /^\d+$/,
    contentFrom: "none",
    read: ["sar -u 1 3", "sar -n DEV", "sar -q", "sar -f /var/log/sa/sa01"],
    notRead: ["sar -o f 1 3", "sadf -c x", "sar 1 3 f"]
  },
  changes("killall pkill skill snice", "destroy", "sends signals to processes", ["killall nginx", "pkill -f x"]),
  changes("strace ltrace gdb perf bpftrace crash gcore", "unknown", "steers, traces or dumps programs", [
    "strace ls",
    "gdb -ex '!id'",
    "perf record x"
  ])
]
