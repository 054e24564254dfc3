// A file of 32 random bytes that only its owner can read. Made whole or not at all, never overwritten, never read when anybody else
// could have read or replaced it.
import { randomBytes } from "node:crypto"
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  type Stats,
  unlinkSync,
  writeSync
} from "node:fs"
import { dirname } from "node:path"
import { Effect, Schema } from "effect"

export const KEY_BYTES = 32
const MODE = 0o600
const PERMISSION_BITS = 0o7777

/** The key file was refused. Nothing was read from it or written to it. */
export class KeyFileError extends Schema.TaggedError<KeyFileError>()("KeyFileError", {
  path: Schema.String,
  reason: Schema.Literals([
    "exists",
    "missing",
    "symlink",
    "not-a-file",
    "mode",
    "owner",
    "length",
    "blank",
    "unusable"
  ]),
  detail: Schema.String
}) {
  override get message() {
    return `The key file ${this.path} ${this.detail}`
  }
}

const refuse = (path: string, reason: KeyFileError["reason"], detail: string) =>
  new KeyFileError({ path, reason, detail })

/** Makes a new key file with mode 0600. Fails with `exists` when there is anything at the path. */
export const createKeyFile = Effect.fn("createKeyFile")(function* (path: string) {
  const key = randomBytes(KEY_BYTES)
  yield* Effect.ensuring(
    createPrivateFile(path, key),
    Effect.sync(() => key.fill(0))
  )
})

/** Makes a file that only its owner can read, whole or not at all. */
export const createPrivateFile = Effect.fnUntraced(function* (path: string, content: Uint8Array) {
  return yield* attempt(path, () => {
    const temporary = `${path}.${randomBytes(8).toString("hex")}.new`
    try {
      writeDurably(temporary, content)
      // Unlike rename, link never replaces what is there.
      linkSync(temporary, path)
    } finally {
      removeIfThere(temporary)
    }
    syncFolder(dirname(path))
  })
})

const writeDurably = (path: string, content: Uint8Array): void => {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, MODE)
  try {
    // The umask may have taken more away than it should.
    fchmodSync(file, MODE)
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const removeIfThere = (path: string): void => {
  try {
    unlinkSync(path)
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause
  }
}

/** Without it the new name may be gone after a power loss, although the file itself was written. */
export const syncFolder = (path: string): void => {
  const folder = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** The 32 bytes; the caller wipes them. */
export const readKeyFile = Effect.fn("readKeyFile")(function* (path: string) {
  const key = yield* readPrivateFile(path, KEY_BYTES + LENGTH_GUESS_BYTES)
  const problem = keyProblem(path, key)
  if (problem === undefined) return key
  key.fill(0)
  return yield* problem
})

/** Enough to see that a key was written down as text. */
const LENGTH_GUESS_BYTES = 64

/** Reads a file that only its owner can read, as `readKeyFile` does; of more than `bytesMax` bytes it gives that many. */
export const readPrivateFile = Effect.fnUntraced(function* (path: string, bytesMax: number) {
  return yield* attempt(path, () => {
    // Checked through the open file: what is checked is what is read.
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const problem = problemOf(path, fstatSync(file))
      if (problem !== undefined) throw problem
      const content = Buffer.alloc(bytesMax)
      return content.subarray(0, readSync(file, content, 0, bytesMax, 0))
    } finally {
      closeSync(file)
    }
  })
})

/** Which key file. */
export interface KeyFileOptions {
  readonly path: string
  /** Makes the file when it is missing: for a first start. False unless told: a lost key must be noticed, not replaced. */
  readonly createIfMissing?: boolean
}

/** `readKeyFile`, or a new file. Two processes may start for the first time at once: the file of the first one counts. */
export const readOrCreateKeyFile = Effect.fn("readOrCreateKeyFile")(function* (options: KeyFileOptions) {
  const read = readKeyFile(options.path)
  if (options.createIfMissing !== true) return yield* read
  const create = Effect.catchIf(
    createKeyFile(options.path),
    ({ reason }) => reason === "exists",
    () => Effect.void
  )
  return yield* Effect.catchIf(
    read,
    ({ reason }) => reason === "missing",
    () => Effect.andThen(create, read)
  )
})

const problemOf = (path: string, stats: Stats): KeyFileError | undefined => {
  if (!stats.isFile()) return refuse(path, "not-a-file", "is not a regular file. Name a file with 32 random bytes.")
  const owner = process.geteuid?.()
  if (stats.uid !== owner) {
    const command = `chown ${owner} ${path}`
    return refuse(path, "owner", `belongs to user ${stats.uid}, not to user ${owner} who reads it. Run: ${command}`)
  }
  const mode = stats.mode & PERMISSION_BITS
  if (mode !== MODE) {
    const octal = mode.toString(8).padStart(4, "0")
    return refuse(path, "mode", `has mode ${octal}; only its owner may read it. Run: chmod 600 ${path}`)
  }
  return undefined
}

const lengthAdvice = (size: number): string => {
  const text = { 43: "base64", 44: "base64", 45: "base64", 64: "hexadecimal", 65: "hexadecimal" }[size]
  const guess = text === undefined ? "" : ` It looks like a key written as ${text}: decode it first.`
  return `has ${size} bytes instead of ${KEY_BYTES}.${guess} A key file is ${KEY_BYTES} random bytes and nothing else; restore it from your backup of the keys.`
}

const keyProblem = (path: string, key: Uint8Array): KeyFileError | undefined => {
  if (key.length !== KEY_BYTES) return refuse(path, "length", lengthAdvice(key.length))
  // What some file systems leave after a power loss.
  return key.every((byte) => byte === key[0])
    ? refuse(
        path,
        "blank",
        `holds one byte ${KEY_BYTES} times, which is no key. Restore it from your backup of the keys.`
      )
    : undefined
}

const attempt = <A>(path: string, work: () => A): Effect.Effect<A, KeyFileError> =>
  Effect.try({ try: work, catch: (cause) => (cause instanceof KeyFileError ? cause : explained(path, cause)) })

const explained = (path: string, cause: unknown): KeyFileError => {
  const code = codeOf(cause)
  switch (code) {
    case "EEXIST":
      return refuse(path, "exists", "exists already and was left as it is. Use it, or choose another path.")
    case "ENOENT":
      return refuse(
        path,
        "missing",
        "does not exist. Restore it from your backup of the keys; for a new installation, create one."
      )
    case "ELOOP":
      return refuse(path, "symlink", "is a symbolic link, which others could point elsewhere. Name the file itself.")
    default:
      return refuse(
        path,
        "unusable",
        `cannot be used (${code}). Check that this account may read it and write to its folder.`
      )
  }
}

export const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown error"
