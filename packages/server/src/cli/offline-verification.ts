// Verifies a database file or an exported log, both only read, with a key that came from somewhere else.
import { existsSync, readFileSync } from "node:fs"
import { StorageFailure, type VerificationProgress, verifyLog } from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { NotVerifiable, verifyBundle } from "@fluxcybers/core/verifier"
import { Effect } from "effect"
import { readWitnessPolicy } from "../data/witness-policy-file.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"
import { progress } from "./progress.ts"

/** An export, with the verifier that also stands alone as `@fluxcybers/core/verifier`. */
export const verifyDirectory = Effect.fnUntraced(function* (asked: {
  readonly directory: string
  readonly key: string
  readonly witness: ReadonlyArray<string>
  readonly seen: ReadonlyArray<string>
  readonly aliases: string | undefined
}) {
  const seen = yield* Effect.forEach(asked.seen, readCheckpoint)
  const aliases = asked.aliases === undefined ? {} : { aliases: asked.aliases }
  const { directory, key, witness: witnesses } = asked
  let advance: ((done: number) => void) | undefined
  const onProgress = (entries: number, of: number) => {
    advance ??= progress("entries", of)
    advance(entries)
  }
  return yield* Effect.tryPromise({
    try: () => verifyBundle({ directory, key, witnesses, seen, onProgress, ...aliases }),
    catch: asUsage
  })
})

const asUsage = (cause: unknown): CliFailure => {
  // Anything else is an error of the program.
  if (!(cause instanceof NotVerifiable)) throw cause
  return usageFailure(cause.message)
}

const readCheckpoint = (path: string) =>
  Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: (cause) =>
      usageFailure(`The checkpoint ${path} could not be read: ${fileErrorText(cause)}. Nothing was verified.`)
  })

export const verifyFile = Effect.fnUntraced(function* (asked: {
  readonly database: string
  readonly key: string
  readonly seen: ReadonlyArray<string>
  readonly policy: string | undefined
}) {
  const { database, key } = asked
  const seen = yield* Effect.forEach(asked.seen, readCheckpoint)
  const policy = asked.policy === undefined ? {} : { policy: yield* readPolicy(asked.policy) }
  if (!existsSync(database)) return yield* usageFailure(`There is no file ${database}. Nothing was verified.`)
  let advance: ((done: number) => void) | undefined
  const onProgress = ({ entries, of }: VerificationProgress) => {
    advance ??= progress("entries", of)
    advance(entries)
  }
  return yield* verifyLog({ verifierKey: key, seen, onProgress, ...policy }).pipe(
    Effect.provide(sqliteLayer({ filename: database, readonly: true })),
    Effect.catchTag("InvalidKey", ({ message }) => usageFailure(`${message} Nothing was verified.`)),
    Effect.catchDefect((defect) =>
      defect instanceof StorageFailure ? notReadable(database, defect) : Effect.die(defect)
    )
  )
})

const readPolicy = (path: string) =>
  Effect.mapError(readWitnessPolicy(path), ({ problem }) =>
    usageFailure(`The witness policy ${path} cannot be used: ${problem} Nothing was verified.`)
  )

/** A damaged page is a finding of its own, and a file of something else is none of ours. */
const notReadable = (database: string, { reason, code }: StorageFailure) =>
  new CliFailure({
    exit: "failure",
    code: `storage-${reason}`,
    title: "Not verified",
    detail:
      `${database} could not be read as a database of FluxCybers (${code}). Nothing was verified, and nothing was changed.\n` +
      "Is it the right file? If it is, it is damaged: keep it as it is, and compare with a backup."
  })
