// Requests that do not fit: each gets a problem that says what is wrong, and changes nothing.
import { connect } from "node:net"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { onDatabase } from "./stored.ts"
import { base64, clientOf, ownedServer, problemIn, type TestServer } from "./test-server.ts"

const CANARY = "canary-2b61-value-of-a-request"

interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors?: ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly message: string }>
  readonly incident?: string
}

const send = (server: TestServer, token: string, path: string, body: string, method = "POST") =>
  Effect.flatMap(
    server.request(path, { method, token, body, headers: { "content-type": "application/json" } }),
    problemOf
  )

const problemOf = Effect.fnUntraced(function* (response: Response) {
  const text = yield* Effect.promise(() => response.text())
  expect(response.headers.get("content-type"), text).toBe("application/problem+json")
  expect(text).not.toContain(CANARY)
  const problem = JSON.parse(text) as Problem
  expect(problem.status).toBe(response.status)
  return problem
})

const raw = (server: TestServer, text: string) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write(text))
        let answer = ""
        socket.on("data", (chunk) => {
          answer += chunk
        })
        socket.on("close", () => resolve(answer))
        socket.on("error", reject)
      })
  )

const propose = (input: unknown, targets: ReadonlyArray<string> = [], executor = "local") =>
  JSON.stringify({ executor, input, targets })

describe.each(serverDatabases)("a request that does not fit, on $name,", (database) => {
  it.live("is told which part, what was expected, and never the value", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const at = (path: string, body: string, method?: string) => send(server, owner.token, path, body, method)
      expect(yield* at("/api/v1/secrets", `{"name": "${CANARY}`)).toMatchObject({
        status: 400,
        code: "invalid-request",
        errors: [{ path: ["body"], message: "Expected a valid JSON body" }]
      })
      expect(yield* at("/api/v1/secrets", JSON.stringify({ name: 7, value: [CANARY] }))).toMatchObject({
        status: 400,
        errors: [{ path: ["body", "name"], message: "Expected string" }]
      })
      expect(yield* at("/api/v1/secrets", "null")).toMatchObject({ status: 400, errors: [{ path: ["body"] }] })
      expect(yield* at(`/api/v1/executions/${CANARY}/approve`, "{}")).toMatchObject({
        status: 400,
        errors: [{ path: ["path", "id"] }]
      })
      const page = yield* server.request(`/api/v1/executions?limit=${CANARY}`, owner)
      expect(yield* problemOf(page)).toMatchObject({ status: 400, errors: [{ path: ["query", "limit"] }] })
      for (const limit of [0, 201, -1, 1.5]) {
        const response = yield* server.request(`/api/v1/executions?limit=${limit}`, owner)
        expect((yield* problemOf(response)).detail).toContain("query.limit: Expected")
      }
      const name = { name: "two\nlines", roles: ["viewer"] }
      expect((yield* at("/api/v1/members", JSON.stringify(name))).detail).toContain("body.name: Expected a name")
      const token = { name: "t", kind: "person", scopes: ["read"], expiresInDays: 366 }
      expect((yield* at("/api/v1/tokens", JSON.stringify(token))).detail).toContain("from 1 to 365")
      expect(server.log.join("\n")).not.toContain(CANARY)
    })
  )

  it.live("is told what a proposal lacks", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const at = (body: string) => send(server, owner.token, "/api/v1/executions", body)
      const deep = JSON.parse(`${'{"a":'.repeat(200)}1${"}".repeat(200)}`) as unknown
      expect(yield* at(propose({ argv: ["true"] }, [], "telnet"))).toMatchObject({
        status: 422,
        code: "proposal-unknown-executor"
      })
      expect(yield* at(propose({ argv: [] }))).toMatchObject({ status: 422, code: "proposal-invalid-input" })
      expect(yield* at(propose(deep))).toMatchObject({ status: 422, code: "proposal-invalid-input" })
      expect(yield* at(propose({ argv: ["\ud800"] }))).toMatchObject({ status: 422, code: "proposal-invalid-input" })
      expect(yield* at(propose({ argv: ["true"] }, ["web-1"]))).toMatchObject({
        status: 422,
        code: "proposal-invalid-input"
      })
      expect(yield* at(propose({ argv: ["true"], secretEnv: { A: "nothing" } }))).toMatchObject({
        status: 422,
        code: "proposal-unknown-secret"
      })
      expect(yield* at(propose({ argv: ["true"], timeoutMs: 1e12 }))).toMatchObject({
        status: 422,
        code: "proposal-limit"
      })
      expect(yield* at(propose({ argv: ["true"], env: { "a=b": CANARY } }))).toMatchObject({ status: 422 })
      expect((yield* owner.client.executions.list({ query: {} })).items).toEqual([])
    })
  )

  it.live("is told what a secret lacks", () =>
    Effect.gen(function* () {
      const { owner } = yield* ownedServer(database)
      const put = (name: string, value: string) => problemIn(owner.client.secrets.put({ payload: { name, value } }))
      expect(yield* put("key", "not base64!")).toMatchObject({ status: 422, code: "secret-not-base64" })
      expect(yield* put("key", "")).toMatchObject({ status: 422, code: "secret-empty" })
      expect(yield* put("No Name", base64("x"))).toMatchObject({ status: 422, code: "secret-invalid-name" })
      expect(yield* put("key", base64("x".repeat(65_537)))).toMatchObject({ status: 413, code: "secret-too-large" })
      const reveal = owner.client.secrets.reveal({ payload: { name: "key", purpose: "test" } })
      expect(yield* problemIn(reveal)).toMatchObject({ status: 404, code: "secret-unknown" })
      const { items } = yield* owner.client.audit.list({ query: { action: "secret.revealed" } })
      expect(items.map(({ entry }) => entry)).toMatchObject([{ outcome: "denied", actor: owner.person }])
      expect(yield* owner.client.secrets.list()).toEqual([])
    })
  )

  it.live("a body above 1 MiB is refused, with and without its length, and the next request works", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const large = propose({ script: "#".repeat(2 * 1024 * 1024) })
      const refused = { status: 413, code: "body-too-large" }
      expect(yield* send(server, owner.token, "/api/v1/secrets", large)).toMatchObject(refused)
      // A proposal may hold a file of 8 MiB, in base64.
      const larger = propose({ script: "#".repeat(13 * 1024 * 1024) })
      expect(yield* send(server, owner.token, "/api/v1/executions", larger)).toMatchObject(refused)
      const chunks = new ReadableStream({
        start: (controller) => {
          for (let i = 0; i < 40; i++) controller.enqueue(new Uint8Array(64 * 1024).fill(0x20))
          controller.close()
        }
      })
      const init = { method: "POST", body: chunks, duplex: "half", headers: { "content-type": "application/json" } }
      const response = yield* server.request("/api/v1/secrets", { ...(init as RequestInit), token: owner.token })
      expect(yield* problemOf(response)).toMatchObject({ status: 413, code: "body-too-large" })
      expect((yield* server.request("/api/v1/whoami", owner)).status).toBe(200)
    })
  )

  it.live("a failure of the server gives an id that its log explains, and nothing else", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      yield* onDatabase(server.settings, `UPDATE server_members SET roles = '["${CANARY}"]'`)
      const problem = yield* problemOf(yield* server.request("/api/v1/whoami", owner))
      expect(problem).toMatchObject({ status: 500, code: "internal" })
      expect(problem.detail).toContain(problem.incident)
      const line = server.log.find((entry) => entry.includes(problem.incident!))
      expect(line).toContain("SchemaError")
      expect(server.log.join("\n")).not.toContain(CANARY)
    })
  )
})

describe("a proposal with an Idempotency-Key", () => {
  describe.each(serverDatabases)("on $name", (database) => {
    it.live("is made once, however often and at once it is sent", () =>
      Effect.gen(function* () {
        const { server, owner } = yield* ownedServer(database)
        const payload = { executor: "local", input: { script: "echo once" }, targets: [] }
        const headers = { "idempotency-key": "deploy-42" }
        const again = owner.client.executions.propose({ payload, headers })
        const made = yield* Effect.all([again, again, again, again], { concurrency: "unbounded" })
        expect(new Set([...made, yield* again].map(({ id }) => id)).size).toBe(1)
        const other = { ...payload, input: { script: "echo twice" } }
        expect(yield* problemIn(owner.client.executions.propose({ payload: other, headers }))).toMatchObject({
          status: 409,
          code: "idempotency-key-reused"
        })
        const token = {
          name: "t",
          kind: "agent" as const,
          scopes: ["propose" as const, "read" as const],
          expiresInDays: 1
        }
        const agent = yield* clientOf(server.url, (yield* owner.client.tokens.create({ payload: token })).token)
        yield* agent.executions.propose({ payload: other, headers })
        expect((yield* owner.client.executions.list({ query: {} })).items).toHaveLength(2)
      })
    )

    it.live("that was refused can be sent again with the same key", () =>
      Effect.gen(function* () {
        const { owner } = yield* ownedServer(database)
        const input = { argv: ["true"], secretEnv: { A: "later" } }
        const again = owner.client.executions.propose({
          payload: { executor: "local", input, targets: [] },
          headers: { "idempotency-key": "k" }
        })
        expect(yield* problemIn(again)).toMatchObject({ code: "proposal-unknown-secret" })
        yield* owner.client.secrets.put({ payload: { name: "later", value: base64("x") } })
        expect((yield* again).state).toBe("pending")
      })
    )
  })
})

describe("what is not even a request", () => {
  it.live("is answered in the words of every other failure", () =>
    Effect.gen(function* () {
      const { server } = yield* ownedServer(serverDatabases[0]!)
      expect(yield* raw(server, "NONSENSE\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 Bad Request.*"code":"not-http"/s)
      const large = `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`
      expect(yield* raw(server, large)).toMatch(/^HTTP\/1\.1 431 .*"code":"headers-too-large"/s)
      const odd = "GET //\\evil HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
      expect(yield* raw(server, odd)).toMatch(/^HTTP\/1\.1 4\d\d .*application\/problem\+json/is)
    })
  )
})
