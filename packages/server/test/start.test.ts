// Starting, stopping, starting again.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Exit, Redacted, Scope, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { startServer } from "../src/start.ts"
import { onDatabase } from "./stored.ts"
import {
  base64,
  claim,
  claimedServer,
  clientOf,
  ownedServer,
  ownerCode,
  runServer,
  testSettings
} from "./test-server.ts"

const refusal = (settings: Parameters<typeof startServer>[0]) =>
  Effect.map(Effect.flip(Effect.scoped(startServer(settings))), (error) => error.message)

describe.each(serverDatabases)("a server on $name", (database) => {
  it.live("makes its keys at the first start, in files of mode 0600", () =>
    Effect.gen(function* () {
      const { settings, ownerLink, url } = yield* runServer(yield* testSettings(database))
      for (const name of ["root.key", "log.key", "node-id"]) {
        expect(statSync(join(settings.directory, name)).mode & 0o777, name).toBe(0o600)
      }
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(Redacted.value(ownerLink!)).toMatch(new RegExp(`^${url}/claim#fcl_[0-9A-Za-z]{49}$`))
    })
  )

  it.live("finds everything at the second start, and prints no owner link once it has an owner", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      const { token, organisation, verifierKey } = yield* Effect.scoped(
        Effect.gen(function* () {
          const server = yield* runServer(settings)
          const owner = yield* claim(server)
          yield* owner.client.secrets.put({ payload: { name: "key", value: base64("value") } })
          const { verifierKey } = yield* owner.client.audit.checkpoint()
          return { token: owner.token, organisation: server.organisation, verifierKey }
        })
      )
      const server = yield* runServer(settings)
      expect(server.ownerLink).toBeUndefined()
      expect(server.organisation).toBe(organisation)
      const client = yield* clientOf(server.url, token)
      expect((yield* client.session.whoami()).name).toBe("Ada Lovelace")
      const revealed = yield* client.secrets.reveal({ payload: { name: "key", purpose: "test" } })
      expect(revealed).toEqual({ name: "key", version: 1, value: base64("value") })
      expect((yield* client.audit.checkpoint()).verifierKey).toBe(verifierKey)
    })
  )

  it.live("prints a new owner link at each start until somebody has used one", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      const first = yield* Effect.scoped(Effect.map(runServer(settings), ownerCode))
      const server = yield* runServer(settings)
      expect(ownerCode(server)).not.toBe(first)
      yield* claim(server)
    })
  )

  it.live("is refused beside another one on the same directory, which goes on", () =>
    Effect.gen(function* () {
      const server = yield* runServer(yield* testSettings(database))
      const message = yield* refusal(server.settings)
      expect(message).toContain(`Another server (process ${process.pid}) uses the data directory`)
      expect((yield* server.request("/api/v1/health")).status).toBe(200)
    })
  )

  it.live("does not start without the keys that its database was made with, and makes no new ones", () =>
    Effect.gen(function* () {
      for (const name of ["root.key", "log.key"]) {
        const settings = yield* testSettings(database)
        yield* Effect.scoped(runServer(settings))
        const path = join(settings.directory, name)
        const kept = readFileSync(path)
        rmSync(path)
        expect(yield* refusal(settings)).toContain(`${path} does not exist. Restore it from your backup`)
        expect(existsSync(path)).toBe(false)
        writeFileSync(path, Buffer.alloc(32, "another key"), { mode: 0o600 })
        expect(yield* refusal(settings)).toMatch(/Nothing was changed/)
        writeFileSync(path, kept)
        yield* Effect.scoped(runServer(settings))
      }
    })
  )

  it.live("does not start on a database with a column that nobody declared", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      yield* Effect.scoped(runServer(settings))
      yield* onDatabase(settings, "ALTER TABLE server_members ADD COLUMN nickname TEXT")
      expect(yield* refusal(settings)).toContain("Not declared in the inventory: server_members.nickname")
    })
  )

  it.live("ends live streams and open connections when it stops", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { owner, server } = yield* Scope.provide(ownedServer(database), scope)
      const payload = { executor: "local", input: { argv: ["true"] }, targets: [] }
      const { id } = yield* owner.client.executions.propose({ payload, headers: {} })
      const events = yield* owner.client.executions.events({ params: { id }, query: {} })
      const closing = Effect.andThen(Effect.sleep(300), Scope.close(scope, Exit.void))
      const [seen] = yield* Effect.all([Stream.runCollect(events), closing], { concurrency: "unbounded" })
      expect(seen).toEqual([{ _tag: "State", state: "pending" }])
      const gone = yield* Effect.exit(Effect.tryPromise(() => fetch(`${server.url}/api/v1/health`)))
      expect(Exit.isFailure(gone)).toBe(true)
    })
  )

  it.live("lets a running command end when it stops", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const settings = yield* testSettings(database)
      const { owner } = yield* Scope.provide(claimedServer(settings), scope)
      const payload = { executor: "local", input: { script: "echo begun; sleep 2; echo ended" }, targets: [] }
      const { id, digest } = yield* owner.client.executions.propose({ payload, headers: {} })
      yield* owner.client.executions.approve({ params: { id }, payload: { digest } })
      const events = yield* owner.client.executions.events({ params: { id }, query: {} })
      yield* events.pipe(
        Stream.takeUntil((event) => event._tag === "Output"),
        Stream.runDrain
      )
      yield* Scope.close(scope, Exit.void)
      const again = yield* runServer(settings)
      const settled = yield* (yield* clientOf(again.url, owner.token)).executions.show({ params: { id } })
      expect(settled.state).toBe("succeeded")
    })
  )
})

describe("a port", () => {
  it.live("that is taken is named, with the way out", () =>
    Effect.gen(function* () {
      const blocker = createServer()
      yield* Effect.callback<void>((resume) => void blocker.listen(0, "127.0.0.1", () => resume(Effect.void)))
      yield* Effect.addFinalizer(() => Effect.sync(() => blocker.close()))
      const { port } = blocker.address() as { port: number }
      const settings = { ...(yield* testSettings(serverDatabases[0]!)), port }
      expect(yield* refusal(settings)).toContain(`Another program listens on 127.0.0.1:${port}`)
    })
  )

  it.live("on IPv6 loopback works too", () =>
    Effect.gen(function* () {
      const server = yield* runServer({ ...(yield* testSettings(serverDatabases[0]!)), host: "::1" })
      expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/)
      expect((yield* server.request("/api/v1/health")).status).toBe(200)
    })
  )
})
