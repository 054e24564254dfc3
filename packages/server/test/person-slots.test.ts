// What the server's own entries say about people: sealed, opened for a purpose, and gone with the person's key.
import { it } from "@effect/vitest"
import { SystemActor } from "@fluxcybers/core"
import { Shredding } from "@fluxcybers/vault"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { openDataDirectory } from "../src/data/data-directory.ts"
import { servicesLayer } from "../src/layers.ts"
import { claimedServer, clientOf, problemIn, runServer, testSettings, verifiedLog } from "./test-server.ts"

const NAME = "Mara Canary Lindqvist"
const purpose = "security-monitoring"

describe.each(serverDatabases)("what entries say about people on $name", (database) => {
  it.live(
    "is their name, sealed; read for a purpose that is in the log; and erased with their key, while the log verifies",
    () =>
      Effect.gen(function* () {
        const settings = yield* testSettings(database)
        const made = yield* Effect.scoped(
          Effect.gen(function* () {
            const { server, owner } = yield* claimedServer(settings)
            const { client } = owner
            const { member } = yield* client.members.add({ payload: { name: NAME, roles: ["viewer"] } })
            const { items } = yield* client.audit.list({ query: { action: "member.added", object: member.person } })
            const entry = items[0]!.entry
            expect(Object.keys(entry.sealed)).toHaveLength(1)
            expect(JSON.stringify(entry)).not.toContain("Canary")
            const params = { id: entry.id }
            expect(yield* client.audit.open({ params, payload: { person: member.person, purpose } })).toEqual({
              text: NAME
            })
            expect(yield* client.audit.open({ params, payload: { person: owner.person, purpose } })).toEqual({})
            const { items: reads } = yield* client.audit.list({ query: { object: entry.id } })
            expect(reads.map(({ entry: read }) => [read.action, read.facts["purpose"]])).toEqual([
              ["audit-slot.opened", purpose],
              ["audit-slot.opened", purpose]
            ])
            return { ...member, entry: entry.id, organisation: server.organisation, token: owner.token }
          })
        )
        const { organisation, person: subject } = made
        const shred = Effect.gen(function* () {
          const actor = new SystemActor({ component: "test" })
          yield* (yield* Shredding).shred({ organisation, subject, actor })
        })
        yield* openDataDirectory(settings.directory).pipe(
          Effect.tap((opened) => Effect.provide(shred, servicesLayer(settings, opened))),
          Effect.scoped
        )
        const client = yield* clientOf((yield* runServer(settings)).url, made.token)
        const payload = { person: subject, purpose } as const
        expect(yield* problemIn(client.audit.open({ params: { id: made.entry }, payload }))).toMatchObject({
          status: 404,
          code: "audit-slot-erased"
        })
        expect((yield* verifiedLog(client)).problems).toEqual([])
      })
  )

  it.live("is the name of whom an entry concerns, also when they joined, lost a token and left", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* claimedServer(yield* testSettings(database))
      const { client } = owner
      const { member, token } = yield* client.members.add({ payload: { name: NAME, roles: ["viewer"] } })
      const mara = yield* clientOf(server.url, token)
      const made = { name: "Mara's phone", kind: "person", scopes: ["read"], expiresInDays: 1 } as const
      const { summary } = yield* mara.tokens.create({ payload: made })
      yield* mara.tokens.revoke({ params: { id: summary.id } })
      yield* client.members.remove({ params: { person: member.person } })
      const expected = [
        ["owner-link.used", owner.person, "Ada Lovelace"],
        ["token.created", member.person, made.name],
        ["token.revoked", member.person, made.name],
        ["member.removed", member.person, NAME]
      ] as const
      for (const [action, person, text] of expected) {
        const { items } = yield* client.audit.list({ query: { action } })
        const params = { id: items[0]!.entry.id }
        expect(yield* client.audit.open({ params, payload: { person, purpose } })).toEqual({ text })
      }
    }).pipe(Effect.scoped)
  )
})
