// Files: listing, measuring, comparing and changing them.
import { archiveList, tar } from "../judges/archive.ts"
import { changes } from "../judges/changing.ts"
import { find } from "../judges/find.ts"
import type { Model } from "../model.ts"

export const files: ReadonlyArray<Model> = [
  {
    names: "ls dir vdir",
    does: "lists files",
    isHarmless: true,
    contentFrom: "none",
    flags:
      "-aAbBcCdfFgGhHiklLmnNopqQrRsStuUvxXZ1 -T: -w: -I: --all --almost-all --author --block-size= --color? --directory --dereference --file-type --classify? --full-time --format= --group-directories-first --no-group --human-readable --si --hide= --hyperlink? --ignore= --ignore-backups --indicator-style= --inode --kibibytes --literal --numeric-uid-gid --quote-name --quoting-style= --recursive --reverse --size --sort= --time= --time-style= --width= --context --zero --escape --hide-control-chars --show-control-chars",
    read: ["ls -la /var/log", "ls -lah --time-style=full-iso *", "dir -l", "vdir /tmp"],
    notRead: ["ls --no-such-option", "ls $(reboot)"]
  },
  {
    names: "cat tac nl rev",
    does: "shows files",
    isHarmless: true,
    flags:
      "-AabeEnstTuv -d: -f: -h: -i: -l: -w: --number --number-nonblank --show-all --show-ends --show-tabs --show-nonprinting --squeeze-blank --before --regex --separator= --body-numbering= --number-width=",
    read: ["cat /etc/hosts", "cat -n /etc/fstab", "tac /var/log/syslog", "nl -ba script.sh", "rev names.txt"],
    notRead: ["cat /etc/shadow", "cat ~/.ssh/id_rsa", "cat /dev/sda", "cat a > b"]
  },
  {
    names: "head tail",
    does: "shows the beginning or the end of files",
    isHarmless: true,
    flags:
      "-# -qvzfFr -n: -c: -s: --lines= --bytes= --quiet --silent --verbose --zero-terminated --follow? --retry --pid= --sleep-interval= --max-unchanged-stats=",
    read: [
      "head -n 20 /etc/passwd",
      "head -20 f",
      "tail -f /var/log/nginx/access.log",
      "tail -n +5 f",
      "tail -n100 *.log"
    ],
    notRead: ["head /root/.ssh/id_rsa", "tail -f /dev/watchdog", "head --exec=x f"]
  },
  {
    names: "stat",
    does: "shows what the file system knows of a file",
    isHarmless: true,
    contentFrom: "none",
    flags: "-Lft -c: --dereference --file-system --format= --printf= --terse --cached=",
    read: ["stat -c %a /etc/passwd", "stat /etc/shadow"],
    notRead: ["stat --write f"]
  },
  {
    names: "file",
    does: "tells the types of files",
    contentFrom: "none",
    flags:
      "-bcEhikLnNprvzZ0 -e: -F: --brief --mime --mime-type --mime-encoding --dereference --no-dereference --separator= --uncompress --raw --print0 --keep-going --no-pad",
    read: ["file /bin/ls", "file -bi x.txt"],
    notRead: ["file -C -m magic", "file -m /tmp/magic x", "file --compile", "file -f names", "file *"]
  },
  {
    names: "du df",
    does: "measures space",
    isHarmless: true,
    contentFrom: "none",
    flags:
      "-0abcDghHiklLmPsSTxX -B: -d: -t: -x: --all --apparent-size --block-size= --bytes --total --max-depth= --dereference --human-readable --inodes --si --summarize --one-file-system --threshold= --time? --time-style= --exclude= --exclude-from= --local --no-sync --output? --portability --print-type --type= --exclude-type=",
    read: ["du -sh /var/*", "du -h --max-depth=1 /", "df -hT", "df -i"],
    notRead: ["df --sync", "du --files0-from=x"]
  },
  {
    names: "readlink realpath basename dirname pathchk",
    does: "works on names of files",
    isHarmless: true,
    contentFrom: "none",
    flags:
      "-faemnqsvzLPp -s: --canonicalize --canonicalize-existing --canonicalize-missing --no-newline --relative-to= --relative-base= --suffix= --multiple --zero --strip --no-symlinks --quiet",
    read: ["readlink -f /usr/bin/java", "realpath .", "basename /a/b .c", "dirname /a/b", "pathchk a"],
    notRead: ["readlink -X a", "realpath --do-it x"]
  },
  {
    names: "md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum shasum",
    does: "sums files up",
    isHarmless: true,
    contentFrom: "none",
    flags:
      "-bctwzrs -a: -l: --binary --check --text --tag --zero --ignore-missing --quiet --status --strict --warn --algorithm= --length= --untagged --base64 --raw",
    read: ["sha256sum /usr/bin/ls", "md5sum -c sums.txt", "cksum a"],
    notRead: ["sha256sum --write a"]
  },
  {
    names: "find",
    judge: find,
    read: [
      "find /var/log -name '*.log' -mtime +7",
      "find . -type f -size +100M -exec ls -lh {} \\;",
      "find / -xdev -perm -4000 -ls",
      "find /etc -newer /etc/passwd -print0"
    ],
    notRead: [
      "find / -delete",
      "find . -exec rm {} +",
      "find . -fprint /etc/x",
      "find . -fprintf x '%p'",
      "find . -fls x",
      "find . -ok sh {} \\;",
      "find . $ARGS",
      "find . -exec cat /etc/shadow \\;"
    ]
  },
  {
    names: "locate plocate mlocate",
    does: "looks for files by name",
    contentFrom: "none",
    flags:
      "-AbceiqrSwp0 -n:number -l:number --basename --count --existing --ignore-case --limit=number --null --regex --statistics --wholename",
    read: ["locate nginx.conf", "locate -i -n 10 'x*'"],
    notRead: ["locate -d /tmp/db x", "locate $X"]
  },
  {
    names: "tree",
    does: "lists folders",
    contentFrom: "none",
    flags:
      "-adflinpsughDFqNQrtcUxACSJX -L: -P: -I: --noreport --charset= --filelimit= --dirsfirst --du --si --prune --inodes --device",
    read: ["tree -L 2 /etc", "tree -d"],
    notRead: ["tree -o out.txt", "tree -R -H x"]
  },
  {
    names: "cmp diff sdiff diff3 comm",
    does: "compares files",
    flags:
      "-# -abBcCeEilnNpqrstTuwyZ123z -C: -U: -I: -x: -X: -W: -F: --brief --report-identical-files --unified? --context? --side-by-side --recursive --new-file --ignore-case --ignore-all-space --ignore-space-change --ignore-blank-lines --ignore-trailing-space --ignore-matching-lines= --exclude= --color? --width= --suppress-common-lines --text --strip-trailing-cr --label= --no-dereference --verbose --silent --bytes= --check-order --nocheck-order --output-delimiter= --total --minimal",
    read: [
      "diff -u a b",
      "diff -rq /etc /backup/etc",
      "cmp a b",
      "comm -12 a b",
      "diff <(ls a) <(ls b)",
      "diff3 a b c",
      "sdiff -s a b"
    ],
    notRead: [
      "sdiff -o out a b",
      "diff3 --diff-program=/tmp/x a b c",
      "sdiff --diff-program=x a b",
      "diff a /etc/shadow",
      "diff *"
    ]
  },
  {
    names: "tar bsdtar gtar",
    judge: tar,
    read: ["tar -tf a.tar", "tar tzvf a.tgz", "tar --list --file=a.tar"],
    notRead: [
      "tar -xf a.tar",
      "tar czf a.tgz .",
      "tar -tf a.tar --to-command=sh",
      "tar -tf a.tar -I 'sh -c id'",
      "tar -tf a.tar --checkpoint=1 --checkpoint-action=exec=sh",
      "tar -tf host:a.tar",
      "tar -tf a --use-compress-program=x",
      "tar --list --file=a --rsh-command=x"
    ]
  },
  {
    names: "zcat gzcat bzcat xzcat lzcat zstdcat lz4cat",
    does: "shows compressed files",
    flags: "-fqv --force --quiet",
    read: ["zcat /var/log/syslog.2.gz", "xzcat a.xz"],
    notRead: ["zcat $OPTS", "zstdcat -o out a.zst", "zcat -S x --out"]
  },
  {
    names: "zgrep zegrep zfgrep bzgrep xzgrep",
    does: "searches compressed files",
    contentFrom: 1,
    contentFromFirstWith: "-e",
    flags: "-# -EFGPcHhiLlnoqsvwx -e: -A: -B: -C: -m:number --ignore-case --count --invert-match --only-matching",
    read: ["zgrep -i error /var/log/syslog.1.gz"],
    notRead: ["zgrep --recursive-thing x", "zgrep $X y"]
  },
  {
    names: "unzip",
    does: "lists a zip archive",
    contentFrom: "none",
    flags: "-lvZtzq",
    needs: "-l -v -Z -t -z",
    read: ["unzip -l a.zip", "unzip -t a.zip"],
    notRead: ["unzip a.zip", "unzip -o a.zip -d /", "unzip -p a.zip"]
  },
  {
    names: "zipinfo lsar",
    does: "lists an archive",
    contentFrom: "none",
    flags: "-12smlvhtzT",
    read: ["zipinfo -1 a.zip"],
    notRead: ["zipinfo -X a.zip"]
  },
  archiveList(
    "gzip gunzip bzip2 xz unxz zstd",
    "-ltvkqc --list --stdout --to-stdout --test --verbose --quiet",
    "-l -t -c --list --test --stdout --to-stdout",
    ["gunzip -c f.gz", "gzip -l a.gz", "xz --list a.xz", "zstd -t a.zst"]
  ),
  archiveList("7z 7za unrar lz4 brotli", "", "--version", []),
  {
    names: "cpio ar",
    does: "lists an archive",
    contentFrom: "none",
    flags: "-tv --list --verbose",
    needs: "-t --list",
    read: ["cpio -tv", "ar -t lib.a"],
    notRead: ["cpio -i", "ar r lib.a x.o", "cpio -o", "cpio -t --rsh-command=x", "cpio -tF host:x"]
  },
  changes(
    "cp mv ln link mkdir touch truncate mkfifo mknod install tee fallocate split csplit mktemp",
    "write",
    "writes files",
    ["cp a b", "mv a b", "ln -s a b", "tee /etc/passwd", "truncate -s 0 f", "split big", "csplit f /x/", "mktemp"]
  ),
  changes("zip rename patch ex vi vim nano emacs ed pico mcedit", "unknown", "may change or run anything", [
    "zip -TT cmd a",
    "vim f",
    "vi -c ':!sh'",
    "ed f",
    "ex f",
    "patch -p1"
  ]),
  changes("rm rmdir unlink shred dd wipe", "destroy", "removes or overwrites", [
    "rm -rf /",
    "rmdir x",
    "dd if=a of=/dev/sda",
    "dd if=/dev/zero",
    "shred f",
    "unlink f"
  ]),
  changes("chmod chown chgrp chattr setfacl setcap", "privilege", "changes who may do what", [
    "chmod 777 /etc",
    "chown root f",
    "setfacl -m u:x:rw f",
    "chattr +i f"
  ]),
  {
    names: "lsattr getfacl getcap",
    does: "shows attributes",
    contentFrom: "none",
    flags: "-RVadlpvcesntr --absolute-names --omit-header --recursive --access --default --numeric --tabular",
    read: ["lsattr -d /etc", "getfacl /srv", "getcap -r /usr/bin"],
    notRead: ["getfacl --restore=x", "lsattr --x"]
  }
]
