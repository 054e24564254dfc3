import type { Form, Model } from "../model.ts"

const DEVICE: Form = { contentFrom: "none", operands: /^(dev|up|master|type|vrf|[\w.@:-]+)$/ }
const LISTING: Form = {
  contentFrom: "none",
  operands:
    /^(dev|table|all|main|local|default|proto|scope|via|from|to|root|match|exact|type|up|vrf|nud|reachable|stale|kernel|static|cache|permanent|global|link|host|\d+|[\da-fA-F.:/]+|(eth|en|wl|br|docker|veth|bond|tun|tap|wg|lo|vlan|virbr|cni|flannel|cali|dummy)[\w.@:-]*)$/
}
const ROUTE_GET: Form = { contentFrom: "none", operands: /^([\da-fA-F.:/]+|from|to|iif|oif|dev|mark|[\w.-]+)$/ }

const IP_OBJECTS: Readonly<Record<string, ReadonlyArray<string>>> = {
  a: ["a", "ad", "addr", "address"],
  l: ["l", "link"],
  r: ["r", "ro", "route"],
  n: ["n", "neigh", "neighbor", "neighbour"],
  ru: ["ru", "rule"],
  m: ["maddr", "mroute", "tunnel", "tuntap", "ntable", "vrf", "tcpmetrics"]
}

const ipSubcommands = (): Record<string, Form> => {
  const known: Record<string, Form> = {}
  for (const object of Object.values(IP_OBJECTS).flat()) {
    known[object] = { operands: 0 }
    for (const verb of ["show", "sh", "s", "list", "ls", "lst"])
      known[`${object} ${verb}`] = /^l/.test(object) ? DEVICE : LISTING
  }
  // `ip link s` is `ip link set`.
  for (const link of IP_OBJECTS["l"] ?? []) delete known[`${link} s`]
  for (const route of IP_OBJECTS["r"] ?? []) known[`${route} get`] = ROUTE_GET
  known["netns"] = { operands: 0 }
  known["netns list"] = { operands: 0 }
  known["netns show"] = { operands: 0 }
  known[""] = { operands: 0 }
  return known
}

export const network: ReadonlyArray<Model> = [
  {
    names: "ip",
    flags:
      "-4 -6 -s -d -o -h -j -p -V -br -brief -c -color -details -stats -statistics -oneline -json -pretty -human -ts -t -0 -r -resolve --brief --json",
    style: "whole",
    subcommands: ipSubcommands(),
    otherwise: "unknown",
    changes: {
      write:
        "link set,addr add,address add,addr del,route add,route del,route flush,addr flush,link add,link delete,link del,neigh flush,neigh add,rule add,rule del,a add,a del,r add,r del,l set"
    },
    read: [
      "ip a",
      "ip -br addr show",
      "ip route get 8.8.8.8",
      "ip -s link show eth0",
      "ip neigh",
      "ip rule list",
      "ip -4 addr show dev eth0",
      "ip r"
    ],
    notRead: [
      "ip link set eth0 down",
      "ip l s eth0 down",
      "ip addr add 1.2.3.4/24 dev eth0",
      "ip netns exec x sh",
      "ip -batch f",
      "ip -b f",
      "ip route flush all",
      "ip -n x a",
      "ip vrf exec x sh",
      "ip a a 1.1.1.1 dev x",
      "ip $X",
      "ip route save",
      "ip -force -batch f"
    ]
  },
  {
    names: "ss netstat",
    read: [
      "ss -tulpn",
      "ss -s",
      "netstat -plant",
      "ss -o state established '( dport = :443 )'",
      "netstat -rn",
      "ss -tan state time-wait"
    ],
    notRead: [
      "ss -K dst 1.2.3.4",
      "ss --kill dst x",
      "ss -D f",
      "ss -F f",
      "ss -N x",
      "ss -tK",
      "ss -a -F f",
      "ss --ki"
    ],
    judge: (call) =>
      call.name === "ss" && call.args.some((arg) => /^-[a-zA-Z]*N/.test(arg.prefix))
        ? { class: "unknown", why: "ss in another network namespace" }
        : call.apply(SOCKETS)
  },
  {
    names: "ifconfig",
    flags: "-av",
    operands: 1,
    otherwise: "write",
    read: ["ifconfig", "ifconfig -a", "ifconfig eth0"],
    notRead: ["ifconfig eth0 down", "ifconfig eth0 1.2.3.4"]
  },
  {
    names: "route arp",
    flags: "-nveaC",
    operands: 0,
    otherwise: "write",
    read: ["route -n", "arp -an"],
    notRead: ["route add default gw x", "arp -d x", "arp -s a b", "arp -f f"]
  },
  {
    names: "brctl",
    subcommands: { show: { operands: 1 }, showmacs: { operands: 1 } },
    read: ["brctl show"],
    notRead: ["brctl addbr x"]
  },
  {
    names: "bridge tc",
    flags: "-s -d -j -c",
    style: "whole",
    subcommands: {
      link: { operands: 0 },
      "link show": DEVICE,
      fdb: { operands: 0 },
      "fdb show": DEVICE,
      "vlan show": DEVICE,
      "qdisc show": DEVICE,
      "class show": DEVICE,
      "filter show": DEVICE
    },
    read: ["bridge link", "tc -s qdisc show dev eth0"],
    notRead: ["tc qdisc add dev x", "bridge fdb add x", "tc -batch f", "tc exec bpf"]
  },
  {
    names: "ethtool",
    flags:
      "-iSkgaclTmnPx --driver --statistics --show-features --show-ring --show-pause --show-coalesce --show-channels",
    operands: 1,
    contentFrom: "none",
    read: ["ethtool eth0", "ethtool -i eth0", "ethtool -S eth0"],
    notRead: [
      "ethtool -s eth0 speed 10",
      "ethtool -K eth0 gro off",
      "ethtool -p eth0",
      "ethtool -f eth0 x",
      "ethtool -E eth0"
    ]
  },
  {
    names: "mii-tool iwconfig iwgetid",
    flags: "-vasz --version",
    operands: 1,
    contentFrom: "none",
    read: ["iwgetid"],
    notRead: ["iwconfig wlan0 essid x", "mii-tool -r x"]
  },
  {
    names: "nmcli",
    flags: "-t -p -g:name -f:name -m:name -c:name --terse --pretty --fields=name --get-values=name --colors=name",
    subcommands: {
      "": "",
      general: { operands: 0 },
      "general status": "",
      "g status": "",
      device: { operands: 0 },
      dev: { operands: 0 },
      "device status": "",
      "dev status": "",
      "device show": { operands: 1 },
      "dev show": { operands: 1 },
      connection: { operands: 0 },
      "connection show": { operands: 1 },
      "con show": { operands: 1 },
      "c show": { operands: 1 },
      "device wifi list": { operands: 0 },
      radio: { operands: 0 }
    },
    read: ["nmcli device status", "nmcli con show", "nmcli -t -f NAME con show"],
    notRead: ["nmcli con up x", "nmcli -s con show x", "nmcli general hostname x", "nmcli radio wifi off"]
  }
]

const SOCKETS: Form = {
  does: "lists sockets",
  contentFrom: "none",
  flags:
    "-altunpesoimrxwSZHO460bTcMvWCg -f:name -A:name --all --listening --tcp --udp --numeric --processes --summary --extended --options --memory --info --resolve --unix --raw --no-header --oneline --ipv4 --ipv6 --statistics --route --interfaces --programs --continuous --wide --groups --family=name --query=name",
  operands: /^[\w :=<>!().,*/[\]-]+$/
}
