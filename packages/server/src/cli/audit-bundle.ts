// An export of the whole log as files: what stands under /log/, in the layout of https://c2sp.org/tlog-tiles. It verifies offline.
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { logPaths } from "@fluxcybers/core"
import { Effect, Redacted, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { type ApiError, apiFailure } from "./client.ts"
import type { Connection } from "./connection.ts"
import { CliFailure, problemFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"
import { progress } from "./progress.ts"

const DOWNLOADS_AT_ONCE = 8
const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

export interface Exported {
  readonly directory: string
  readonly size: number
  /** Files that were not there from an earlier export. */
  readonly files: number
}

/** Writes the log into the directory. What an earlier export left there is kept: parts never change. The checkpoint comes last. */
export const exportBundle = Effect.fnUntraced(function* (connection: Connection, directory: string) {
  const checkpoint = yield* download(connection, "checkpoint")
  const size = sizeIn(checkpoint)
  const paths = [...logPaths(size)]
  const missing = paths.filter((path) => !existsSync(join(directory, path)))
  const advance = progress("files", missing.length)
  const copy = Effect.fnUntraced(function* (path: string) {
    const part = download(connection, path)
    const bytes = yield* path.startsWith("tile/entries/")
      ? Effect.catchIf(part, isPurged, () => Effect.undefined)
      : part
    if (bytes !== undefined) yield* store(directory, path, bytes)
    advance()
  })
  yield* Effect.forEach(missing, copy, { concurrency: DOWNLOADS_AT_ONCE, discard: true })
  yield* store(directory, "checkpoint", checkpoint)
  return { directory, size, files: missing.length + 1 } satisfies Exported
}, Effect.provide(FetchHttpClient.layer))

/** Entries past their period are gone; the log says so, and whoever verifies the export sees whether it does. */
const isPurged = ({ exit }: CliFailure): boolean => exit === "not-found"

/** The second line of a checkpoint. Its signature is looked at when the export is verified. */
const sizeIn = (checkpoint: Uint8Array): number => Number(Buffer.from(checkpoint).toString("utf8").split("\n")[1])

/** What the aliases of the organisation's entries stand for, into a file of its own: it says who did what. */
export const exportAliases = Effect.fnUntraced(function* (connection: Connection, file: string) {
  yield* store(dirname(file), basename(file), yield* get(connection, "api/v1/audit/aliases"))
}, Effect.provide(FetchHttpClient.layer))

const download = (connection: Connection, path: string) => get(connection, `log/${path}`)

const get = Effect.fnUntraced(function* ({ url, token }: Connection, path: string) {
  const client = yield* HttpClient.HttpClient
  const request = HttpClientRequest.get(`${url}/${path}`).pipe(HttpClientRequest.bearerToken(Redacted.value(token)))
  const response = yield* Effect.mapError(client.execute(request), apiFailure(url))
  if (response.status !== 200) return yield* Effect.flatMap(problemIn(response, url), Effect.fail)
  return new Uint8Array(yield* Effect.mapError(response.arrayBuffer, apiFailure(url)))
})

const ProblemAnswer = Schema.Struct({
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  code: Schema.String
})

/** What the server says about why not. */
export const problemIn = (response: HttpClientResponse.HttpClientResponse, url: string) =>
  response.json.pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(ProblemAnswer)),
    Effect.match({ onFailure: (error: ApiError) => apiFailure(url)(error), onSuccess: problemFailure })
  )

const store = (directory: string, path: string, bytes: Uint8Array) =>
  Effect.try({
    try: () => {
      const file = join(directory, path)
      mkdirSync(dirname(file), { recursive: true, mode: DIRECTORY_MODE })
      // A file that stands there under its name is complete.
      writeFileSync(`${file}.part`, bytes, { mode: FILE_MODE })
      renameSync(`${file}.part`, file)
    },
    catch: (cause) =>
      new CliFailure({
        exit: "failure",
        code: "not-written",
        title: "Not written",
        detail: `${join(directory, path)} could not be written: ${fileErrorText(cause)}. What is there already can stay: repeat the export.`
      })
  })
