// Firewalls: listings of their rules.
import type { Model } from "../model.ts"

export const firewall: ReadonlyArray<Model> = [
  {
    names: "iptables ip6tables iptables-legacy iptables-nft ebtables arptables",
    does: "lists rules",
    flags: "-LSnvx -t:name --list --list-rules --numeric --verbose --line-numbers --table=name --exact",
    needs: "-L -S --list --list-rules",
    operands: /^[A-Z][\w-]*$|^\d+$/i,
    contentFrom: "none",
    otherwise: "write",
    read: ["iptables -L -n -v", "iptables -t nat -S", "iptables -nvL INPUT --line-numbers", "ip6tables -S"],
    notRead: [
      "iptables -F",
      "iptables -A INPUT -j DROP",
      "iptables -L -Z",
      "iptables -LZ",
      "iptables -P INPUT DROP",
      "iptables -L --modprobe=/tmp/x",
      "iptables -L -M x"
    ]
  },
  {
    names: "iptables-save ip6tables-save",
    flags: "-c -t:name --counters",
    operands: 0,
    read: ["iptables-save", "iptables-save -t nat"],
    notRead: ["iptables-save -f x", "iptables-save -M x"]
  },
  {
    names: "nft",
    read: ["nft list ruleset", "nft -a list table inet filter"],
    notRead: [
      "nft flush ruleset",
      "nft -f f",
      "nft list ruleset ';' flush ruleset",
      "nft 'list ruleset; flush ruleset'",
      "nft -i",
      "nft -I x list ruleset",
      "nft list tables ';flush ruleset'"
    ],
    judge: (call) => {
      const isWords = call.args.every((arg) =>
        /^(-(a|n|nn|j|s|y)|--(handle|numeric|json|stateless)|[\w-]+)$/.test(arg.literal ?? "\0")
      )
      const words = call.args.map((arg) => arg.literal ?? "").filter((word) => !word.startsWith("-"))
      const isList =
        words[0] === "list" && /^(ruleset|tables?|chains?|sets?|maps?|counters|hooks|flowtables)$/.test(words[1] ?? "")
      return isWords && isList
        ? { class: "read", why: "nft lists rules" }
        : {
            class: call.args.every((arg) => arg.literal !== undefined) ? "write" : "unknown",
            why: "nft that is not known to list only"
          }
    }
  },
  {
    names: "ufw",
    flags: "--version",
    subcommands: {
      status: { operands: /^(verbose|numbered)$/ },
      "app list": { operands: 0 },
      "show added": { operands: 0 },
      "show listening": { operands: 0 },
      "show raw": { operands: 0 },
      version: { operands: 0 }
    },
    otherwise: "write",
    read: ["ufw status verbose", "ufw status"],
    notRead: ["ufw disable", "ufw allow 22", "ufw --force reset", "ufw status x"]
  },
  {
    names: "firewall-cmd",
    does: "shows rules",
    flags:
      "--state --list-all --list-all-zones --get-active-zones --get-zones --get-services --get-default-zone --list-ports --list-services --list-rich-rules --permanent --zone=name --info-zone=name --info-service=name --query-port=name --query-service=name",
    operands: 0,
    otherwise: "write",
    read: ["firewall-cmd --list-all", "firewall-cmd --state", "firewall-cmd --zone=public --list-ports"],
    notRead: [
      "firewall-cmd --reload",
      "firewall-cmd --add-port=80/tcp",
      "firewall-cmd --panic-on",
      "firewall-cmd --set-default-zone=x"
    ]
  },
  {
    names: "fail2ban-client",
    subcommands: {
      status: { operands: 1 },
      ping: { operands: 0 },
      version: { operands: 0 },
      banned: { operands: 0 },
      get: { operands: /^(?!.*action)[\w-]+$/ }
    },
    read: ["fail2ban-client status", "fail2ban-client status sshd"],
    notRead: [
      "fail2ban-client set sshd unbanip 1.2.3.4",
      "fail2ban-client reload",
      "fail2ban-client -c /tmp status",
      "fail2ban-client set sshd addaction x"
    ]
  },
  {
    names: "pfctl",
    flags: "-s:name -v",
    needs: "-s",
    operands: 0,
    read: ["pfctl -s rules"],
    notRead: ["pfctl -F all", "pfctl -d", "pfctl -f x"]
  }
]
