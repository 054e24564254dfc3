// tar: lists archives; everything else that it does writes, and some of its options run programs.
import { type Argument, literalArgument } from "../argument.ts"
import type { Verdict } from "../classification.ts"
import { type Form, type Judge, type Model, unknown } from "../model.ts"

const LIST: Form = {
  does: "lists an archive",
  flags:
    "-tvzjJ -f: -C: --list --verbose --gzip --gunzip --bzip2 --xz --zstd --lzma --auto-compress --file= --directory= --wildcards --exclude= --no-wildcards --full-time --numeric-owner --utc --totals",
  needs: "-t --list",
  contentFrom: "none"
}

const MODES: ReadonlyArray<readonly [flag: RegExp, verdict: Verdict]> = [
  [/^-?\w*x|^--(extract|get)/, { class: "write", why: "tar extracts files" }],
  [/^-?\w*c|^--create/, { class: "write", why: "tar writes an archive" }],
  [/^-?\w*[ruA]|^--(append|update|concatenate|delete)/, { class: "write", why: "tar changes an archive" }]
]

export const tar: Judge = (call) => {
  const args = withDash(call.args)
  const verdict = call.apply(LIST, args)
  if (verdict.class !== "read") {
    const first = call.args[0]?.literal ?? ""
    const hasKnownOptions = !args.some((arg) =>
      /^--(to-command|checkpoint|use-compress|rsh|rmt|info-script|new-volume)|^-\w*[IF]/.test(arg.prefix)
    )
    const mode = MODES.find(([flag]) => flag.test(first))
    return mode !== undefined && hasKnownOptions && !verdict.why.includes("may") ? mode[1] : verdict
  }
  // An archive called HOST:FILE is fetched from there, by starting a remote shell.
  const remote = args.find(
    (arg) => arg.pattern.includes(":") || (arg.literal === undefined && !/^\.?\//.test(arg.prefix))
  )
  return remote === undefined ? verdict : unknown("a name with a colon is an archive on another machine", remote.range)
}

/** The first word of tar is a bundle of options even without a dash. */
const withDash = (args: ReadonlyArray<Argument>): ReadonlyArray<Argument> => {
  const [first, ...rest] = args
  if (first === undefined || !/^[a-zA-Z]+$/.test(first.literal ?? "")) return args
  const letters = first.literal ?? ""
  // The values of a bundle follow in the order of its letters; only `f`, once, is understood.
  const hasOneValue = /^[tvzjJ]*f[tvzjJ]*$/.test(letters)
  // Any other letter may take the next word for its own: it is left where no option knows it.
  if (!hasOneValue)
    return [literalArgument(/^[tvzjJ]+$/.test(letters) ? `-${letters}` : `--${letters}`, first.range), ...rest]
  const [file, ...members] = rest
  const flags = literalArgument(`-${letters.replace("f", "")}f`, first.range)
  return file === undefined ? [flags] : [flags, file, ...members]
}

/** A compressor: lists or tests what it compressed; its other ways replace files. */
export const archiveList = (names: string, flags: string, needs: string, read: ReadonlyArray<string>): Model => ({
  names,
  does: "lists or tests compressed files",
  flags,
  needs,
  contentFrom: "none",
  read,
  notRead: names.split(" ").flatMap((name) => [`${name} file`, `${name} -d file`, `${name} -o out file`])
})
