// What can be wrong with the data directory, and what to do about it.
import { Effect, Schema } from "effect"

/** The data directory cannot be used. Nothing in it was changed. */
export class DirectoryError extends Schema.TaggedError<DirectoryError>()("DirectoryError", {
  path: Schema.String,
  reason: Schema.Literals(["not-a-directory", "too-open", "not-writable", "full", "in-use", "unusable"]),
  /** The process that uses it, the error's code, or the mode. */
  detail: Schema.String
}) {
  override get message() {
    return EXPLANATIONS[this.reason].replaceAll("%", this.path).replace("#", this.detail)
  }
}

const EXPLANATIONS = {
  "not-a-directory": "% is not a directory. Name another one with --data-dir or FLUXCYBERS_HOME.",
  "too-open":
    'The data directory % has mode #: other accounts of this machine could read its keys. Run "chmod 700 %", then start again.',
  "not-writable":
    "The data directory % cannot be written (#). Make it writable for this account, or name another one with --data-dir or FLUXCYBERS_HOME.",
  full: "The disk of the data directory % is full (#). Free some space, then start again. Nothing was lost.",
  "in-use":
    "Another server (process #) uses the data directory %. Stop it first, or name another directory with --data-dir or FLUXCYBERS_HOME.",
  unusable: "The data directory % cannot be used (#)."
} as const

/** Runs file work; an error of the system becomes a `DirectoryError` that says what to do. */
export const attempt = <A>(path: string, work: () => A): Effect.Effect<A, DirectoryError> =>
  Effect.try({ try: work, catch: (cause) => directoryError(path, codeOf(cause)) })

export const directoryError = (path: string, code: string): DirectoryError =>
  new DirectoryError({ path, reason: REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? "unusable", detail: code })

const REASONS: ReadonlyArray<readonly [RegExp, DirectoryError["reason"]]> = [
  [/^(EACCES|EPERM|EROFS|SQLITE_READONLY|SQLITE_CANTOPEN)/, "not-writable"],
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)/, "full"],
  [/^(ENOTDIR|EEXIST)/, "not-a-directory"]
]

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown error"
