// One server a directory. The lock is SQLite's own file lock: the kernel releases it when the process ends, however it ends.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import BetterSqlite from "better-sqlite3"
import { Effect } from "effect"
import { attempt, DirectoryError, directoryError } from "./directory-error.ts"

/** Holds the directory until the scope closes. The holder's process id stands beside the lock, for the message of whoever is refused. */
export const lockDirectory = Effect.fn("lockDirectory")(function* (path: string) {
  const holder = join(path, "server.pid")
  yield* Effect.acquireRelease(acquire(path, holder), (lock) => Effect.sync(() => lock.close()))
  yield* attempt(path, () => writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 }))
})

const acquire = (path: string, holder: string) =>
  Effect.try({
    try: () => {
      const lock = new BetterSqlite(join(path, "server.lock"), { timeout: 0 })
      try {
        lock.pragma("locking_mode = EXCLUSIVE")
        lock.exec("BEGIN EXCLUSIVE")
        return lock
      } catch (cause) {
        lock.close()
        throw cause
      }
    },
    catch: (cause) => refusal(path, holder, cause instanceof BetterSqlite.SqliteError ? cause.code : String(cause))
  })

const refusal = (path: string, holder: string, code: string): DirectoryError =>
  code.startsWith("SQLITE_BUSY")
    ? new DirectoryError({ path, reason: "in-use", detail: processOf(holder) })
    : directoryError(path, code)

/** The holder writes its id just after it took the lock; in between, and on a directory restored from elsewhere, nobody knows it. */
const processOf = (holder: string): string => {
  try {
    return readFileSync(holder, "utf8").trim()
  } catch {
    return "unknown"
  }
}
