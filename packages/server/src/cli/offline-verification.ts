// Verifies a SQLite database file that is only read, with the code that the server uses and a key that came from somewhere else.
import { existsSync } from "node:fs"
import { StorageFailure, verifyLog } from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect } from "effect"
import { CliFailure, usageFailure } from "./failure.ts"

export const verifyFile = Effect.fnUntraced(function* (database: string, key: string) {
  if (!existsSync(database)) return yield* usageFailure(`There is no file ${database}. Nothing was verified.`)
  return yield* verifyLog({ verifierKey: key }).pipe(
    Effect.provide(sqliteLayer({ filename: database, readonly: true })),
    Effect.catchTag("InvalidKey", ({ message }) => usageFailure(`${message} Nothing was verified.`)),
    Effect.catchDefect((defect) =>
      defect instanceof StorageFailure ? notReadable(database, defect) : Effect.die(defect)
    )
  )
})

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
