// Who appears in the log under an alias: seen by readers, changed by nobody unnoticed, and linked by nobody once it is erased.
import { it } from "@effect/vitest"
import { Clock, Effect, Layer, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  AgentActor,
  AgentId,
  AuditLog,
  auditLogLayer,
  Database,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  PersonActor,
  PersonId,
  ServiceActor,
  SystemActor,
  TokenId,
  verifyLog
} from "../src/index.ts"

const key = ephemeralSigningKey("log.test/aliases")
const made = <Id extends string>(kind: { make(text: string): Id }, prefix: string) =>
  Effect.runSync(newId(kind, prefix))
const organisation = made(OrganisationId, "org")
const [ada, bob] = [made(PersonId, "person"), made(PersonId, "person")]
const token = made(TokenId, "token")
const agent = new AgentActor({ agent: made(AgentId, "agent"), person: ada })
const asAda = new PersonActor({ person: ada })
const asBob = new PersonActor({ person: bob })
const test = new SystemActor({ component: "test" })

const DAY_MS = 86_400_000
const ALIAS = /^alias_[0-9a-f]{64}$/
const changed = { organisation, action: "thing.changed", object: "thing", outcome: "success" } as const

const leaves = Effect.gen(function* () {
  const { sql } = yield* Database
  const rows = yield* sql<{ leaf: Uint8Array }>`SELECT leaf FROM core_audit_entries
    UNION ALL SELECT leaf FROM core_audit_pending`
  return rows.map(({ leaf }) => Buffer.from(leaf).toString("utf8"))
})

const problems = Effect.map(verifyLog({ verifierKey: key.verifier.text }), ({ problems: found }) =>
  found.map(({ kind, index }) => `${kind} ${index}`)
)

describe.each(databases)("people in the log on $name", ({ layer }) => {
  const log = () => auditLogLayer({ origin: key.name, key }).pipe(Layer.provideMerge(layer()))

  it.live("stand there under aliases, wherever they occur, and readers see who they are", () =>
    Effect.gen(function* () {
      const { record, list } = yield* AuditLog
      const { transaction } = yield* Database
      const facts = { by: bob, among: `${bob} ${ada}`, count: 2 }
      yield* record({ ...changed, actor: agent, object: token, facts })
      yield* transaction(Effect.all([record({ ...changed, actor: asAda }), record({ ...changed, actor: asAda })]))
      yield* record({
        ...changed,
        actor: new ServiceActor({ token }),
        personal: { subject: bob, facts: { key: "AAAA" } }
      })
      const [last, , second, first] = yield* list({ organisation })
      expect(first!.entry).toMatchObject({ actor: `${agent.agent}/${ada}`, object: token, facts })
      expect(last!.entry).toMatchObject({ actor: token, facts: { key: "AAAA" } })
      const inLog = JSON.parse(first!.leaf!)
      expect([inLog.actor, inLog.object, inLog.facts.by]).toEqual(Array(3).fill(expect.stringMatching(ALIAS)))
      expect(second!.leaf).not.toContain("person_")
      expect(JSON.parse(last!.leaf!)).toMatchObject({ actor: token, facts: { key: expect.stringMatching(ALIAS) } })
      const all = (yield* leaves).join()
      for (const id of [ada, bob, agent.agent, "AAAA"]) expect(all).not.toContain(id)
      expect(yield* problems).toEqual([])
    }).pipe(Effect.provide(log()))
  )

  it.live("are found by their ids until they are erased, and by an alias afterwards", () =>
    Effect.gen(function* () {
      const { record, list, forget, aliases } = yield* AuditLog
      yield* record({ ...changed, actor: asAda })
      yield* record({ ...changed, actor: test, object: ada })
      yield* record({ ...changed, actor: asBob, personal: { subject: ada, facts: { about: "her" } } })
      const before = yield* list({ organisation, actor: ada })
      expect(before).toHaveLength(1)
      expect(yield* list({ organisation, object: ada })).toHaveLength(1)
      const alias: string = JSON.parse(before[0]!.leaf!).actor
      expect(yield* forget({ organisation, ids: [ada] })).toBe(2)
      expect(yield* forget({ organisation, ids: [ada] })).toBe(0)
      yield* record({ ...changed, actor: asAda })
      expect(yield* list({ organisation, actor: ada })).toEqual([])
      expect(yield* list({ organisation, object: ada })).toEqual([])
      const [found] = yield* list({ organisation, actor: alias })
      expect(found).toMatchObject({ entry: { actor: alias } })
      expect(found).not.toHaveProperty("leaf")
      expect(yield* list({ organisation, actor: bob })).toHaveLength(1)
      const texts = yield* aliases(organisation).pipe(
        Stream.map(({ text }) => text),
        Stream.runCollect
      )
      expect([...texts]).toEqual([bob])
      expect(yield* problems).toEqual([])
    }).pipe(Effect.provide(log()))
  )

  it.live("cannot be exchanged for somebody else without being found", () =>
    Effect.gen(function* () {
      const { record, awaitCheckpoint, list } = yield* AuditLog
      const { sql } = yield* Database
      yield* record({ ...changed, actor: test })
      yield* awaitCheckpoint(yield* record({ ...changed, actor: asAda }))
      yield* sql`DROP TRIGGER ${sql.literal(
        sql.onDialectOrElse({
          sqlite: () => "core_audit_aliases_update",
          orElse: () => "core_audit_aliases_fixed ON core_audit_aliases"
        })
      )}`
      yield* sql`UPDATE core_audit_aliases SET text = ${bob}`
      expect(yield* problems).toEqual(["bad-alias 1"])
      const [shown] = yield* list({ organisation })
      expect(shown!.entry.actor).toMatch(ALIAS)
    }).pipe(Effect.provide(log()))
  )
})

describe("entries of an erased person", () => {
  it.live("share nothing from one day to the next, but on one day and node an alias is one row", () =>
    Effect.gen(function* () {
      const { record, list, forget } = yield* AuditLog
      const { sql } = yield* Database
      const write = record({ ...changed, actor: asAda, object: token, facts: { by: ada } })
      yield* write
      yield* write
      const clock = yield* Clock.Clock
      const tomorrow = () => clock.currentTimeMillisUnsafe() + DAY_MS
      yield* Effect.provideService(
        write,
        Clock.Clock,
        Object.assign(Object.create(clock), { currentTimeMillisUnsafe: tomorrow })
      )
      expect(yield* sql`SELECT alias FROM core_audit_aliases`).toHaveLength(4)
      yield* forget({ organisation, ids: [ada, token] })
      const [today, , yesterday] = (yield* list({ organisation })).map(({ entry }) => entry)
      const said = ({ actor, object, facts }: typeof today & {}) => [actor, object, facts["by"]]
      expect(said(today!).filter((value) => said(yesterday!).includes(value))).toEqual([])
      expect(yield* sql`SELECT alias FROM core_audit_aliases`).toEqual([])
    }).pipe(Effect.provide(auditLogLayer({ origin: key.name, key }).pipe(Layer.provideMerge(databases[0]!.layer()))))
  )
})
