// Text for reading, and small calculations.
import type { Model } from "../model.ts"

export const pages: ReadonlyArray<Model> = [
  {
    names: "less more pg most man apropos whatis info",
    does: "shows text when its output is no terminal",
    isPager: true,
    flags: "-FRSXNeEiI -k -f --no-init --quit-if-one-screen --raw-control-chars",
    read: ["less /etc/hosts | head", "man ls | head", "man -k systemd | cat", "apropos cron | head", "whatis ls | cat"],
    notRead: [
      "less /etc/hosts",
      "man ls",
      "less +!id f",
      "man -P sh ls",
      "man --pager=sh ls",
      "man -H x",
      "less -o out f",
      "less /etc/shadow",
      "info --output=x ls",
      "more +!sh f",
      "man -l /tmp/x"
    ],
    operands: /^(?!\+)[\w./@:+~-]+$/
  },
  {
    names: "yq xmllint",
    does: "shows structured text",
    flags: "--noout --format --valid",
    contentFrom: 0,
    operands: 1,
    read: ["xmllint --noout f.xml"],
    notRead: [
      "yq -i .a=1 f",
      "xmllint --output x f",
      "yq 'load(\"x\")' f.yml f2",
      "xmllint --shell f",
      "xmllint --xinclude f"
    ],
    needs: "--noout"
  },
  {
    names: "cal ncal expr factor numfmt units tput",
    does: "calculates or prints",
    contentFrom: "none",
    flags: "-# -3y1mjh -m: --from=name --to=name --field= --suffix= --header? --grouping",
    read: ["cal 2024", "numfmt --to=iec 1024", "expr 1 + 2", "tput cols"],
    notRead: ["numfmt --x", "cal $(reboot)", "units -f x"]
  }
]
