// Owner link, members and tokens through real HTTP.
import { it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { onDatabase, storedText } from "./stored.ts"
import {
  claim,
  clientOf,
  ownedServer,
  ownerCode,
  problemIn,
  runServer,
  type TestServer,
  testSettings
} from "./test-server.ts"

const whoami = Effect.fnUntraced(function* (server: TestServer, token: string) {
  const response = yield* server.request("/api/v1/whoami", { token })
  return {
    status: response.status,
    ...((yield* Effect.promise(() => response.json())) as { code?: string; detail?: string })
  }
})

describe.each(serverDatabases)("accounts on $name", (database) => {
  it.live("the owner link makes the owner, once", () =>
    Effect.gen(function* () {
      const server = yield* runServer(yield* testSettings(database))
      const owner = yield* claim(server, "Ada Lovelace")
      const me = yield* owner.client.session.whoami()
      expect(me).toMatchObject({
        name: "Ada Lovelace",
        roles: ["owner"],
        kind: "person",
        members: 1,
        person: owner.person
      })
      expect(yield* problemIn(claim(server, "Mallory"))).toMatchObject({ status: 403, code: "owner-link-used" })
      expect(yield* owner.client.members.list()).toHaveLength(1)
    })
  )

  it.live("of two people who open the owner link at once, one becomes the owner", () =>
    Effect.gen(function* () {
      const server = yield* runServer(yield* testSettings(database))
      const both = [claim(server, "One"), claim(server, "Two"), claim(server, "Three")].map(Effect.exit)
      const exits = yield* Effect.all(both, { concurrency: "unbounded" })
      expect(exits.filter((exit) => exit._tag === "Success")).toHaveLength(1)
    })
  )

  it.live("a wrong, cut, replaced or expired owner link lets nobody in", () =>
    Effect.gen(function* () {
      const options = yield* testSettings(database)
      const replaced = yield* Effect.scoped(Effect.map(runServer(options), ownerCode))
      const server = yield* runServer(options)
      const stranger = yield* clientOf(server.url)
      for (const code of ["", "fcl_x", ownerCode(server).slice(0, -1), replaced]) {
        const call = stranger.system.claim({ payload: { code, name: "Mallory" } })
        expect(yield* problemIn(call)).toMatchObject({ status: 403, code: "owner-link-unknown" })
      }
      yield* onDatabase(options, "UPDATE server_claims SET expires_at = '2026-01-01T00:00:00.000Z'")
      expect(yield* problemIn(claim(server))).toMatchObject({ status: 403, code: "owner-link-expired" })
    })
  )

  it.live("a token is told apart that is missing, cut, unknown, revoked, expired or of a removed member", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      expect(yield* whoami(server, "")).toMatchObject({ status: 401, code: "token-missing" })
      expect(yield* whoami(server, owner.token.slice(0, -1))).toMatchObject({ status: 401, code: "token-malformed" })
      const other = (yield* ownedServer(database)).owner.token
      expect(yield* whoami(server, other)).toMatchObject({ status: 401, code: "token-unknown" })
      const payload = { name: "laptop", kind: "person" as const, scopes: ["read" as const], expiresInDays: 1 }
      const { summary, token } = yield* owner.client.tokens.create({ payload })
      expect(yield* whoami(server, token)).toMatchObject({ status: 200, scopes: ["read"] })
      yield* owner.client.tokens.revoke({ params: { id: summary.id } })
      expect(yield* whoami(server, token)).toMatchObject({ status: 401, code: "token-revoked" })
      const short = yield* owner.client.tokens.create({ payload })
      const past = "2026-01-01T00:00:00.000Z"
      yield* onDatabase(
        server.settings,
        `UPDATE server_tokens SET expires_at = '${past}' WHERE id = '${short.summary.id}'`
      )
      const expired = yield* whoami(server, short.token)
      expect(expired).toMatchObject({ status: 401, code: "token-expired" })
      expect(expired.detail).toContain(`expired at ${past}. Get a new one`)
      const member = yield* owner.client.members.add({ payload: { name: "Bob", roles: ["viewer"] } })
      yield* owner.client.members.remove({ params: { person: member.member.person } })
      expect(yield* whoami(server, member.token)).toMatchObject({ status: 401, code: "token-revoked" })
    })
  )

  it.live("no token is wider than the one that makes it, and a program's token never decides", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const make = (
        token: string,
        kind: "person" | "agent" | "service",
        scopes: ReadonlyArray<"read" | "propose" | "decide" | "administer">
      ) =>
        Effect.flatMap(clientOf(server.url, token), (client) =>
          client.tokens.create({ payload: { name: "t", kind, scopes, expiresInDays: 1 } })
        )
      const narrow = (yield* make(owner.token, "person", ["read", "administer"])).token
      expect(yield* problemIn(make(narrow, "person", ["read", "decide"]))).toMatchObject({
        code: "token-wider-than-own"
      })
      expect(yield* problemIn(make(owner.token, "agent", ["decide"]))).toMatchObject({ code: "token-program-scope" })
      expect(yield* problemIn(make(owner.token, "service", ["administer"]))).toMatchObject({
        code: "token-program-scope"
      })
      expect(yield* problemIn(make(owner.token, "person", []))).toMatchObject({ code: "token-no-scopes" })
      const viewer = (yield* owner.client.members.add({ payload: { name: "V", roles: ["viewer"] } })).token
      expect(yield* problemIn(make(viewer, "service", ["read"]))).toMatchObject({ code: "token-administrators-only" })
    })
  )

  it.live("people see and revoke their own tokens, administrators everybody's", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const viewer = yield* clientOf(
        server.url,
        (yield* owner.client.members.add({ payload: { name: "V", roles: ["viewer"] } })).token
      )
      const [own] = yield* viewer.tokens.list()
      expect(yield* viewer.tokens.list()).toHaveLength(1)
      const all = yield* owner.client.tokens.list()
      expect(all.map(({ name }) => name)).toEqual(["owner link", "first token"])
      const foreign = all.find(({ name }) => name === "owner link")!
      expect(yield* problemIn(viewer.tokens.revoke({ params: { id: foreign.id } }))).toMatchObject({
        code: "token-unknown"
      })
      yield* owner.client.tokens.revoke({ params: { id: own!.id } })
    })
  )

  it.live("only an owner makes and removes owners, and the last one stays", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const admin = yield* clientOf(
        server.url,
        (yield* owner.client.members.add({ payload: { name: "Adm", roles: ["admin"] } })).token
      )
      expect(yield* problemIn(admin.members.add({ payload: { name: "X", roles: ["owner"] } }))).toMatchObject({
        code: "member-owner-only"
      })
      const params = { person: owner.person }
      expect(yield* problemIn(admin.members.remove({ params }))).toMatchObject({
        status: 403,
        code: "member-owner-only"
      })
      expect(yield* problemIn(owner.client.members.remove({ params }))).toMatchObject({
        status: 409,
        code: "member-last-owner"
      })
      expect(yield* problemIn(owner.client.members.add({ payload: { name: "X", roles: [] } }))).toMatchObject({
        code: "member-no-roles"
      })
      expect(yield* owner.client.members.list()).toHaveLength(2)
    })
  )

  it.live("neither names nor tokens stand in the clear in the database or the log", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      yield* owner.client.members.add({ payload: { name: "Grace Brewster Hopper", roles: ["viewer"] } })
      const text = yield* storedText(server.settings)
      expect(text).toContain(owner.person)
      for (const secret of [
        "Ada Lovelace",
        "Grace Brewster",
        "first token",
        owner.token,
        Redacted.value(server.ownerLink!)
      ]) {
        expect(text).not.toContain(secret)
      }
    })
  )
})
