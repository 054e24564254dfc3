import type { Form, Model } from "../model.ts"

const NAMES: Form = { contentFrom: "none", operands: /^[\w.+*:@/~=^-]+$/ }
const named = (flags: string): Form => ({ ...NAMES, flags })
const ALTERING =
  "install,upgrade,update,full-upgrade,dist-upgrade,add,reinstall,fix,build-dep,download,makecache,downgrade,localinstall"
const REMOVING = "remove,purge,autoremove,del,clean,autoclean,erase"

const SIMULATED = /^(-y|-q|-qq|-V|[a-z\d][a-z\d.+:-]*)$/
const isSimulation = (words: ReadonlyArray<string | undefined>): boolean =>
  /^(-s|--simulate|--dry-run|--just-print|--no-act)$/.test(words[0] ?? "") &&
  /^(upgrade|dist-upgrade|full-upgrade|install|remove|purge|autoremove)$/.test(words[1] ?? "") &&
  words.slice(2).every((word) => SIMULATED.test(word ?? "\0"))

const APT: Form = {
  flags: "-q --version",
  subcommands: {
    list: named("-a --installed --upgradable --upgradeable --all-versions --manual-installed -q"),
    search: named("-n --names-only -f --full"),
    show: named("-a --all-versions --no-all-versions"),
    policy: NAMES,
    madison: NAMES,
    depends: named("-i --installed --recurse --important"),
    rdepends: named("--installed --recurse"),
    showpkg: NAMES,
    showsrc: NAMES,
    stats: NAMES,
    pkgnames: NAMES
  },
  changes: { write: ALTERING, destroy: REMOVING }
}
const DPKG_MODES =
  "-l -L -s -S -p -C -V --list --listfiles --status --search --print-avail --get-selections --print-architecture --print-foreign-architectures --audit --verify"
const DPKG: Form = {
  does: "shows packages",
  flags: `${DPKG_MODES} --no-pager -c:name -I:name`,
  needs: `${DPKG_MODES} -c -I`,
  contentFrom: "none"
}
const RPM: Form = {
  does: "asks about packages",
  flags:
    "-qailRcdfpVvs --query --all --info --list --requires --changelog --provides --file --whatprovides --whatrequires --configfiles --docfiles --last --qf= --queryformat= --verify --scripts --conflicts --state --triggers --nosignature --nodigest --recommends",
  needs: "-q -V --query --verify",
  contentFrom: "none",
  operands: /^[\w./+:*@~-]+$/
}
/** What `-i`, `-F` and others mean depends on the mode, which has to come first. */
const RPM_FIRST = /^(-q|-V|--query|--verify|--version|--help)/
/** Tags, and the formats that only print: `%{lua:…}` and `%(…)` run. */
const RPM_MACRO =
  /%\(|lua|%\{[^A-Za-z\d=]|%\{\w+:(?!(date|day|hex|humaniec|humansi|octal|perms|shescape|string|fflags)\})/

export const packages: ReadonlyArray<Model> = [
  {
    names: "apt apt-get apt-cache aptitude",
    judge: (call) =>
      isSimulation(call.args.map((arg) => arg.literal))
        ? { class: "read", why: `${call.name} simulates without changing anything` }
        : call.apply(APT),
    read: [
      "apt list --upgradable",
      "apt-cache policy nginx",
      "apt show nginx",
      "apt search '^nginx'",
      "apt-get -s upgrade",
      "apt-cache rdepends libc6"
    ],
    notRead: [
      "apt install x",
      "apt-get update",
      "apt-get -o APT::Update::Pre-Invoke::=sh update",
      "apt-get changelog apt",
      "apt -c f list",
      "apt-get -s install -o Dpkg::Pre-Invoke=x a",
      "apt list -o x=y"
    ]
  },
  {
    names: "apt-mark apt-config",
    subcommands: { showhold: NAMES, showmanual: NAMES, showauto: NAMES, dump: { operands: 0 } },
    read: ["apt-mark showhold", "apt-config dump"],
    notRead: ["apt-mark hold x", "apt-config shell x y"]
  },
  {
    names: "dpkg",
    judge: (call) =>
      call.args.every((arg) => /^(-l|--list)$/.test(arg.literal ?? "")) && !call.scope.isPiped
        ? { class: "unknown", why: "the list of all packages opens a pager" }
        : call.apply(DPKG),
    read: ["dpkg -l nginx", "dpkg -l | grep nginx", "dpkg -L bash", "dpkg -S /bin/ls", "dpkg --get-selections"],
    notRead: [
      "dpkg -i x.deb",
      "dpkg -l",
      "dpkg -r x",
      "dpkg --pre-invoke=sh -l x",
      "dpkg --configure -a",
      "dpkg --root=/x -l y",
      "dpkg --status-logger=x -l y"
    ]
  },
  {
    names: "dpkg-query",
    flags: "-lLsSW -f:dash --list --listfiles --status --search --show --showformat=",
    needs: "-L -s -S -W --listfiles --status --search --show",
    contentFrom: "none",
    read: ["dpkg-query -W bash"],
    notRead: ["dpkg-query --admindir=x -W", "dpkg-query -l"]
  },
  {
    names: "debsums",
    flags: "-cs -a --changed --silent --all",
    contentFrom: "none",
    operands: /^[\w.+-]+$/,
    read: ["debsums -s"],
    notRead: ["debsums --root=/x"]
  },
  {
    names: "dnf yum microdnf dnf5",
    flags: "-q -C -v --quiet --cacheonly --version",
    inherited: "-q -C -v --quiet --cacheonly --enablerepo=name --disablerepo=name --showduplicates",
    subcommands: {
      "": "",
      list: named("--installed --available --updates --upgrades --all --extras --obsoletes --security"),
      info: named("--installed --available"),
      search: named("--all"),
      "check-update": NAMES,
      repolist: named("--all --enabled --disabled"),
      repoinfo: NAMES,
      provides: NAMES,
      whatprovides: NAMES,
      deplist: NAMES,
      repoquery: named("-l --list --requires --provides --whatrequires=name --installed --info"),
      history: { operands: 0 },
      "history list": NAMES,
      "history info": NAMES,
      grouplist: NAMES,
      "group list": NAMES,
      "group info": NAMES,
      updateinfo: { operands: 0 },
      "updateinfo list": NAMES,
      "updateinfo info": NAMES,
      "module list": NAMES
    },
    changes: { write: ALTERING, destroy: REMOVING },
    read: [
      "dnf list installed",
      "yum check-update",
      "dnf info nginx",
      "dnf repolist -v",
      "yum history",
      "dnf provides /usr/bin/dig"
    ],
    notRead: [
      "yum install x",
      "dnf -c f list",
      "dnf --setopt=x=y list",
      "dnf history undo 1",
      "dnf clean all",
      "dnf list --installroot=/x",
      "dnf shell"
    ]
  },
  {
    names: "rpm",
    judge: (call) =>
      call.args.some((arg) => RPM_MACRO.test(arg.pattern) || arg.pattern.includes("://")) ||
      !RPM_FIRST.test(call.args[0]?.literal ?? "")
        ? { class: "unknown", why: "rpm with a macro or an address, or that does not begin with a question" }
        : call.apply(RPM),
    read: [
      "rpm -qa",
      "rpm -qi bash",
      "rpm -qf /bin/ls",
      "rpm -qa --qf '%{NAME} %{VERSION}\\n'",
      "rpm -V bash",
      "rpm -q --changelog bash"
    ],
    notRead: [
      "rpm -i x.rpm",
      "rpm -iq x.rpm",
      "rpm -e x",
      "rpm --eval '%(sh)'",
      "rpm -E '%{lua:x}'",
      "rpm --pipe sh -q x",
      "rpm -qa --define 'x y'",
      "rpm -q --qf '%{lua:os.execute(\"id\")}'",
      "rpm -Uvh x",
      "rpm -qp http://x/y.rpm"
    ]
  },
  {
    names: "apk",
    flags: "-q -v --quiet --verbose --version",
    inherited: "-q -v -a",
    subcommands: {
      "": "",
      list: named("-I -u --installed --upgradable --available"),
      info: named("-d -L -R -r -s -w -e -W --contents --depends --description --all --who-owns"),
      search: named("-x -e -d --exact --description"),
      version: NAMES,
      policy: NAMES,
      stats: { operands: 0 }
    },
    changes: { write: ALTERING, destroy: REMOVING },
    read: ["apk info -vv", "apk list --installed", "apk search nginx"],
    notRead: ["apk add x", "apk del x", "apk --root=/x info", "apk fetch x", "apk info --root x"]
  },
  {
    names: "pacman",
    judge: ({ args }) => {
      const [mode = "", ...rest] = args.map((arg) => arg.literal ?? "\0")
      const isQuery =
        /^-(Q[ielkmoqtdus]*|Sq?[sigl][siglq]*|F[lsx]+|V)$/.test(mode) &&
        rest.every((word) => /^[\w./+@:][\w./+@:-]*$/.test(word))
      return isQuery
        ? { class: "read", why: "asks about packages" }
        : { class: "unknown", why: "pacman that is not known to ask only" }
    },
    read: ["pacman -Qi bash", "pacman -Ss nginx", "pacman -Qu"],
    notRead: [
      "pacman -S x",
      "pacman -Sq x",
      "pacman -Syu",
      "pacman -R x",
      "pacman -U x",
      "pacman -Q --config x",
      "pacman -Fy",
      "pacman -Ss x --hookdir y"
    ]
  },
  {
    names: "zypper",
    flags: "-q --quiet --no-refresh --non-interactive -n",
    subcommands: {
      search: named("-s -i -x"),
      se: named("-s -i -x"),
      info: NAMES,
      repos: named("-u -d"),
      lr: named("-u -d"),
      "list-updates": NAMES,
      lu: NAMES,
      packages: named("-i"),
      patches: NAMES
    },
    read: ["zypper lu", "zypper se nginx", "zypper lr -u"],
    notRead: ["zypper install x", "zypper ref", "zypper --root /x se y", "zypper shell"]
  }
]
