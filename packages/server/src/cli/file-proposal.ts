// What `run --upload` and `run --download` propose.
import { statSync } from "node:fs"
import { basename } from "node:path"
import type { DownloadInput, UploadInput } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { type CliFailure, usageFailure } from "./failure.ts"
import { readBytes } from "./input.ts"
import { present } from "./parameters.ts"

/** The executor's own limit; beyond it nothing needs to be read. */
const UPLOAD_BYTES_MAX = 8 * 1024 * 1024

export interface FileFlags {
  readonly upload: Option.Option<string>
  readonly mode: Option.Option<string>
  readonly fill: ReadonlyArray<string>
  readonly download: Option.Option<string>
  readonly sizeLimit: Option.Option<number>
  readonly timeout: Option.Option<number>
}

/** What cannot stand beside a file. */
interface CommandFlags {
  readonly command: ReadonlyArray<string>
  readonly script: Option.Option<string>
  readonly stdinFile: Option.Option<string>
  readonly env: ReadonlyArray<string>
  readonly secretEnv: ReadonlyArray<string>
  readonly cwd: Option.Option<string>
  readonly outputLimit: Option.Option<number>
  readonly recoverable: boolean
}

/** The input as it is sent: bytes are base64. */
type Sent<A> = Omit<A, "upload"> & {
  readonly upload: Omit<UploadInput["upload"], "content"> & { readonly content: string }
}

/** `undefined` when the flags speak of a command. */
export const proposedFile = Effect.fnUntraced(function* (flags: FileFlags & CommandFlags) {
  const [upload, download] = [Option.getOrUndefined(flags.upload), Option.getOrUndefined(flags.download)]
  if (upload === undefined && (Option.isSome(flags.mode) || flags.fill.length > 0))
    return yield* usageFailure("--mode and --fill belong to --upload.")
  if (download === undefined && Option.isSome(flags.sizeLimit))
    return yield* usageFailure("--size-limit belongs to --download.")
  if (upload === undefined && download === undefined) return undefined
  if (upload !== undefined && download !== undefined)
    return yield* usageFailure("Give --upload or --download, not both: each is a plan of its own.")
  if (hasCommand(flags)) return yield* usageFailure(NO_COMMAND)
  const timeout = present({ timeoutMs: Option.getOrUndefined(flags.timeout) })
  if (upload !== undefined) return { ...(yield* uploadOf(upload, flags)), ...timeout }
  const bytesMax = present({ bytesMax: Option.getOrUndefined(flags.sizeLimit) })
  const input: DownloadInput = { download: { path: download!, ...bytesMax }, ...timeout }
  return input
})

const NO_COMMAND =
  "A file is a plan of its own: give no command, --script, --stdin-file, --env, --secret-env, --cwd, --output-limit or --recoverable beside it."

const hasCommand = ({ command, env, secretEnv, recoverable, ...flags }: CommandFlags): boolean =>
  recoverable ||
  command.length + env.length + secretEnv.length > 0 ||
  [flags.script, flags.stdinFile, flags.cwd, flags.outputLimit].some((flag) => Option.isSome<string | number>(flag))

/** The path on the target begins behind the last colon before a slash: names of files may have colons too. */
const uploadOf = Effect.fnUntraced(function* (
  upload: string,
  { mode, fill }: FileFlags
): Effect.fn.Return<Sent<UploadInput>, CliFailure> {
  const [, file, path] = /^(.+):(\/.*)$/s.exec(upload) ?? []
  if (file === undefined || path === undefined)
    return yield* usageFailure(
      "--upload takes FILE:PATH with an absolute PATH, as in: --upload nginx.conf:/etc/nginx/nginx.conf"
    )
  const wrong = fill.find((text) => text.lastIndexOf("=") < 1)
  if (wrong !== undefined) return yield* usageFailure(`--fill takes TEXT=SECRET, not "${wrong}".`)
  const filling = fill.map((text) => [text.slice(0, text.lastIndexOf("=")), text.slice(text.lastIndexOf("=") + 1)])
  const content = yield* readBytes(file, UPLOAD_BYTES_MAX)
  return {
    upload: {
      path,
      content: Buffer.from(content).toString("base64"),
      mode: Option.match(mode, { onNone: () => modeOf(file), onSome: (given) => given.padStart(4, "0") }),
      ...(filling.length === 0 ? {} : { fill: Object.fromEntries(filling) }),
      ...(file === "-" ? {} : { source: basename(file) })
    }
  }
})

const PERMISSION_BITS = 0o777

/** What comes from standard input is for the account alone. */
const modeOf = (file: string): string =>
  file === "-" ? "0600" : (statSync(file).mode & PERMISSION_BITS).toString(8).padStart(4, "0")
