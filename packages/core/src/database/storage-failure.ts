// What a person reads when the storage under FluxCybers fails. Services let it travel as a defect: no caller can repair a full
// disk, but whoever talks to a human (HTTP, command line) says what happened, what was kept, and what to do.
import { Effect, Schema } from "effect"
import type { SqlError } from "./sql.ts"

/** Why a storage failed, as far as somebody can do something about it. */
export const StorageReason = Schema.Literals(["disk-full", "read-only", "corrupted", "busy", "unavailable", "other"])
export type StorageReason = typeof StorageReason.Type

/** The database refused or lost an operation. The transaction it belonged to was rolled back: nothing of it was kept. */
export class StorageFailure extends Schema.TaggedError<StorageFailure>()("StorageFailure", {
  reason: StorageReason,
  code: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} (${this.code})`
  }
}

const EXPLANATIONS: Record<StorageReason, string> = {
  "disk-full": "The disk is full. The change was not made and nothing was lost. Free some space, then repeat it.",
  "read-only":
    "The database is read-only. The change was not made and nothing was lost. Make the data directory writable for this account, then repeat it.",
  corrupted:
    "The database file is damaged. FluxCybers stopped rather than guess. Stop the server, keep the damaged files, and restore the latest backup.",
  busy: "The database is locked by another process. The change was not made. Repeat it; if it stays so, look for a second process on the data directory.",
  unavailable:
    "The database cannot be reached. The change was not made. Check that it runs and that the URL is right, then repeat it.",
  other: "The database refused the operation. The change was not made and nothing was lost."
}

/** Turns an `SqlError` into a `StorageFailure` defect: broken storage is nobody's expected outcome. */
export const orStorageFailure = <A, E, R>(
  effect: Effect.Effect<A, E | SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError>, R> =>
  Effect.catchIf(effect, isSqlErrorOf<E>, (error) => Effect.die(storageFailure(error))) as Effect.Effect<
    A,
    Exclude<E, SqlError>,
    R
  >

const isSqlErrorOf = <E>(error: E | SqlError): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"

/** Reads the database's own error code out of an `SqlError`. */
const storageFailure = (error: SqlError): StorageFailure => {
  const code = nativeCode(error) ?? error.reason._tag
  return new StorageFailure({ reason: reasonOf(code), code, detail: nativeMessage(error) })
}

const REASONS: ReadonlyArray<readonly [RegExp, StorageReason]> = [
  [/^SQLITE_FULL|^53100/, "disk-full"],
  [/^SQLITE_(READONLY|CANTOPEN|PERM)|^25006|^EROFS|^EACCES/, "read-only"],
  [/^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)|^XX00[0-2]/, "corrupted"],
  [/^SQLITE_(BUSY|LOCKED)|^55P03|^40P01|LockTimeoutError|DeadlockError/, "busy"],
  [/^SQLITE_IOERR|^08|^28|^3D000|^57P|^ECONN|ConnectionError|AuthenticationError/, "unavailable"]
]

const reasonOf = (code: string): StorageReason => REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? "other"

const nativeCode = (error: SqlError): string | undefined => {
  for (let cause: unknown = error.reason; isRecord(cause); cause = cause["cause"]) {
    if (typeof cause["code"] === "string") return cause["code"]
  }
  return undefined
}

const nativeMessage = (error: SqlError): string => {
  let message = ""
  for (let cause: unknown = error.reason; isRecord(cause); cause = cause["cause"]) {
    if (typeof cause["message"] === "string" && cause["message"] !== "") message = cause["message"]
  }
  return message
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null
