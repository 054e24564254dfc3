// Devices, sensors and what the kernel knows of them.
import { lines } from "../judges/lines.ts"
import type { Model } from "../model.ts"

export const hardware: ReadonlyArray<Model> = [
  {
    names: "nvidia-smi",
    does: "shows graphics processors",
    flags:
      "-Lqx -i:number -d:name -l:number --list-gpus --query --query-gpu=name --query-compute-apps=name --format=name --loop=number",
    operands: 0,
    read: ["nvidia-smi", "nvidia-smi -L", "nvidia-smi --query-gpu=name,memory.used --format=csv"],
    notRead: [
      "nvidia-smi -r",
      "nvidia-smi -pm 1",
      "nvidia-smi -f out",
      "nvidia-smi -q -f out",
      "nvidia-smi --gpu-reset"
    ]
  },
  lines(
    "ipmitool",
    /^(sdr|sdr list|sensor|sensor list|sel (list|elist|info)|fru|fru print|chassis status|(chassis )?power status|lan print( \d+)?|[bm]c info|user list( \d+)?)$/,
    ["ipmitool sdr", "ipmitool sel list", "ipmitool chassis power status"],
    [
      "ipmitool power off",
      "ipmitool chassis power cycle",
      "ipmitool sel clear",
      "ipmitool -f x sdr",
      "ipmitool exec f",
      "ipmitool raw 0 1"
    ]
  ),
  {
    names: "upower",
    does: "shows batteries",
    flags: "-dev -i: --dump --enumerate --show-info=",
    operands: 0,
    contentFrom: "none",
    read: ["upower -d", "upower -i /org/freedesktop/UPower/devices/battery_BAT0"],
    notRead: ["upower $X"]
  },
  { names: "acpi", flags: "-VbatTcifs", operands: 0, read: ["acpi -b"], notRead: ["acpi -d /tmp/x"] },
  lines(
    "iw",
    /^(dev|list|phy|reg get|dev [\w-]+ (info|link|station dump|survey dump))$/,
    ["iw dev", "iw dev wlan0 link"],
    ["iw dev wlan0 set txpower fixed 1", "iw reg set US", "iw dev wlan0 del", "iw wlan0 disconnect"]
  ),
  {
    names: "udevadm",
    flags: "--version",
    subcommands: {
      "": "",
      info: {
        flags:
          "-aexr -q:name|symlink|path|property|all -n: -p: --query=name|symlink|path|property|all --name= --path= --attribute-walk --export-db --export",
        operands: /^\/(dev|sys)\/[\w./:-]+$/,
        contentFrom: "none"
      }
    },
    read: ["udevadm info /dev/sda", "udevadm info --query=all --name=/dev/sda"],
    notRead: [
      "udevadm trigger",
      "udevadm info -c",
      "udevadm info --cleanup-db",
      "udevadm control --reload",
      "udevadm test /sys/x"
    ]
  },
  {
    names: "getsebool",
    flags: "-a",
    operands: /^\w+$/,
    read: ["getsebool -a", "getsebool httpd_can_network_connect"],
    notRead: ["getsebool $X"]
  },
  {
    ...lines(
      "semanage",
      /^(port|fcontext|boolean|login|user|module|interface) (-l|--list)( -C)?$/,
      ["semanage port -l", "semanage fcontext --list"],
      ["semanage port -a -t x -p tcp 1", "semanage fcontext -d x", "semanage permissive -a x"]
    ),
    otherwise: "privilege"
  },
  {
    names: "slabtop",
    flags: "-o -s:word --once --sort=word",
    needs: "-o --once",
    operands: 0,
    read: ["slabtop -o"],
    notRead: ["slabtop"]
  },
  {
    names: "nfsstat nfsiostat",
    flags: "-mscnrvl234o",
    operands: 0,
    read: ["nfsstat -m"],
    notRead: ["nfsstat --x", "nfsstat -Z"]
  },
  lines(
    "iscsiadm",
    /^-m (session|node|iface|discovery|host)( -P [0-3])?$/,
    ["iscsiadm -m session", "iscsiadm -m session -P 3"],
    ["iscsiadm -m node --login", "iscsiadm -m node -o delete", "iscsiadm -m discovery -t st -p x"]
  ),
  {
    names: "efibootmgr",
    flags: "-v --verbose",
    operands: 0,
    read: ["efibootmgr -v"],
    notRead: ["efibootmgr -b 1 -B", "efibootmgr -o 1,2"]
  },
  lines(
    "lldpctl lldpcli",
    /^(show neighbors( details| summary)?)?$/,
    ["lldpctl", "lldpcli show neighbors"],
    ["lldpcli configure system hostname x", "lldpctl -f json0 x"]
  ),
  lines(
    "bpftool",
    /^(prog|map|net|link|feature)( list| show)?$/,
    ["bpftool prog list"],
    ["bpftool prog load x y", "bpftool map update x", "bpftool prog dump xlated id 1 file f"]
  )
]
