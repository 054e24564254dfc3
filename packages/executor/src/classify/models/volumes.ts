// Volumes, arrays, drives and what is shared from them.
import { changes } from "../judges/changing.ts"
import type { Form, Model } from "../model.ts"

const DEVICES = /^(\/[\w./:-]*|[\w.:@/,-]+)$/
const device = (flags: string, more: Partial<Form> = {}): Form => ({
  contentFrom: "none",
  operands: DEVICES,
  flags,
  ...more
})
const LVM =
  "-aovP -o: -O: -S:name --all --units=name --noheadings --nosuffix --options= --separator=dash --segments --reportformat=name --verbose --sort="

export const volumes: ReadonlyArray<Model> = [
  {
    names: "lvs pvs vgs lvdisplay pvdisplay vgdisplay lvscan pvscan vgscan lvmdiskscan",
    ...device(LVM.replace("-aovP", "-avcCms")),
    read: ["lvs -a", "vgs --units g", "pvs -o pv_name,vg_name", "lvdisplay", "vgdisplay -v vg0"],
    notRead: ["lvs --config x", "pvscan --cache", "lvscan --activate y", "vgscan --mknodes"]
  },
  {
    names: "mdadm",
    ...device("-DQE --detail --query --examine --scan --verbose -v -s", {
      needs: "-D -Q -E --detail --query --examine"
    }),
    read: ["mdadm --detail /dev/md0", "mdadm -D --scan"],
    notRead: [
      "mdadm --stop /dev/md0",
      "mdadm --monitor --program sh",
      "mdadm --fail /dev/md0 x",
      "mdadm --detail --scan --alert x"
    ]
  },
  {
    names: "smartctl",
    ...device(
      "-aAHixcj -d:name -l:error|selftest|background|sataphy|devstat|scttemp|ssd -q:name -n:name --all --health --info --xall --attributes --scan --capabilities --json?",
      { needs: "-a -A -H -i -x -c -l --all --health --info --xall --attributes --scan --capabilities" }
    ),
    read: ["smartctl -a /dev/sda", "smartctl -H /dev/sda", "smartctl --scan"],
    notRead: [
      "smartctl -t long /dev/sda",
      "smartctl -s on /dev/sda",
      "smartctl -a -l scttemp,10 -X /dev/sda",
      "smartctl -l scterc,70,70 /dev/sda"
    ]
  },
  {
    names: "hdparm",
    ...device("-iIgCtT", { needs: "-i -I -g -C -t -T" }),
    read: ["hdparm -I /dev/sda", "hdparm -tT /dev/sda"],
    notRead: ["hdparm -y /dev/sda", "hdparm --security-erase x /dev/sda", "hdparm -W0 /dev/sda", "hdparm /dev/sda -B1"]
  },
  {
    names: "nvme",
    flags: "--version",
    subcommands: {
      list: device("-v -o:name"),
      "list-subsys": device("-o:name"),
      "smart-log": device("-o:name"),
      "error-log": device("-e:number"),
      "id-ctrl": device("-H -o:name"),
      "id-ns": device("-H -o:name -n:number"),
      version: { operands: 0 },
      "": ""
    },
    read: ["nvme list", "nvme smart-log /dev/nvme0"],
    notRead: ["nvme format /dev/nvme0", "nvme fw-download x", "nvme admin-passthru x"]
  },
  {
    names: "dumpe2fs tune2fs xfs_info xfs_db e2label",
    ...device("-hl", {}),
    judge: (call) =>
      call.name === "dumpe2fs"
        ? call.apply(device("-hb"))
        : call.name === "xfs_info"
          ? call.apply(device("", { operands: 1 }))
          : call.name === "tune2fs"
            ? call.apply(device("-l", { needs: "-l" }))
            : call.name === "e2label"
              ? call.apply(device("", { operands: 1 }))
              : { class: "unknown", why: "xfs_db may change a file system" },
    read: ["dumpe2fs -h /dev/sda1", "tune2fs -l /dev/sda1", "xfs_info /srv"],
    notRead: ["tune2fs -c 1 /dev/sda1", "xfs_db -x /dev/sda", "e2label /dev/sda1 x", "tune2fs -l -c 1 /dev/sda1"]
  },
  {
    names: "zfs zpool",
    subcommands: {
      list: device("-Hprv -o:name -t:name -s:name -d:number"),
      get: device("-Hpr -o:name -s:name -t:name"),
      status: device("-vxLPDt"),
      iostat: device("-vlHpqyn"),
      history: device("-il"),
      events: device("-v"),
      version: { operands: 0 }
    },
    changes: {
      write: "create,set,mount,snapshot,scrub,import",
      destroy: "destroy,rollback,export,offline,clear,labelclear"
    },
    read: ["zpool status -v", "zfs list -t snapshot", "zfs get all tank", "zpool iostat 1 3"],
    notRead: ["zfs destroy tank", "zpool scrub tank", "zfs send tank@x", "zpool status -c sh", "zpool events -c"]
  },
  {
    names: "btrfs",
    subcommands: {
      "filesystem show": device("-dm"),
      "filesystem df": device("-h"),
      "filesystem usage": device("-h -T"),
      "fi show": device(""),
      "fi df": device("-h"),
      "fi usage": device("-h"),
      "subvolume list": device("-apcgtus"),
      "device stats": device(""),
      "scrub status": device(""),
      "balance status": device("-v")
    },
    read: ["btrfs filesystem usage /", "btrfs subvolume list /"],
    notRead: ["btrfs subvolume delete x", "btrfs device stats -z /", "btrfs send x", "btrfs restore x y"]
  },
  {
    names: "swapon",
    flags: "-s --show? --summary --noheadings --bytes --raw",
    needs: "-s --show --summary",
    operands: 0,
    otherwise: "write",
    read: ["swapon --show", "swapon -s"],
    notRead: ["swapon -a", "swapon /swap", "swapon --show /x"]
  },
  {
    names: "multipath dmsetup losetup cryptsetup multipathd",
    judge: ({ name, args }) => {
      const line = args.map((arg) => arg.literal ?? "\0").join(" ")
      const known: Record<string, RegExp> = {
        multipath: /^-l{1,2}$/,
        dmsetup: /^(ls( --tree)?|info( -c)?|status|table|deps)( \w[\w/-]*)?$/,
        losetup: /^(-a|-l|--all|--list)?$/,
        cryptsetup: /^(status [\w-]+|isLuks \/dev\/[\w/-]+|luksDump \/dev\/[\w/-]+|--version)$/,
        multipathd: /^show (paths|maps|topology|config)$/
      }
      return known[name]?.test(line) === true && line !== "table"
        ? { class: "read", why: `${name} shows devices` }
        : { class: "unknown", why: `${name} that is not known to show only` }
    },
    read: ["multipath -ll", "dmsetup ls", "losetup -a", "cryptsetup status x"],
    notRead: [
      "dmsetup remove x",
      "losetup -f x",
      "cryptsetup luksFormat /dev/sda",
      "multipath -F",
      "dmsetup table --showkeys x",
      "dmsetup table --showkeys",
      "dmsetup ls --exec /bin/sh",
      "cryptsetup luksDump --dump-master-key /dev/sda"
    ]
  },
  { names: "quota repquota", ...device("-asugv"), read: ["repquota -a", "quota -u root"], notRead: ["quota --x"] },
  {
    names: "showmount",
    flags: "-aed --no-headers",
    isNetwork: true,
    contentFrom: "none",
    operands: /^[\w.:-]+$/,
    read: ["showmount -e nfs1"],
    notRead: ["showmount $X"]
  },
  {
    names: "exportfs",
    flags: "-vs",
    needs: "-v -s",
    operands: 0,
    read: ["exportfs -v"],
    notRead: ["exportfs -ra", "exportfs", "exportfs -u x:/y", "exportfs -v x:/y"]
  },
  {
    names: "rsync",
    judge: ({ args }) => {
      const words = args.map((arg) => arg.literal ?? "\0")
      const isKnown = words.every((word) =>
        /^(-[avnrhitzcuHAXPS]+|--(dry-run|list-only|itemize-changes|stats|delete|checksum|archive|verbose|version|human-readable)|--exclude=[\w.*/-]+|[\w./][\w./@-]*)$/.test(
          word
        )
      )
      const isDry = words.some((word) => /^-[a-zA-Z]*n|^--(dry-run|list-only|version)$/.test(word))
      return isKnown && isDry
        ? { class: "read", why: "rsync says what it would do" }
        : { class: "unknown", why: "rsync writes, and may run programs" }
    },
    read: ["rsync -avn /a/ /b/", "rsync --version", "rsync --dry-run -av a b"],
    notRead: [
      "rsync -a a b",
      "rsync -e 'sh -c id' a b",
      "rsync -n -e sh a h:b",
      "rsync -avn a h:b",
      "rsync --dry-run --rsh=sh a b",
      "rsync -n --log-file=x a b",
      "rsync -ne 'sh -c id' x y"
    ]
  },
  changes(
    "mkfs mkfs.ext4 mkfs.ext3 mkfs.ext2 mkfs.xfs mkfs.btrfs mkfs.vfat mke2fs mkswap wipefs fsck fsck.ext4 e2fsck xfs_repair swapoff umount badblocks blkdiscard fstrim partprobe sync resize2fs xfs_growfs lvcreate lvremove lvextend lvresize lvreduce vgcreate vgremove vgextend vgreduce pvcreate pvremove lvconvert debugfs eject",
    "destroy",
    "changes disks or file systems",
    ["mkfs.ext4 /dev/sda", "wipefs -a /dev/sda", "umount /srv", "fsck -y /dev/sda", "lvremove x", "debugfs -R x y"]
  )
]
