// find: an expression language in arguments, in which some words delete, write and execute.
import { type Argument, mayBeOption, type Piece } from "../argument.ts"
import type { Verdict } from "../classification.ts"
import { type Call, type Judge, reads, unknown } from "../model.ts"
import { contentOf } from "../secret-material.ts"
import { substitute } from "./wrapper.ts"

const WITHOUT_VALUE = new Set(
  `-H -L -P -a -and -o -or -not ! ( ) , -true -false -empty -readable -writable -executable -nouser -nogroup -print
  -print0 -ls -prune -quit -daystart -depth -d -mount -xdev -x -noleaf -follow -warn -nowarn -ignore_readdir_race
  -noignore_readdir_race -O0 -O1 -O2 -O3 -help --help -version --version -E -s -X`.split(/\s+/)
)
const WITH_VALUE = new Set(
  `-name -iname -path -ipath -wholename -iwholename -regex -iregex -lname -ilname -regextype -type -xtype -size -mtime
  -mmin -atime -amin -ctime -cmin -newer -anewer -cnewer -newermt -newerct -newerat -newermm -newerma -newermc -newerac
  -newercc -newerca -newercm -newerBt -perm -user -group -uid -gid -links -inum -samefile -fstype -used -context
  -maxdepth -mindepth -printf -D`.split(/\s+/)
)
const EXECUTES = new Set(["-exec", "-execdir", "-ok", "-okdir"])
const WRITES: Readonly<Record<string, Verdict["class"]>> = {
  "-delete": "destroy",
  "-fprint": "write",
  "-fprint0": "write",
  "-fprintf": "write",
  "-fls": "write"
}

export const find: Judge = (call) => {
  let executed: string | undefined
  for (let index = 0; index < call.args.length; index++) {
    const arg = call.args[index] as Argument
    const word = arg.literal ?? ""
    const written = Object.hasOwn(WRITES, word) ? WRITES[word] : undefined
    if (written !== undefined)
      return {
        class: written,
        why: `find ${word} ${written === "destroy" ? "removes what it finds" : "writes a file"}`,
        range: arg.range
      }
    if (EXECUTES.has(word)) {
      const end = endOfCommand(call.args, index + 1)
      if (end < 0) return unknown("a command without its end", arg.range)
      const isMany = call.args[end]?.literal === "+"
      // Not every find puts `./` before a name for -execdir.
      const prefix = /dir$/.test(word) ? "" : "./"
      runOnFound(call, call.args.slice(index + 1, end), { spread: isMany ? "several" : "one", prefix })
      executed = call.args[index + 1]?.pattern
      index = end
    } else if (WITH_VALUE.has(word)) {
      const value = call.args[++index]
      if (!isValue(value))
        return unknown(`the value of ${word} may be another word of the expression`, value?.range ?? arg.range)
    } else if (!WITHOUT_VALUE.has(word) && !isStart(arg)) {
      return unknown(`"${arg.pattern}" in a find expression`, arg.range)
    }
  }
  return reads(executed === undefined ? "find looks for files" : `find runs ${executed} on what it finds`)
}

// A glob left unquoted may become several words, but none that is an action if what it ends with holds a dot.
const isValue = (value: Argument | undefined): boolean =>
  value !== undefined && (value.spread === "one" || (value.spread === "several" && /[.]/.test(value.suffix)))

const isStart = (arg: Argument): boolean => !mayBeOption(arg) && arg.literal !== "" && !/^[!(),]/.test(arg.prefix)

const endOfCommand = (args: ReadonlyArray<Argument>, from: number): number =>
  args.findIndex(
    (arg, index) => index >= from && (arg.literal === ";" || (arg.literal === "+" && args[index - 1]?.literal === "{}"))
  )

/** Found paths begin like their starting point, so none of them is an option; what they name may be a secret. */
const runOnFound = (
  call: Call,
  words: ReadonlyArray<Argument>,
  { spread, prefix }: Pick<Argument, "spread" | "prefix">
): void => {
  const named = call.args.find((_, index) => /^-i?(name|path|wholename)$/.test(call.args[index - 1]?.literal ?? ""))
  const found: Piece = {
    spread,
    isDigits: false,
    prefix,
    suffix: "",
    pattern: named?.literal !== undefined && contentOf(named) !== undefined ? `*/${named.literal}` : "*"
  }
  const inner = words.map((word) => substitute(word, "{}", found))
  const end = words.at(-1)?.range[1] ?? call.range[1]
  call.scope.inside.command(inner, [words[0]?.range[0] ?? call.range[0], end], { ...call.scope, input: "literal" })
}
