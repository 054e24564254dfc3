// Stored sign-ins: `$XDG_CONFIG_HOME/fluxcybers/profiles.json`, folder 0700, file 0600. A file that others can read is refused,
// because its tokens may be known to them already.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { Effect, Schema } from "effect"
import { CliFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"

export const DEFAULT_PROFILE = "default"

/** One sign-in. The token is sent to this server and to no other. */
export const Profile = Schema.Struct({
  url: Schema.String,
  token: Schema.String,
  name: Schema.optionalKey(Schema.String),
  expiresAt: Schema.optionalKey(Schema.String)
})
export type Profile = typeof Profile.Type

const ProfileFile = Schema.Struct({
  v: Schema.Literal(1),
  profiles: Schema.Record(Schema.String, Profile)
})

export type Profiles = Readonly<Record<string, Profile>>

export const profilesPath = (environment: NodeJS.ProcessEnv = process.env): string => {
  const configHome = environment["XDG_CONFIG_HOME"]
  // The specification says that a relative path is to be ignored.
  const base = configHome?.startsWith("/") === true ? configHome : join(homedir(), ".config")
  return join(base, "fluxcybers", "profiles.json")
}

/** The stored sign-ins; none when there is no file yet. */
export const readProfiles = Effect.fnUntraced(function* (path: string) {
  const text = yield* attempt(path, () => readPrivate(path))
  if (text === undefined) return {}
  const file = yield* Effect.mapError(decode(text), () =>
    failure(
      `${path} is not a file that fluxcybers wrote. Nothing was changed.\nMove it away and sign in again: fluxcybers login`
    )
  )
  return file.profiles
})

/** Replaces the file as a whole: after a crash there is the old one or the new one. */
export const writeProfiles = (path: string, profiles: Profiles): Effect.Effect<void, CliFailure> =>
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const draft = `${path}.${process.pid}.tmp`
    rmSync(draft, { force: true })
    const handle = openSync(draft, "wx", 0o600)
    try {
      writeSync(handle, `${JSON.stringify({ v: 1, profiles }, null, 2)}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    // The umask can only take rights away; an owner without the right to read would lock themself out.
    chmodSync(draft, 0o600)
    renameSync(draft, path)
  })

/** What is wrong with the rights of a private file or folder; `undefined` when nothing is, or on a system without such rights. */
export const rightsProblem = (path: string): string | undefined => {
  if (process.platform === "win32") return undefined
  const { mode, uid } = statSync(path)
  if (uid !== process.getuid?.() && process.getuid?.() !== 0) return `${path} belongs to another user.`
  if ((mode & 0o077) !== 0)
    return `${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, "0")}).`
  return undefined
}

const readPrivate = (path: string): string | undefined => {
  try {
    const problem = rightsProblem(path)
    if (problem !== undefined)
      throw new TooWide(`${problem} It was not used.\nIf nobody can have read the tokens in it: chmod 600 ${path}`)
    return readFileSync(path, "utf8")
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw cause
  }
}

class TooWide extends Error {}

const isMissing = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "ENOENT"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(ProfileFile), { onExcessProperty: "error" })

const attempt = <A>(path: string, work: () => A): Effect.Effect<A, CliFailure> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      failure(
        cause instanceof TooWide
          ? cause.message
          : `${path} could not be used: ${fileErrorText(cause)}. Nothing was changed.`
      )
  })

const failure = (detail: string) =>
  new CliFailure({ exit: "failure", code: "profile-file", title: "Stored sign-ins not usable", detail })
