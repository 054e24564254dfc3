import type { Form, Model } from "../model.ts"

const DEVICES = /^(\/[\w./:-]*|[\w.:@/,-]+)$/
const device = (flags: string, more: Partial<Form> = {}): Form => ({
  contentFrom: "none",
  operands: DEVICES,
  flags,
  ...more
})

export const disks: ReadonlyArray<Model> = [
  {
    names: "lsblk",
    ...device(
      "-abdfilmnOpPrstSTJ -o: -e: -I: -x:name --all --fs --output= --json --bytes --list --nodeps --noheadings --paths --tree? --output-all --sort=name --topology --perms --scsi"
    ),
    read: ["lsblk -f", "lsblk -o NAME,SIZE,MOUNTPOINT", "lsblk /dev/sda"],
    notRead: ["lsblk --sysroot x"]
  },
  {
    names: "blkid",
    ...device("-kpi -o:name -s:name -t: -L:name -U:name --probe --output=name --match-tag=name"),
    read: ["blkid", "blkid /dev/sda1", "blkid -s UUID -o value /dev/sda1"],
    notRead: ["blkid -c f", "blkid -g", "blkid -w f"]
  },
  {
    names: "findmnt mountpoint",
    ...device(
      "-abcDdefhiJlnPRrSsTuUvxqA -t:name -o: -O:name -S: -T: -M: --all --fstab --df --json --list --noheadings --output= --types=name --target= --source= --verify --verbose --real --pairs"
    ),
    read: ["findmnt", "findmnt -t ext4", "mountpoint -q /srv", "findmnt --verify"],
    notRead: ["findmnt --tab-file x", "findmnt --x"]
  },
  {
    names: "mount",
    flags: "-lV -t:name --show-labels",
    operands: 0,
    contentFrom: "none",
    otherwise: "privilege",
    read: ["mount", "mount -l", "mount -t ext4"],
    notRead: [
      "mount /dev/sda1 /mnt",
      "mount -a",
      "mount -o remount,rw /",
      "mount -o bind /bin/sh /bin/mount",
      "mount --bind a b"
    ]
  },
  {
    names: "fdisk sfdisk gdisk sgdisk parted cfdisk",
    does: "lists partitions",
    judge: ({ name, args }) => {
      const words = args.map((arg) => arg.literal ?? "\0").filter((word) => word !== "-s" || name !== "parted")
      const isDevice = (word: string): boolean => /^\/dev\/[\w/-]+$/.test(word)
      const isListing =
        name === "parted"
          ? words[0] === "-l"
            ? words.length === 1
            : words.length >= 2 &&
              isDevice(words[0] ?? "") &&
              /^(print|unit \w+ print|print free)$/.test(words.slice(1).join(" "))
          : /^(-l|--list|-d|--dump|-p|--print)$/.test(words[0] ?? "") &&
            (words[0] !== "-d" || name === "sfdisk") &&
            (words[0] !== "-p" || name === "sgdisk") &&
            words.slice(1).every(isDevice)
      return isListing
        ? { class: "read", why: `${name} lists partitions` }
        : { class: "destroy", why: `${name} may change partitions` }
    },
    read: [
      "fdisk -l",
      "fdisk -l /dev/sda",
      "parted -l",
      "parted /dev/sda print",
      "sfdisk -d /dev/sda",
      "sgdisk -p /dev/sda"
    ],
    notRead: [
      "fdisk /dev/sda",
      "parted /dev/sda mklabel gpt",
      "sfdisk /dev/sda",
      "parted -s /dev/sda print rm 1",
      "sgdisk -Z /dev/sda",
      "gdisk -d /dev/sda",
      "sgdisk -p -d 1 /dev/sda"
    ]
  }
]
