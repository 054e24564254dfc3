// What `run` proposes, from its flags and arguments. Pure but for the files it reads.
import type { RecoverableCommandInput } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { type CliFailure, usageFailure } from "./failure.ts"
import { type FileFlags, proposedFile } from "./file-proposal.ts"
import { readBytes } from "./input.ts"

/** The executor's own limits are these or smaller; beyond them nothing needs to be read. */
const SCRIPT_BYTES_MAX = 1024 * 1024
const STDIN_BYTES_MAX = 2 * 1024 * 1024

export interface ProposalFlags extends FileFlags {
  readonly input: Option.Option<string>
  readonly command: ReadonlyArray<string>
  readonly script: Option.Option<string>
  readonly stdinFile: Option.Option<string>
  readonly env: ReadonlyArray<string>
  readonly secretEnv: ReadonlyArray<string>
  readonly cwd: Option.Option<string>
  readonly timeout: Option.Option<number>
  readonly outputLimit: Option.Option<number>
  readonly recoverable: boolean
  readonly askFor: Option.Option<number>
  readonly keepFor: Option.Option<number>
}

/** The input of an executor: a command or a file for `ssh` and `local`, or whatever a file says. */
export const proposedInput = (flags: ProposalFlags): Effect.Effect<unknown, CliFailure> =>
  Option.isSome(flags.input) ? jsonInput(flags.input.value, flags) : commandInput(flags)

const jsonInput = Effect.fnUntraced(function* (path: string, { command, ...flags }: ProposalFlags) {
  const { script, stdinFile, cwd, timeout, outputLimit, askFor, keepFor, upload, mode, download, sizeLimit } = flags
  const file = [upload, mode, download, sizeLimit]
  const others = [script, stdinFile, cwd, timeout, outputLimit, askFor, keepFor, ...file].filter(isGiven)
  if (
    flags.recoverable ||
    others.length > 0 ||
    [...command, ...flags.env, ...flags.secretEnv, ...flags.fill].length > 0
  ) {
    return yield* usageFailure(
      "--input is all that the executor gets: leave out the command and the flags that describe it. Nothing was proposed."
    )
  }
  const text = yield* readText(path, SCRIPT_BYTES_MAX)
  return yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => usageFailure(`${path === "-" ? "Standard input" : path} is not JSON. Nothing was proposed.`)
  })
})

const isGiven = ({ _tag }: Option.Option<string | number>): boolean => _tag === "Some"

const commandInput = Effect.fnUntraced(function* (flags: ProposalFlags) {
  const file = yield* proposedFile(flags)
  if (file !== undefined) return file
  const script = Option.getOrUndefined(flags.script)
  const stdinFile = Option.getOrUndefined(flags.stdinFile)
  const [program, ...rest] = flags.command
  if (script === undefined && program === undefined) return yield* usageFailure(NO_COMMAND)
  if (script !== undefined && program !== undefined) return yield* usageFailure("Give a command or --script, not both.")
  if (script === "-" && stdinFile === "-") {
    return yield* usageFailure("Standard input can be the script or the command's input, not both.")
  }
  const settings = {
    ...(yield* variables(flags)),
    ...(stdinFile === undefined ? {} : { stdin: yield* readText(stdinFile, STDIN_BYTES_MAX) }),
    ...optional("cwd", flags.cwd),
    ...optional("timeoutMs", flags.timeout),
    ...optional("outputBytesMax", flags.outputLimit),
    ...(yield* recoverable(flags))
  }
  const input: RecoverableCommandInput =
    script === undefined
      ? { argv: [program!, ...rest], ...settings }
      : { script: yield* readText(script, SCRIPT_BYTES_MAX), ...settings }
  return input
})

const NO_COMMAND =
  "There is nothing to run. Give a command after --, as in: fluxcybers run -t web-1 -- df -h\nor a file: --script FILE, --upload FILE:PATH, --download PATH"

const optional = <Name extends string, A>(name: Name, value: Option.Option<A>) =>
  (Option.isSome(value) ? { [name]: value.value } : {}) as { readonly [K in Name]?: A }

const recoverable = Effect.fnUntraced(function* (flags: ProposalFlags) {
  const limits = { ...optional("askMs", flags.askFor), ...optional("keepMs", flags.keepFor) }
  if (flags.recoverable) return { recoverable: limits }
  if (Object.keys(limits).length === 0) return {}
  return yield* usageFailure("--ask-for and --keep-for speak of a recoverable run: add --recoverable.")
})

const variables = Effect.fnUntraced(function* (flags: ProposalFlags) {
  const env = yield* pairs("--env", flags.env)
  const secretEnv = yield* pairs("--secret-env", flags.secretEnv)
  return {
    ...(flags.env.length === 0 ? {} : { env }),
    ...(flags.secretEnv.length === 0 ? {} : { secretEnv })
  }
})

/** `NAME=VALUE` texts of a flag, each name once. */
export const pairs = (flag: string, texts: ReadonlyArray<string>): Effect.Effect<Record<string, string>, CliFailure> =>
  Effect.suspend(() => {
    const found = texts.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)] as const)
    const wrong = texts.find((text) => text.indexOf("=") < 1)
    if (wrong !== undefined) return usageFailure(`${flag} takes NAME=VALUE, not "${wrong}".`)
    const names = found.map(([name]) => name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) return usageFailure(`${flag} names ${twice} twice.`)
    return Effect.succeed(Object.fromEntries(found))
  })

/** Plans hold text; bytes that are none would not arrive as they were. */
const readText = Effect.fnUntraced(function* (path: string, bytesMax: number) {
  const bytes = yield* readBytes(path, bytesMax)
  return yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () =>
      usageFailure(
        `${path === "-" ? "Standard input" : path} is not UTF-8 text, and only text can be sent. Nothing was proposed.\n` +
          "Put the bytes on the target as a file, or encode them (base64)."
      )
  })
})
