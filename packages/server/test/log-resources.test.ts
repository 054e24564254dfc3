// The log under /log/, as a monitor reads it over HTTP.
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { it } from "@effect/vitest"
import { logPaths } from "@fluxcybers/core"
import { verifyBundle } from "@fluxcybers/core/verifier"
import { Effect, Schedule } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { strangerOn } from "./stranger.ts"
import { claim, ownedServer, runServer, temporaryFolder, testSettings, verifiedLog } from "./test-server.ts"

const ENTRIES = 260

/** Each secret that is put is an entry. */
const filled = Effect.fnUntraced(function* (owner: Effect.Success<ReturnType<typeof claim>>) {
  const add = (index: number) => owner.client.secrets.put({ payload: { name: `key-${index}`, value: "eA==" } })
  yield* Effect.forEach(
    Array.from({ length: ENTRIES }, (_, i) => i),
    add,
    { concurrency: 20, discard: true }
  )
  const { size } = yield* verifiedLog(owner.client)
  // The end of the verification is an entry too, and the last one.
  return yield* owner.client.audit.checkpoint().pipe(
    Effect.map(({ checkpoint }) => ({ size: Number(checkpoint.split("\n")[1]) })),
    Effect.repeat({ until: (newest) => newest.size === size + 1, schedule: Schedule.spaced("25 millis") })
  )
})

describe.each(serverDatabases)("on $name", (database) => {
  it.live("all of it can be fetched and verifies with the key alone", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const { size } = yield* filled(owner)
      const { verifierKey } = yield* owner.client.audit.checkpoint()
      const directory = yield* temporaryFolder
      for (const path of ["checkpoint", ...logPaths(size)]) {
        const response = yield* server.request(`/log/${path}`, { token: owner.token })
        expect(`${path} ${response.status}`).toBe(`${path} 200`)
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), Buffer.from(yield* Effect.promise(() => response.arrayBuffer())))
      }
      const report = yield* Effect.promise(() => verifyBundle({ directory, key: verifierKey }))
      expect(report).toMatchObject({ size, problems: [] })
    })
  )

  it.live("every part has the type and the cache rules of its kind, and bundles are compressed for who takes it", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      yield* filled(owner)
      const headersOf = Effect.fnUntraced(function* (path: string, encoding = "identity", method = "GET") {
        const headers = { "accept-encoding": encoding }
        const response = yield* server.request(path, { token: owner.token, headers, method })
        const names = ["content-type", "cache-control", "content-encoding", "vary"]
        return Object.fromEntries(names.map((name) => [name, response.headers.get(name) ?? ""]))
      })
      expect(yield* headersOf("/log/checkpoint")).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-cache"
      })
      const tile = {
        "content-type": "application/octet-stream",
        "cache-control": "private, max-age=31536000, immutable",
        "content-encoding": "",
        vary: ""
      }
      expect(yield* headersOf("/log/tile/0/000", "gzip")).toEqual(tile)
      expect(yield* headersOf("/log/tile/1/000.p/1")).toEqual(tile)
      const bundle = { ...tile, "cache-control": "private, max-age=86400, immutable", vary: "accept-encoding" }
      expect(yield* headersOf("/log/tile/entries/000", "gzip;q=0")).toEqual(bundle)
      expect(yield* headersOf("/log/tile/entries/000", "br, gzip")).toEqual({ ...bundle, "content-encoding": "gzip" })
      expect(yield* headersOf("/log/tile/0/000", "identity", "HEAD")).toEqual(tile)
    })
  )

  it.live("a path that is not written as the specification says, or that lies beyond the log, is not there", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const { size } = yield* filled(owner)
      const paths = [
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/x000/000",
        "tile/0/001",
        "tile/entries/001",
        `tile/0/001.p/${size - 255}`,
        `tile/entries/001.p/${size - 255}`,
        "tile/1/000",
        "tile/1/000.p/2",
        "tile/2/000.p/1",
        "tile/0/000/",
        "tile/0/%30%30%30",
        "tile/0/000.p/",
        "tile/entries/000.p/1x",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/data/000",
        "tile/",
        "checkpoint/",
        "Checkpoint",
        "entries/000"
      ]
      for (const path of paths) {
        const response = yield* server.request(`/log/${path}`, { token: owner.token })
        expect(`${path} ${response.status}`).toBe(`${path} 404`)
        expect(response.headers.get("cache-control")).toBe("no-store")
      }
      const posted = yield* server.request("/log/checkpoint", { token: owner.token, method: "POST" })
      expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"])
    })
  )

  it.live("nothing of it is for who has no token, or a role that does not read the log", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const statusOf = (path: string, token?: string) =>
        Effect.map(server.request(`/log/${path}`, { token }), ({ status }) => status)
      const added = (role: "auditor" | "operator") =>
        Effect.map(owner.client.members.add({ payload: { name: role, roles: [role] } }), ({ token }) => token)
      const [auditor, operator] = [yield* added("auditor"), yield* added("operator")]
      yield* verifiedLog(owner.client)
      for (const path of ["checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"]) {
        expect([yield* statusOf(path), yield* statusOf(path, operator), yield* statusOf(path, auditor)]).toEqual([
          401, 403, 200
        ])
      }
    })
  )

  it.live("entries of several organisations are served to none of them, their hashes to all", () =>
    Effect.gen(function* () {
      const options = yield* testSettings(database)
      const stranger = yield* strangerOn(options)
      const server = yield* runServer(options)
      const owner = yield* claim(server)
      yield* verifiedLog(owner.client)
      for (const token of [owner.token, stranger.token]) {
        const statuses = yield* Effect.forEach(["checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"], (path) =>
          Effect.map(server.request(`/log/${path}`, { token }), ({ status }) => status)
        )
        expect(statuses).toEqual([200, 200, 403])
      }
    })
  )
})
