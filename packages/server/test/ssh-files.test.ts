// Files over the API: put on a target and fetched from it, each approved as a plan of its own.
import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { fileCommitment } from "@fluxcybers/executor"
import { startTestSshServer } from "@fluxcybers/executor/testing"
import { viewText } from "@fluxcybers/executor/view"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases, type TestDatabase } from "../../../repo/testing/databases.ts"
import { storedText } from "./stored.ts"
import { base64, type Client, ownedServer, problemIn } from "./test-server.ts"

const world = Effect.fnUntraced(function* (database: TestDatabase) {
  const remote = yield* Effect.acquireRelease(
    Effect.promise(() => startTestSshServer()),
    (server) => Effect.promise(() => server.stop())
  )
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-files-"))),
    (made) => Effect.sync(() => rmSync(made, { recursive: true }))
  )
  const { server, owner } = yield* ownedServer(database)
  const { client } = owner
  yield* client.secrets.put({ payload: { name: "key", value: base64(remote.privateKey) } })
  const { host, port, account } = remote
  const { fingerprint } = yield* client.targets.scan({ payload: { host, port } })
  yield* client.targets.add({
    payload: { name: "web-1", host, port, account, hostKey: fingerprint, credential: "key", tags: [] }
  })
  return { server, client, folder }
})

const proposed = (client: Client, input: unknown) =>
  client.executions.propose({ payload: { executor: "ssh", input, targets: ["web-1"] }, headers: {} })

const run = Effect.fnUntraced(function* (client: Client, input: unknown) {
  const { id, digest } = yield* proposed(client, input)
  yield* client.executions.approve({ params: { id }, payload: { digest } })
  yield* Stream.runDrain(yield* client.executions.events({ params: { id }, query: {} }))
  return yield* client.executions.show({ params: { id } })
})

const bytesOf = Effect.fnUntraced(function* <E>(stream: Stream.Stream<Uint8Array, E>) {
  return Buffer.concat(yield* Stream.runCollect(stream))
})

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

describe.each(databases)("on $name, a file", (database) => {
  it.live(
    "that is put on a target is shown to whoever decides, sealed until then, and arrives as it was approved",
    () =>
      Effect.gen(function* () {
        const { server, client, folder } = yield* world(database)
        const path = join(folder, "app.conf")
        const content = "listen 80\n# canary-of-an-upload\n"
        const upload = { path, content: base64(content), mode: "0644", source: "app.conf" }
        const { id, digest } = yield* proposed(client, { upload })
        const view = viewText(yield* client.executions.view({ params: { id } }))
        expect(view).toContain(`to ${path}  mode 0644  ${content.length} bytes`)
        expect(view).toContain(`${content.length} bytes with SHA-256 ${sha256(Buffer.from(content))}:`)
        expect(view).toContain("1 | listen 80")
        expect(yield* storedText(server.settings)).not.toContain("canary-of-an-upload")
        expect((yield* bytesOf(yield* client.executions.uploaded({ params: { id } }))).toString()).toBe(content)
        yield* client.executions.approve({ params: { id }, payload: { digest } })
        yield* Stream.runDrain(yield* client.executions.events({ params: { id }, query: {} }))
        expect(yield* client.executions.show({ params: { id } })).toMatchObject({ state: "succeeded" })
        expect(readFileSync(path, "utf8")).toBe(content)

        const binary = viewText(
          yield* client.executions.view({
            params: { id: (yield* proposed(client, { upload: { path, content: "AP8=" } })).id }
          })
        )
        expect(binary).toContain(`2 bytes with SHA-256 ${sha256(Buffer.of(0, 255))}, not shown`)
        const wrong = proposed(client, { upload: { path: "etc/x", content: "" } })
        expect(yield* problemIn(wrong)).toMatchObject({ status: 422, detail: expect.stringContaining("absolute") })
      })
  )

  it.live(
    "that is fetched is kept sealed and whole, out of the transcript, and only a person gets it, which is logged",
    () =>
      Effect.gen(function* () {
        const { server, client, folder } = yield* world(database)
        const path = join(folder, "app.log")
        const content = Buffer.concat([Buffer.from("canary-of-a-download\n"), randomBytes(300_000)])
        writeFileSync(path, content)
        const { id, state, plan, runs } = yield* run(client, { download: { path } })
        const file = { bytes: content.length, digest: sha256(content) }
        expect([state, runs[0]?.outcome]).toEqual(["succeeded", { exitCode: 0, outputBytes: 0, file }])
        const params = { id }
        expect((yield* bytesOf(yield* client.executions.file({ params, query: {} }))).equals(content)).toBe(true)
        expect(yield* client.executions.transcript({ params, query: {} })).not.toContain("canary-of-a-download")
        expect(yield* storedText(server.settings)).not.toContain("canary-of-a-download")

        const { items } = yield* client.audit.list({ query: {} })
        const facts = (action: string) => items.find(({ entry }) => entry.action === action)?.entry.facts
        expect(facts("execution.file-opened")).toEqual({ run: runs[0]!.id, fileBytes: content.length })
        expect(facts("run.settled")).toMatchObject({ fileCommitment: fileCommitment(plan.nonce, file.digest) })
        expect(JSON.stringify(items)).not.toContain(file.digest)

        const made = yield* client.tokens.create({
          payload: { name: "bot", kind: "agent", scopes: ["read"], expiresInDays: 1 }
        })
        const asAgent = yield* server.request(`/api/v1/executions/${id}/file`, { token: made.token })
        expect(asAgent.status).toBe(403)

        writeFileSync(path, "x".repeat(100))
        const refused = yield* run(client, { download: { path, bytesMax: 99 } })
        expect(refused).toMatchObject({ state: "failed", runs: [{ outcome: { exitCode: 1 } }] })
        const none = client.executions.file({ params: { id: refused.id }, query: {} })
        expect(yield* problemIn(none)).toMatchObject({ status: 409, code: "file-not-fetched" })
        expect(yield* problemIn(client.executions.uploaded({ params }))).toMatchObject({ status: 404 })
      })
  )
})
