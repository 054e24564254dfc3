// Files as plans of their own: one that is put on a target, or one that is fetched from it.
import { Schema } from "effect"
import { type CommandAccess, commandAccess } from "./command-access.ts"
import { SETTINGS, shortened, Text } from "./command-input.ts"
import type { PlanDraft } from "./executor.ts"
import { fillProblem } from "./fill.ts"
import { FileMode } from "./plan.ts"
import { DOWNLOAD_BYTES_DEFAULT, SENTENCE_LENGTH_MAX } from "./plan-limits.ts"
import { commandLine, quoteWord } from "./shell-quote.ts"

const { timeoutMs } = SETTINGS

/** A file that is put on the target, in place of the one that is there or as a new one. */
export const UploadInput = Schema.Struct({
  upload: Schema.Struct({
    /** Absolute path on the target. */
    path: Text,
    /** Base64; at most 8 MiB of bytes. */
    content: Schema.Uint8ArrayFromBase64,
    /** `0600` unless told. */
    mode: Schema.optionalKey(FileMode),
    /** Placeholders that stand in the content (`@@PASSWORD@@`), and the names of the secrets that take their place when it runs. */
    fill: Schema.optionalKey(Schema.Record(Text, Schema.String)),
    /** The name of the file that it was read from, for the sentence that explains the plan. */
    source: Schema.optionalKey(Text)
  }).check(Schema.makeFilter(({ fill, content }) => fill === undefined || (fillProblem(fill, content) ?? true))),
  timeoutMs
})
export type UploadInput = typeof UploadInput.Type

/** A file that is fetched from the target and kept sealed with the run. */
export const DownloadInput = Schema.Struct({
  download: Schema.Struct({
    /** Absolute path on the target. */
    path: Text,
    /** A larger file is not fetched. 16 MiB unless told, at most 256 MiB. */
    bytesMax: Schema.optionalKey(Schema.Int)
  }),
  timeoutMs
})
export type DownloadInput = typeof DownloadInput.Type

const MODE_DEFAULT = "0600"

/** What a transfer itself may say, besides the file. */
const MESSAGES_BYTES_MAX = 64 * 1024

/** The plan of an upload; the content is its standard input. */
export const draftUpload = ({ upload, ...settings }: UploadInput): PlanDraft => {
  const { path, content, mode = MODE_DEFAULT, source, fill } = upload
  const file = { _tag: "Upload", path, mode, bytes: content.length } as const
  const command = fill === undefined ? file : { ...file, fill }
  const from = source === undefined ? "a file" : commandLine([source])
  return {
    ...settings,
    command,
    stdin: content,
    ...(fill === undefined ? {} : { secrets: Object.values(fill) }),
    outputBytesMax: MESSAGES_BYTES_MAX,
    ...judged(`Puts ${from} of ${content.length} bytes at ${commandLine([path])}`, fileAccess(command))
  }
}

/** The plan of a download. */
export const draftDownload = ({ download, ...settings }: DownloadInput): PlanDraft => {
  const { path, bytesMax = DOWNLOAD_BYTES_DEFAULT } = download
  const command = { _tag: "Download", path, bytesMax } as const
  return {
    ...settings,
    command,
    outputBytesMax: bytesMax + MESSAGES_BYTES_MAX,
    ...judged(`Fetches ${commandLine([path])}`, fileAccess(command))
  }
}

const WHY_LENGTH_MAX = 150
const SUMMARY_LENGTH_MAX = SENTENCE_LENGTH_MAX - WHY_LENGTH_MAX - 20

const judged = (summary: string, { access, why }: CommandAccess): Pick<PlanDraft, "access" | "sentence"> => ({
  access,
  sentence: `${shortened(summary, SUMMARY_LENGTH_MAX)} (${access}: ${shortened(why, WHY_LENGTH_MAX)})`
})

/** The class of the command line that would do the same: so a path is judged alike, however its file is written or shown. */
export const fileAccess = (
  command: { readonly _tag: "Upload"; readonly path: string } | { readonly _tag: "Download"; readonly path: string }
): CommandAccess =>
  command._tag === "Upload"
    ? commandAccess({ script: `printf x > ${quoteWord(command.path)}` })
    : commandAccess({ argv: ["cat", "--", command.path] })
