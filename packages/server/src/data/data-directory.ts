// The data directory: one folder, readable by the server's account alone, in use by one server at a time.
import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { attempt, DirectoryError } from "./directory-error.ts"
import { lockDirectory } from "./directory-lock.ts"

const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600
const OTHERS = 0o077

export interface DataDirectory {
  readonly path: string
  /** Paths of what lies in it. */
  readonly rootKey: string
  /** Salt and cost of a root key that comes from a passphrase. */
  readonly passphraseSalt: string
  readonly logKey: string
  readonly journal: string
  /** Whose keys were destroyed; never put back an older one. */
  readonly erasures: string
  readonly database: string
  /** Where mails go without a mail server. */
  readonly mail: string
  /** Names this node; made at the first start. */
  readonly nodeId: string
}

/** Makes the directory when it is missing (mode 0700), and holds it until the scope closes. A second server is refused. */
export const openDataDirectory = Effect.fn("openDataDirectory")(function* (path: string) {
  yield* openPrivateDirectory(path)
  const directory: DataDirectory = {
    path,
    rootKey: join(path, "root.key"),
    passphraseSalt: join(path, "root.passphrase"),
    logKey: join(path, "log.key"),
    journal: join(path, "checkpoints"),
    erasures: join(path, "erasures"),
    database: join(path, "fluxcybers.db"),
    mail: join(path, "mail"),
    nodeId: yield* attempt(path, () => nodeId(join(path, "node-id")))
  }
  return directory
})

/** A directory that only this account may read (made when it is missing), held until the scope closes. */
export const openPrivateDirectory = Effect.fn("openPrivateDirectory")(function* (path: string) {
  yield* attempt(path, () => mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE }))
  yield* requirePrivate(path)
  yield* lockDirectory(path)
})

const requirePrivate = Effect.fnUntraced(function* (path: string) {
  const status = yield* attempt(path, () => statSync(path))
  if (!status.isDirectory()) return yield* new DirectoryError({ path, reason: "not-a-directory", detail: "" })
  if ((status.mode & OTHERS) !== 0) {
    const detail = `0${(status.mode & 0o777).toString(8)}`
    return yield* new DirectoryError({ path, reason: "too-open", detail })
  }
})

const nodeId = (path: string): string => {
  const known = existsSync(path) ? readFileSync(path, "utf8").trim() : ""
  if (known !== "") return known
  const id = `node-${randomUUID()}`
  writeFileSync(path, `${id}\n`, { mode: FILE_MODE })
  return id
}
