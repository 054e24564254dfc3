// Time, kernel, hardware, and what guards them.
import { always, changes } from "../judges/changing.ts"
import type { Model } from "../model.ts"

const FACTS = {
  does: "shows facts about the system",
  contentFrom: "none",
  operands: /^[\w,.-]+$/,
  flags:
    "-# -asnrvmpioAbBchHgklLMwtdxyzCNSuVjJqPTRUDW --all --summary --online --human --human-readable --hex --json --pretty --since --extended? --parse? --bytes --kibi --mebi --gibi --mega --giga --tera --si --total --wide --lohi --short --release --description --id --codename --kernel-name --kernel-release --machine --nodename --operating-system --hardware --show --ignore=number --queues --semaphores --shmems --limits --once --forks --slabs --stats --disk --timestamp --active"
} as const

/** binutils take their options from a file that is named after an @. */
const NOT_RESPONSE_FILE = /^(?!@)/

export const kernel: ReadonlyArray<Model> = [
  {
    names: "date",
    flags: "-uR -I? -d: -r: --utc --universal --date= --iso-8601? --rfc-3339= --rfc-email --reference= --resolution",
    operands: /^\+/,
    otherwise: "write",
    contentFrom: "none",
    read: ["date", "date -u +%FT%TZ", "date -d yesterday +%F", "date -Is"],
    notRead: [
      "date -s 10:00",
      "date --set=x",
      "date 010100002000",
      "date -f /etc/shadow",
      "date --se=x",
      "date $X",
      "date +%F 0101"
    ]
  },
  {
    names: "hwclock",
    flags: "-rv --show --get --verbose --utc --localtime",
    operands: 0,
    otherwise: "write",
    read: ["hwclock --show", "hwclock -r"],
    notRead: ["hwclock -w", "hwclock --systohc", "hwclock --set --date=x"]
  },
  {
    names:
      "uptime lscpu lsmem lsipc lsns getconf lsb_release locale ipcs lslocks free numactl vmstat mpstat pidstat iostat lsirq",
    read: [
      "free -h",
      "uptime -p",
      "lscpu",
      "vmstat 1 5",
      "iostat -xz 1 3",
      "lsb_release -a",
      "getconf PAGE_SIZE",
      "numactl --hardware"
    ],
    notRead: ["free --x", "pidstat -e ls", "numactl ls rm", "locale $(id)"],
    judge: (call) =>
      call.name === "numactl" &&
      !(call.args.length === 1 && /^(-H|-s|--hardware|--show)$/.test(call.args[0]?.literal ?? ""))
        ? { class: "unknown", why: "numactl that runs a program" }
        : call.apply(FACTS)
  },
  {
    names: "uname arch nproc tty logname whoami runlevel",
    flags: "-asnrvmpio --all --kernel-name --kernel-release --machine --nodename --operating-system --ignore=number",
    operands: 0,
    read: ["uname -a", "nproc --all", "whoami"],
    notRead: ["uname -S x", "arch ls"]
  },
  {
    names: "sysctl",
    flags: "-aAnNeqx --all --names --values --pattern=dash",
    operands: /^(?!.*\.\.)[\w./*-]+$/,
    contentFrom: "none",
    otherwise: "write",
    read: ["sysctl -a", "sysctl vm.swappiness", "sysctl -n net.ipv4.ip_forward"],
    notRead: [
      "sysctl -w vm.swappiness=1",
      "sysctl vm.swappiness=1",
      "sysctl -p",
      "sysctl -n /../../etc/shadow",
      "sysctl --system",
      "sysctl $X",
      "sysctl --load=x"
    ]
  },
  {
    names: "lsmod modinfo lspci lsusb lsscsi biosdecode",
    does: "shows hardware and kernel modules",
    contentFrom: "none",
    flags: "-vknmqtDagislAPuGcSNwfj -d:name -s:name --verbose --tree --json",
    operands: /^[\w@.:-]+$/,
    read: ["lsmod", "lspci -nnk", "lsusb -t", "modinfo ext4"],
    notRead: ["lspci -O x=y", "modinfo /tmp/x.ko", "lspci -F f", "lspci -H1"]
  },
  {
    names: "sensors",
    does: "shows temperatures and fans",
    flags: "-uAfjv",
    operands: /^[\w*-]+$/,
    read: ["sensors", "sensors -u", "sensors coretemp-isa-0000"],
    notRead: ["sensors -s", "sensors -s coretemp-isa-0000", "sensors --set", "sensors -c /tmp/x"]
  },
  {
    names: "dmidecode",
    flags: "-q -s:word -t:word --string=word --type=word --quiet",
    operands: 0,
    read: ["dmidecode -t memory", "dmidecode -s system-serial-number"],
    notRead: ["dmidecode --dump-bin f", "dmidecode -d /x", "dmidecode --from-dump f"]
  },
  {
    names: "lshw",
    style: "whole",
    flags: "-short -businfo -numeric -quiet -sanitize -json -html -xml -C:name -c:name -class:name -notime",
    operands: 0,
    read: ["lshw -short", "lshw -C network"],
    notRead: ["lshw -dump x", "lshw -X", "lshw -f f"]
  },
  {
    names: "dmesg",
    isPaging: true,
    flags:
      "-TtdekrLuwWx -l:name -f:name --ctime --level=name --facility=name --kernel --decode --follow --nopager --reltime --notime --raw --time-format=name --color? -P --since= --until=",
    operands: 0,
    contentFrom: "none",
    read: ["dmesg", "dmesg -T", "dmesg --level=err,warn", "dmesg -T | tail"],
    notRead: [
      "dmesg -H",
      "dmesg -c",
      "dmesg -C",
      "dmesg -n 1",
      "dmesg -D",
      "dmesg --clear",
      "dmesg --console-level 1",
      "dmesg -Tc",
      "dmesg -F /etc/shadow",
      "dmesg --read-clear"
    ]
  },
  {
    names: "getenforce sestatus aa-status apparmor_status",
    flags: "-vb --enabled --verbose --json",
    operands: 0,
    read: ["getenforce", "sestatus -v", "aa-status"],
    notRead: ["getenforce 0", "aa-status x"]
  },
  {
    names: "auditctl",
    flags: "-ls",
    operands: 0,
    needs: "-l -s",
    read: ["auditctl -l", "auditctl -s"],
    notRead: ["auditctl -e 0", "auditctl -D", "auditctl -R f"]
  },
  {
    names: "update-alternatives alternatives",
    flags: "--display --list --query --get-selections",
    needs: "--display --list --query --get-selections",
    operands: 1,
    read: ["update-alternatives --display java", "update-alternatives --list editor"],
    notRead: ["update-alternatives --config java", "update-alternatives --set x y", "alternatives --install a b c 1"]
  },
  {
    names: "tuned-adm",
    subcommands: { active: "", list: "", recommend: "", verify: "" },
    read: ["tuned-adm active"],
    notRead: ["tuned-adm profile x"]
  },
  {
    names: "chronyc",
    flags: "-nv",
    subcommands: Object.fromEntries(
      ["tracking", "sources", "sourcestats", "activity", "clients", "serverstats", "ntpdata"].map((key) => [
        key,
        { operands: 0, flags: "-v" }
      ])
    ),
    read: ["chronyc tracking", "chronyc sources -v", "chronyc -n sources"],
    notRead: ["chronyc makestep", "chronyc add server x", "chronyc tracking makestep", "chronyc -h x tracking"]
  },
  {
    names: "ntpq ntpstat",
    flags: "-pna",
    operands: 0,
    read: ["ntpq -pn", "ntpstat"],
    notRead: ["ntpq -c 'config x'", "ntpq host"]
  },
  {
    names: "ldconfig",
    flags: "-pv -NX --print-cache",
    needs: "-p --print-cache",
    operands: 0,
    read: ["ldconfig -p"],
    notRead: ["ldconfig", "ldconfig -C x -p"]
  },
  {
    names: "ldd",
    operands: /^\/(usr\/)?s?bin\/[\w.+-]+$/,
    flags: "-vu",
    contentFrom: "none",
    read: ["ldd /usr/bin/ls"],
    notRead: ["ldd ./evil", "ldd /tmp/x", "ldd /usr/bin/../../tmp/x"]
  },
  {
    names: "nm objdump readelf size",
    flags: "-aAChdDefgGhHlnpPrRsStTuWwxVXin",
    contentFrom: "none",
    operands: NOT_RESPONSE_FILE,
    read: ["readelf -h /bin/ls", "nm -D lib.so", "objdump -x a"],
    notRead: ["nm @/etc/shadow", "nm --plugin=x f", "objdump --dwarf-depth=x f"]
  },
  changes(
    "modprobe insmod rmmod depmod update-grub grub-install update-initramfs dracut mkinitcpio kexec setenforce setsebool restorecon",
    "privilege",
    "changes the kernel or its rules",
    ["modprobe x", "insmod x.ko", "setenforce 0", "kexec -l x"]
  ),
  always("reboot shutdown poweroff halt init telinit", "destroy", "stops the system", [
    "reboot",
    "shutdown -h now",
    "init 0",
    "poweroff -f",
    "reboot --help"
  ]),
  always("at batch systemd-run", "unknown", "runs something later or elsewhere", ["at now", "systemd-run x"])
]
