// Text for reading, and small calculations.
import { type Form, type Model, unknown } from "../model.ts"

const YQ: Form = {
  does: "shows structured text",
  flags: "-rPMCNeyYj -o:json|yaml|props|csv|tsv|j|y|xml -p:json|yaml|props|csv|tsv|j|y|xml --raw-output --tojson",
  contentFrom: 1
}

export const pages: ReadonlyArray<Model> = [
  {
    names: "man apropos whatis",
    does: "shows manuals when its output is no terminal",
    isPager: true,
    flags: "-kfaw -s:word --all --where --names-only",
    operands: /^(?![-+])[\w.:@+-]+$/,
    read: ["man ls | head", "man -k systemd | cat", "apropos cron | head", "whatis ls | cat", "man 5 crontab | cat"],
    notRead: [
      "man ls",
      "man -P sh ls",
      "man -P sh ls | cat",
      "man --pager=sh ls",
      "man -H x | cat",
      "man -X ls | cat",
      "man -l /tmp/x | cat",
      "man ./x | cat"
    ]
  },
  {
    names: "less more zless zmore bzless xzless info",
    does: "shows text when its output is no terminal",
    isPager: true,
    flags: "-FRSXNeEiI --no-init --quit-if-one-screen --raw-control-chars",
    read: ["less /etc/hosts | head", "zless /var/log/syslog.1.gz | head"],
    notRead: [
      "less /etc/hosts",
      "less +!id f",
      "less -k keys f | cat",
      "less -o out f",
      "less /etc/shadow",
      "info --output=x ls",
      "more +!sh f"
    ],
    operands: /^(?!\+)[\w./@:+~-]+$/
  },
  {
    names: "yq",
    does: "shows structured text",
    judge: (call) =>
      call.args.some((arg) => /load|env|system|import|include|split|\$/.test(arg.literal ?? arg.pattern))
        ? unknown("yq that loads files, shows the environment or writes")
        : call.apply(YQ),
    read: ["yq . file.yaml", "yq -r '.spec.replicas' f.yml", "yq eval '.a.b' f"],
    notRead: [
      "yq -i .a=1 f",
      "yq --inplace .a=1 f",
      "yq 'load(\"x\")' f.yml",
      "yq -s .a f",
      "yq 'strenv(X)' f",
      "yq $X f"
    ]
  },
  {
    names: "xmllint",
    does: "shows structured text",
    style: "whole",
    flags: "--noout --format --valid --nonet --xpath:",
    operands: 1,
    read: ["xmllint --noout f.xml", "xmllint --format f.xml", "xmllint --xpath '//a/text()' f.xml"],
    notRead: ["xmllint --output x f", "xmllint -output x f", "xmllint --shell f", "xmllint --xinclude f"]
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
