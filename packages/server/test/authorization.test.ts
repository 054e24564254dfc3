// Every endpoint with every kind of caller.

import { it } from "@effect/vitest"
import { ACTIONS, type Action, Role, type Scope } from "@fluxcybers/core"
import { Effect } from "effect"
import { HttpApi } from "effect/http-api"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { Api } from "../src/api/api.ts"
import { type EndpointName, PERMISSIONS } from "../src/http/permissions.ts"
import { strangerOn } from "./stranger.ts"
import { claim, clientOf, runServer, type TestServer, testSettings } from "./test-server.ts"

interface Endpoint {
  readonly name: EndpointName
  readonly method: string
  readonly path: string
  readonly isAuthenticated: boolean
}

const endpoints: Array<Endpoint> = []
HttpApi.reflect(Api, {
  onGroup: () => {},
  onEndpoint: ({ group, endpoint, middleware }) =>
    endpoints.push({
      name: `${group.identifier}.${endpoint.identifier}` as EndpointName,
      method: endpoint.method,
      path: endpoint.path,
      isAuthenticated: [...middleware].some(({ key }) => key === "fluxcybers/server/Authentication")
    })
})

interface Tried {
  readonly kind: "person" | "agent" | "service"
  readonly roles: ReadonlyArray<Role>
  readonly scopes: ReadonlyArray<Scope>
  readonly token: string
}

/** With a body and ids that fit nothing: whoever is let in gets some other answer than 401 or "forbidden". */
const refusalAt = Effect.fnUntraced(function* (server: TestServer, endpoint: Endpoint, token?: string) {
  const path = endpoint.path
    .replace(":id/proof", "audit_00000000000000000000000000/proof")
    .replace(":id/open", "audit_00000000000000000000000000/open")
    .replace(/holds\/:id/, "holds/hold_00000000000000000000000000")
    .replace(/tokens\/:id/, "tokens/token_00000000000000000000000000")
    .replace("grants/:id", "grants/bound_00000000000000000000000000")
    .replace(":id", "exec_00000000000000000000000000")
    .replace(":person", "person_00000000000000000000000000")
    .replace(":target", "nowhere")
    .replace(":runbook", "nowhere")
    .replace(":schedule", "nowhere")
  const body = endpoint.method === "GET" ? {} : { body: "{}", headers: { "content-type": "application/json" } }
  const response = yield* server.request(path, { method: endpoint.method, token, ...body })
  const isEndless = response.headers.get("content-type")?.startsWith("text/event-stream") === true
  const answer = yield* Effect.promise(async () =>
    isEndless ? ((await response.body?.cancel()) ?? "") : response.text()
  )
  // Many attempts without a valid token are answered with 429 instead of 401.
  return response.status === 401 || response.status === 429
    ? "unauthorized"
    : /"code":"forbidden-/.test(answer)
      ? "forbidden"
      : "let in"
})

const expected = (endpoint: Endpoint, { kind, roles, scopes }: Tried) => {
  const permission = PERMISSIONS[endpoint.name]
  if (permission === "public" || permission === "anyone") return "let in"
  const rule = ACTIONS[permission]
  const isAllowed =
    (rule.agents || kind === "person") &&
    scopes.includes(rule.scope) &&
    roles.some((role) => (rule.roles as ReadonlyArray<Role>).includes(role))
  return isAllowed ? "let in" : "forbidden"
}

const EVERY_SCOPE = ["read", "propose", "decide", "administer"] as const
const PROGRAM_SCOPES = ["read", "propose"] as const

const callers = Effect.fnUntraced(function* (server: TestServer) {
  const owner = yield* claim(server)
  const tried: Array<Tried> = []
  for (const role of Role.literals) {
    const { token } = yield* owner.client.members.add({ payload: { name: role, roles: [role] } })
    const person = yield* clientOf(server.url, token)
    const create = (kind: "person" | "agent", scopes: ReadonlyArray<Scope>) =>
      Effect.map(person.tokens.create({ payload: { name: role, kind, scopes, expiresInDays: 1 } }), (made) =>
        tried.push({ kind, roles: [role], scopes, token: made.token })
      )
    tried.push({ kind: "person", roles: [role], scopes: EVERY_SCOPE, token })
    yield* create("person", ["read"])
    yield* create("agent", PROGRAM_SCOPES)
  }
  const service = { name: "ci", kind: "service" as const, scopes: PROGRAM_SCOPES, expiresInDays: 1 }
  const { token } = yield* owner.client.tokens.create({ payload: service })
  return [...tried, { kind: "service" as const, roles: ["operator" as const], scopes: PROGRAM_SCOPES, token }]
})

describe("the permissions", () => {
  it("name an existing action for every endpoint, and only health and claim are public", () => {
    expect(Object.keys(PERMISSIONS).sort()).toEqual(endpoints.map(({ name }) => name).sort())
    for (const { name, isAuthenticated } of endpoints) {
      const permission = PERMISSIONS[name]
      expect(isAuthenticated, name).toBe(permission !== "public")
      if (permission !== "public" && permission !== "anyone") expect(ACTIONS[permission as Action], name).toBeDefined()
    }
    expect(endpoints.filter(({ isAuthenticated }) => !isAuthenticated).map(({ name }) => name)).toEqual([
      "system.health",
      "system.claim"
    ])
  })
})

describe.each(serverDatabases)("on $name", (database) => {
  it.live("every endpoint lets in exactly the roles, kinds and scopes of the table", () =>
    Effect.gen(function* () {
      const server = yield* runServer(yield* testSettings(database))
      for (const caller of yield* callers(server)) {
        for (const endpoint of endpoints) {
          const found = yield* refusalAt(server, endpoint, caller.token)
          const who = `${endpoint.name} by ${caller.kind} ${caller.roles} ${caller.scopes}`
          expect(`${who}: ${found}`).toBe(`${who}: ${expected(endpoint, caller)}`)
        }
      }
    })
  )

  it.live("no endpoint but health and claim answers without a token", () =>
    Effect.gen(function* () {
      const server = yield* runServer(yield* testSettings(database))
      for (const endpoint of endpoints) {
        const found = yield* refusalAt(server, endpoint)
        expect(`${endpoint.name}: ${found}`).toBe(
          `${endpoint.name}: ${endpoint.isAuthenticated ? "unauthorized" : "let in"}`
        )
      }
    })
  )

  it.live("the owner of another organisation sees and changes nothing of this one", () =>
    Effect.gen(function* () {
      const options = yield* testSettings(database)
      const stranger = yield* strangerOn(options)
      const server = yield* runServer(options)
      const owner = yield* claim(server)
      const foreign = yield* clientOf(server.url, stranger.token)
      yield* owner.client.secrets.put({ payload: { name: "key", value: "eA==" } })
      const payload = { executor: "local", input: { argv: ["true"] }, targets: [] }
      const { id, digest } = yield* owner.client.executions.propose({ payload, headers: {} })
      const entry = (yield* owner.client.audit.list({ query: { object: id } })).items[0]!.entry.id
      const [mine] = yield* owner.client.tokens.list()

      expect(yield* foreign.secrets.list()).toEqual([])
      expect((yield* foreign.executions.list({ query: {} })).items).toEqual([])
      expect((yield* foreign.audit.list({ query: { object: id } })).items).toEqual([])
      expect(yield* foreign.members.list()).toHaveLength(1)
      expect((yield* foreign.tokens.list()).map((token) => token.id)).not.toContain(mine!.id)
      const params = { id }
      const refused = [
        foreign.executions.show({ params }),
        foreign.executions.approve({ params, payload: { digest } }),
        foreign.executions.reject({ params, payload: { digest } }),
        foreign.executions.cancel({ params }),
        foreign.executions.events({ params, query: {} }),
        foreign.executions.transcript({ params, query: {} }),
        foreign.secrets.reveal({ payload: { name: "key", purpose: "curiosity" } }),
        foreign.secrets.rotate({ payload: { name: "key", value: "eQ==" } }),
        foreign.secrets.destroy({ payload: { name: "key" } }),
        foreign.members.remove({ params: { person: owner.person } }),
        foreign.tokens.revoke({ params: { id: mine!.id } }),
        foreign.audit.prove({ params: { id: entry } })
      ]
      for (const call of refused) {
        expect(yield* Effect.flip(call as Effect.Effect<unknown, unknown>)).toMatchObject({ status: 404 })
      }
      expect((yield* owner.client.executions.show({ params })).state).toBe("pending")
    })
  )
})
