// A full disk, a read-only disk, a damaged file: each is said plainly, and nothing that was confirmed before is lost.
import { execFileSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { SqliteConnection } from "@fluxcybers/core/sqlite"
import { Context, Effect, Layer, Option } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { openDataDirectory } from "../src/data/data-directory.ts"
import { Stopping } from "../src/http/stopping.ts"
import { servicesLayer } from "../src/layers.ts"
import { openServer, startServer } from "../src/start.ts"
import { onDatabase } from "./stored.ts"
import {
  base64,
  type Client,
  captured,
  claim,
  claimedServer,
  clientOf,
  problemIn,
  runServer,
  temporaryFolder,
  testSettings,
  verifiedLog
} from "./test-server.ts"

const sqlite = serverDatabases[0]!

/** Root in a container may not be allowed to mount. */
const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-mount-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" })
    execFileSync("umount", [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
})()

/** Settings on a small disk of its own, which can be filled and made read-only. */
const smallDisk = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=0700,size=4m", "tmpfs", folder])
  yield* Effect.addFinalizer(() => Effect.sync(() => execFileSync("umount", ["-l", folder])))
  const settings = { ...(yield* testSettings(sqlite)), directory: folder }
  const remount = (mode: "ro" | "rw") => execFileSync("mount", ["-o", `remount,${mode}`, folder])
  return { settings, folder, remount }
})

const fill = (folder: string) => {
  const ballast = openSync(join(folder, "ballast"), "w")
  try {
    for (;;) writeSync(ballast, Buffer.alloc(4_096, 1))
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ENOSPC") throw cause
  } finally {
    closeSync(ballast)
  }
}

const put = (client: Client, name: string) =>
  client.secrets.put({ payload: { name, value: base64("x".repeat(40_000)) } })
const names = (client: Client) => Effect.map(client.secrets.list(), (list) => list.map(({ name }) => name))

/** A claimed server whose SQLite connection can be told to behave as on a full or a read-only disk. */
const faultyServer = Effect.gen(function* () {
  const settings = yield* testSettings(sqlite)
  const log = captured()
  const directory = yield* openDataDirectory(settings.directory)
  const start = Layer.build(Layer.merge(Stopping.layer, servicesLayer(settings, directory)))
  const services = yield* Effect.provide(start, log.layer)
  const server = yield* openServer(settings).pipe(Effect.provideContext(services), Effect.provide(log.layer))
  const connection = Option.getOrThrow(Context.getOption(services as Context.Context<never>, SqliteConnection))
  const pragma = (text: string) => connection.use((handle) => handle.pragma(text, { simple: true }) as number)
  return { client: (yield* claim(server)).client, pragma, log: log.lines }
})

describe("a database that cannot grow", () => {
  it.live("refuses the change with 507 and advice, goes on reading, and works again when it can", () =>
    Effect.gen(function* () {
      const { client, pragma } = yield* faultyServer
      yield* put(client, "before")
      const pages = yield* pragma("page_count")
      yield* pragma(`max_page_count = ${pages}`)
      expect(yield* problemIn(put(client, "during"))).toMatchObject({ status: 507, code: "storage-disk-full" })
      expect(yield* names(client)).toEqual(["before"])
      yield* pragma(`max_page_count = ${pages * 10}`)
      yield* put(client, "after")
      expect(yield* names(client)).toEqual(["after", "before"])
    })
  )
})

describe("a database that cannot be written", () => {
  it.live("refuses changes with 503 and advice, goes on reading, and works again when it can", () =>
    Effect.gen(function* () {
      const { client, pragma, log } = yield* faultyServer
      yield* put(client, "before")
      yield* pragma("query_only = 1")
      const problem = yield* problemIn(put(client, "during"))
      expect(problem).toMatchObject({ status: 503, code: "storage-read-only" })
      expect(problem.detail).toContain("Make the data directory writable")
      expect(yield* names(client)).toEqual(["before"])
      yield* pragma("query_only = 0")
      yield* put(client, "after")
      expect(yield* names(client)).toEqual(["after", "before"])
      expect(log.join("\n")).toContain("SQLITE_READONLY")
    })
  )
})

// Skipped where a small disk cannot be mounted; the tests above cover the same answers.
describe.runIf(canMount)("a full disk", () => {
  it.live("refuses the change with 507 and advice, goes on reading, and works again after space was made", () =>
    Effect.gen(function* () {
      const { settings, folder } = yield* smallDisk
      const { owner } = yield* claimedServer(settings)
      yield* put(owner.client, "before")
      fill(folder)
      const problem = yield* problemIn(put(owner.client, "during"))
      expect(problem).toMatchObject({ status: 507, code: "storage-disk-full" })
      expect(problem.detail).toContain("Free some space, then repeat it.")
      expect(yield* names(owner.client)).toEqual(["before"])
      rmSync(join(folder, "ballast"))
      yield* put(owner.client, "after")
      expect(yield* names(owner.client)).toEqual(["after", "before"])
      expect(yield* verifiedLog(owner.client)).toMatchObject({ problems: [] })
    })
  )

  it.live("refuses the first start with advice", () =>
    Effect.gen(function* () {
      const { settings, folder } = yield* smallDisk
      fill(folder)
      const error = yield* Effect.flip(Effect.scoped(startServer(settings)))
      expect(error.message).toMatch(/disk.* is full.*Free some space, then start again/s)
      rmSync(join(folder, "ballast"))
      yield* Effect.scoped(startServer(settings))
    })
  )
})

// Skipped where a small disk cannot be mounted; the tests above cover the same answers.
describe.runIf(canMount)("a read-only disk", () => {
  it.live("refuses the change with 503 and advice, goes on reading, and works again when it is writable", () =>
    Effect.gen(function* () {
      const { settings, remount } = yield* smallDisk
      const token = yield* Effect.scoped(
        Effect.gen(function* () {
          const { owner } = yield* claimedServer(settings)
          yield* put(owner.client, "before")
          return owner.token
        })
      )
      remount("ro")
      const error = yield* Effect.flip(Effect.scoped(startServer(settings)))
      expect(error.message).toContain("Make it writable for this account")
      remount("rw")
      const client = yield* clientOf((yield* runServer(settings)).url, token)
      expect(yield* names(client)).toEqual(["before"])
    })
  )
})

describe("a damaged database", () => {
  const damaged = (damage: (path: string) => void) =>
    Effect.gen(function* () {
      const settings = yield* testSettings(sqlite)
      const token = yield* Effect.scoped(
        Effect.gen(function* () {
          const { owner } = yield* claimedServer(settings)
          for (let i = 0; i < 20; i++) yield* put(owner.client, `key-${i}`)
          return owner.token
        })
      )
      damage(join(settings.directory, "fluxcybers.db"))
      return { settings, token }
    })

  const overwritePages = (path: string, from: number) => {
    const file = openSync(path, "r+")
    const size = statSync(path).size
    for (let at = from; at < size; at += 4_096) writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at)
    closeSync(file)
  }

  it.live("whose first page is overwritten does not start, and says to restore a backup", () =>
    Effect.gen(function* () {
      const { settings } = yield* damaged((path) => writeFileSync(path, Buffer.alloc(65_536, 0xa5)))
      const before = readdirSync(settings.directory)
      const error = yield* Effect.flip(Effect.scoped(startServer(settings)))
      expect(error.message).toContain("The database file is damaged")
      expect(error.message).toContain("restore the latest backup")
      expect(readdirSync(settings.directory)).toEqual(
        expect.arrayContaining(before.filter((name) => !name.includes("-")))
      )
    })
  )

  it.live("whose further pages are overwritten says so instead of guessing", () =>
    Effect.gen(function* () {
      const { settings } = yield* damaged((path) => overwritePages(path, 8 * 4_096))
      const error = yield* Effect.flip(Effect.scoped(startServer(settings)))
      expect(error.message).toContain("The database file is damaged")
    })
  )

  it.live("whose secret was altered does not open it, and says that it was altered", () =>
    Effect.gen(function* () {
      const { settings, token } = yield* damaged(() => {})
      yield* onDatabase(settings, "UPDATE vault_secret_versions SET sealed = zeroblob(length(sealed)) WHERE rowid = 1")
      const client = yield* clientOf((yield* runServer(settings)).url, token)
      const reveal = (name: string) => client.secrets.reveal({ payload: { name, purpose: "test" } })
      expect(yield* problemIn(reveal("key-0"))).toMatchObject({ status: 409, code: "secret-cannot-open" })
      expect((yield* reveal("key-1")).version).toBe(1)
    })
  )
})
