// Text: searching, cutting, counting, printing it.
import { awk } from "../judges/awk.ts"
import { sed } from "../judges/sed.ts"
import { printf, test } from "../judges/shell.ts"
import type { Model } from "../model.ts"

export const text: ReadonlyArray<Model> = [
  {
    names: "rg",
    does: "searches text",
    contentFrom: 1,
    contentFromFirstWith: "-e --files",
    flags:
      "-# -aciFHhILlnNoPSsuUvwx -e:dash -A:number -B:number -C:number -g: -t:name -T:name -m:number -d:number -M:number --context=number --count --files --files-with-matches --fixed-strings --glob= --hidden --ignore-case --line-number --max-count=number --max-depth=number --no-heading --no-ignore --no-messages --only-matching --smart-case --type=name --type-list --vimgrep --word-regexp --json --color=name --sort=name --invert-match",
    read: ["rg --version", "rg -n error /var/log/app", "rg -i -g '*.conf' listen /etc/nginx"],
    notRead: [
      "rg --pre sh x",
      "rg --pre=sh x",
      "rg -z --hostname-bin=x y",
      "rg --search-zip x",
      "rg $X y",
      "rg . /etc/shadow"
    ]
  },
  {
    names: "grep egrep fgrep",
    does: "searches text",
    isHarmless: true,
    contentFrom: 1,
    contentFromFirstWith: "-e -f --regexp --file",
    flags:
      "-# -abcEFGhHiILlnoPqrRsTUvVwxyzZ -A: -B: -C: -D: -d: -e:dash -f: -m: --after-context= --before-context= --context= --binary-files= --byte-offset --color? --colour? --count --dereference-recursive --devices= --directories= --exclude= --exclude-dir= --exclude-from= --extended-regexp --file= --files-with-matches --files-without-match --fixed-strings --basic-regexp --perl-regexp --ignore-case --no-ignore-case --include= --initial-tab --invert-match --label= --line-buffered --line-number --line-regexp --max-count= --no-filename --no-messages --null --null-data --only-matching --quiet --silent --recursive --regexp=dash --text --with-filename --word-regexp",
    read: [
      "grep -ri error /var/log",
      "grep -c ^processor /proc/cpuinfo",
      "grep -v '^#' /etc/ssh/sshd_config",
      "egrep 'a|b' f",
      "grep -A3 -e -x f"
    ],
    notRead: ["grep . /etc/shadow", "grep -e . /etc/shadow", "grep x --unknown f", "grep -r x /root/.ssh/"]
  },
  {
    names: "cut tr fold expand unexpand fmt paste join look pr wc tsort",
    does: "reshapes text",
    isHarmless: true,
    flags:
      "-# -aAbcCdDeEfhijJlLmnNoOpPrsStTuvVwWzi12 -b: -c: -d:dash -f: -s: -t: -w: -1: -2: -o: -e: -a: -j: --delimiter=dash --fields= --characters= --bytes= --only-delimited --output-delimiter= --complement --delete --squeeze-repeats --truncate-set1 --lines --words --chars --max-line-length --width= --spaces --tabs= --serial --delimiters= --header --check-order --nocheck-order --total= --zero-terminated --initial",
    read: [
      "cut -d: -f1 /etc/passwd",
      "tr -d '\\n'",
      "tr a-z A-Z",
      "wc -l f",
      "paste -sd,",
      "fold -w 80 f",
      "join -t: a b",
      "look word"
    ],
    notRead: ["cut -f1 /etc/shadow", "wc --files0-from=x", "cut --x f"]
  },
  {
    names: "sort",
    does: "sorts text",
    flags:
      "-bcCdfghiMmnrRsuVz -k: -t:dash -S:name -o:!write --output=!write --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort --human-numeric-sort --ignore-nonprinting --month-sort --numeric-sort --reverse --random-sort --sort=name --version-sort --check? --merge --stable --unique --zero-terminated --key= --field-separator=dash --parallel=number --buffer-size=name --debug",
    read: ["sort -u f", "sort -t: -k3 -n /etc/passwd", "sort -rn | head", "sort -k2,2 -h"],
    notRead: [
      "sort -o f f",
      "sort --output=f",
      "sort --compress-program=sh f",
      "sort --compress-prog=sh f",
      "sort -T /tmp f",
      "sort *",
      "sort $X",
      "sort -uo f f",
      "sort --files0-from=x"
    ]
  },
  {
    names: "uniq",
    does: "drops repeated lines",
    flags:
      "-cdDuiz -s:number -f:number -w:number --count --repeated --unique --ignore-case --all-repeated? --group? --skip-fields=number --skip-chars=number --check-chars=number --zero-terminated",
    operands: 1,
    read: ["uniq -c", "uniq -d f"],
    notRead: ["uniq in out", "uniq -c in out", "uniq *", "uniq -c - out"]
  },
  {
    names: "awk gawk mawk nawk original-awk",
    judge: awk,
    read: [
      "awk '{print $1}' f",
      "awk -F: '$3 >= 1000 {print $1}' /etc/passwd",
      "awk 'NR>1 {s+=$5} END {print s/1024}'"
    ],
    notRead: [
      "awk 'BEGIN{system(\"id\")}'",
      "awk '{print > \"f\"}'",
      "awk '{print | \"sh\"}'",
      "awk '\"id\" | getline x'",
      "awk -f script f",
      'awk "$PROGRAM" f',
      "gawk -i inplace '{print}' f",
      "gawk -l x '{print}'",
      "awk '{print}' /etc/shadow",
      "gawk '@load \"x\"'",
      'awk \'{printf "x" >> "f"}\'',
      'gawk \'{f="system"; @f("id")}\''
    ]
  },
  {
    names: "sed gsed",
    judge: sed,
    read: ["sed -n '1,20p' f", "sed 's/a/b/g' f", "sed -e '/^#/d' -e '/^$/d' /etc/hosts", "sed -n '/start/,/end/p' f"],
    notRead: [
      "sed -i s/a/b/ f",
      "sed 's/a/b/w f' g",
      "sed 's/a/id/e'",
      "sed '1e id'",
      "sed 'w f'",
      "sed -n 'r /etc/shadow'",
      "sed -f s f",
      "sed '1W x' f",
      "sed --in-place=.b s/a/b/ f",
      "sed -n$X p"
    ]
  },
  {
    names: "column",
    does: "lines text up",
    flags:
      "-teLnxJ -s:dash -o: -c:number -N: -R: -H: -W: -T: --table --separator=dash --output-separator= --output-width=number --table-columns= --json",
    read: ["column -t", "column -s: -t /etc/passwd"],
    notRead: ["column --x", "column $X"]
  },
  {
    names: "strings od hexdump hd",
    does: "shows bytes",
    operands: /^(?!@)/,
    flags:
      "-abcdoxCvsfiln -A: -t: -j: -N: -n: -s: -e: -w? --all --address-radix= --format= --skip-bytes= --read-bytes= --bytes= --radix= --encoding=",
    read: ["hexdump -C f", "od -An -tx1 -N16 f", "strings -n 8 /bin/ls"],
    notRead: ["hexdump /dev/mem", "strings /etc/shadow", "od $X", "strings --x f"]
  },
  {
    names: "xxd",
    does: "shows bytes",
    flags: "-abEeipu -c:number -g:number -l:name -s:dash -o:number",
    operands: 1,
    read: ["xxd -l 64 f", "xxd f"],
    notRead: ["xxd -r f", "xxd in out", "xxd -p -r", "xxd -revert x"]
  },
  {
    names: "base64 base32 basenc",
    does: "encodes or decodes",
    flags: "-di -w:number -D --decode --ignore-garbage --wrap=number",
    read: ["base64 -d f", "base64 -w0 f"],
    notRead: ["base64 /etc/shadow", "base64 -d x | sh", "base64 --output=x f", "base64 -o x f"]
  },
  {
    names: "jq",
    read: ["jq . f.json", "jq -r '.items[].name'"],
    notRead: [
      "jq -n env",
      "jq -f script",
      "jq -L dir .",
      "jq --from-file f",
      "jq . /etc/shadow",
      "jq -n '$ENV.SECRET'",
      "jq -n 'input_filename, $ENV'"
    ],
    judge: ({ apply, args, range }) =>
      args.some((arg) => /\benv\b|\$ENV|\binclude\b|\bimport\b/.test(arg.literal ?? arg.pattern))
        ? { class: "exfiltrate", why: "jq that shows the environment or loads a module", range }
        : apply(JQ)
  },
  {
    names: "echo",
    does: "prints text",
    isHarmless: true,
    contentFrom: "none",
    judge: () => ({ class: "read", why: "echo prints text" }),
    read: ["echo hello", "echo $HOME", "echo -e 'a\\tb'", "echo *"],
    notRead: ["echo $(reboot)", "echo x > /etc/passwd", "echo `rm x`"]
  },
  {
    names: "printf",
    judge: printf,
    read: ["printf '%s\\n' a", "printf hello"],
    notRead: ["printf -v x y", "printf '%d' 'a[$(id)]'", "printf $X"]
  },
  {
    names: "test [",
    judge: test,
    read: ["test -f /etc/passwd", "[ -d /srv ]", '[ "$x" = y ]'],
    notRead: ["test -v 'a[$(id)]'", "[ -d /srv", 'test "$a" "$b" "$c"']
  },
  {
    names: "seq",
    does: "counts",
    flags: "-w -f: -s: --equal-width --separator= --format=",
    operands: /^-?[\d.]+$/,
    read: ["seq 1 10", "seq 5"],
    notRead: ["seq $X", "seq --x"]
  },
  {
    names: "shuf",
    does: "mixes lines",
    flags: "-ezr -n:number -i:name --head-count=number --zero-terminated --echo",
    read: ["shuf -n 1 f"],
    notRead: ["shuf -o out f", "shuf --output=out f", "shuf $X", "shuf --random-source=x"]
  },
  {
    names: "iconv uconv",
    does: "converts text",
    flags: "-cl -f:name -t:name --from-code=name --to-code=name --list",
    read: ["iconv -f latin1 -t utf8 f", "iconv -l"],
    notRead: ["iconv -o out f", "iconv --output=x f"]
  }
]

const JQ = {
  flags:
    "-crRnsSajCMeV --compact-output --raw-output --join-output --slurp --sort-keys --raw-input --null-input --tab --indent=number --color-output --monochrome-output --exit-status --ascii-output --stream --seq",
  contentFrom: 1
} as const
