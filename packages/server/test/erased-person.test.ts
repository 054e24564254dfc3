// What a server goes on knowing about somebody who worked with it for a day, once their key is destroyed: every table is searched.
import { it } from "@effect/vitest"
import { type ExecutionId, type OrganisationId, SubjectRecords, statementBytes } from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { approvalStatement } from "@fluxcybers/executor"
import { Shredding } from "@fluxcybers/vault"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { sshSigner } from "../../../repo/testing/ssh-signer.ts"
import type { Settings } from "../src/configuration.ts"
import { openDataDirectory } from "../src/data/data-directory.ts"
import { SERVER } from "../src/data/organisations.ts"
import { subjectRecordsLayer } from "../src/data/subject-records.ts"
import { inventory, servicesLayer } from "../src/layers.ts"
import { onDatabase, storedText } from "./stored.ts"
import {
  type Client,
  claimedServer,
  clientOf,
  runServer,
  type TestServer,
  testSettings,
  verifiedLog
} from "./test-server.ts"

const EMAIL = "mara.lindqvist@canary.example"
const NAME = `Mara Lindqvist <${EMAIL}>`
const WORDS = "Mara's own canary words"
const RULES = {
  name: "canary",
  breakGlass: { roles: ["owner"], reviewWithinHours: 1 },
  rules: [{ name: "everything", require: { people: [{ count: 1, roles: ["owner"] }] } }]
}

const echo = { executor: "local", input: { argv: ["echo", "hello"] }, targets: [] }
const grant = { executor: "local", targets: [], commands: [echo.input], expiresInMs: 3_600_000 }
const everything = ["read", "propose", "decide", "administer"] as const

/** Of nothing that happens here. */
const SUBSCRIPTION = {
  ...{ channel: "mail" as const, to: "canary-mara@example.com", name: NAME, events: ["review.due"] as const },
  ...{ tags: [], classes: [], organisation: false }
}

/** What names the pseudonym for ever: who was erased must not come back with an older copy of the database. */
const REMAINS = ["core_audit_subjects.subject", "vault_keys.subject", "vault_shreddings.subject"]

/** Where people stand. */
const WITH_MARA = [
  "core_audit_aliases.text",
  "executor_bounded_decisions.person",
  "executor_bounded_grants.requester",
  "executor_bounded_grants.requester_name",
  "executor_decisions.person",
  "executor_decisions.signature_key",
  "executor_executions.requester",
  "executor_reviews.closed_by",
  "executor_reviews.opened_by",
  "executor_rule_sets.put_by",
  "executor_runbook_versions.put_by",
  "executor_schedules.owner",
  "server_approval_keys.fingerprint",
  "server_members.person",
  "server_subscriptions.person",
  "server_tokens.agent",
  "server_tokens.person"
]

/** No address of the API writes one. */
const runbookOf = (organisation: string, person: string) => [
  `INSERT INTO executor_runbooks (id, organisation, name, version, created_at) VALUES ('runbook_x', '${organisation}', 'x', 1, '')`,
  `INSERT INTO executor_runbook_versions (runbook, version, digest, document, put_by, put_at)
    VALUES ('runbook_x', 1, '', 'x', '${person}', '')`
]

const ended = (client: Client, id: ExecutionId) =>
  client.executions
    .show({ params: { id } })
    .pipe(Effect.repeat({ while: ({ state }) => state === "running" || state === "granted" }))

const settingsOf = ({ policy, notifications }: Client) =>
  Effect.andThen(policy.put({ payload: { document: RULES } }), notifications.add({ payload: SUBSCRIPTION }))

/** What Mara writes for everybody. */
const writingsOf = Effect.fnUntraced(function* (mara: Client) {
  yield* settingsOf(mara)
  const document = { name: "canary", executor: "local", input: { argv: ["true"] } }
  yield* mara.runbooks.put({ payload: { document } })
  const again = { runbook: "canary", repeat: true, usesMax: 1, expiresInMs: 3_600_000 }
  const { id: grant } = yield* mara.grants.requestRunbook({ payload: again })
  const timing = { _tag: "Every", everyMs: 3_600_000 } as const
  yield* mara.schedules.add({ payload: { name: "canary", runbook: "canary", grant, timing } })
})

/** Mara asks, decides, signs, reviews, writes rules, and lets an agent work for her. Everything that stands for her. */
const workOf = Effect.fnUntraced(function* (server: TestServer, owner: Client) {
  const kept = (yield* owner.tokens.list()).map(({ id }) => id)
  const { member, token } = yield* owner.members.add({ payload: { name: NAME, roles: ["owner"] } })
  const mara = yield* clientOf(server.url, token)
  yield* writingsOf(mara)
  const signer = sshSigner()
  const key = yield* mara.approvalKeys.addSshKey({ payload: { name: NAME, publicKey: signer.line } })
  const made = yield* mara.tokens.create({
    payload: { name: NAME, kind: "agent", scopes: ["read", "propose"], expiresInDays: 1 }
  })
  const agent = yield* clientOf(server.url, made.token)
  const headers = { "idempotency-key": "canary-idempotency-key" }
  yield* mara.executions.propose({ payload: { ...echo, reason: WORDS }, headers })
  yield* agent.executions.propose({ payload: { ...echo, reason: WORDS }, headers })
  const theirs = yield* owner.executions.propose({ payload: echo, headers: {} })
  const { organisation } = yield* mara.session.whoami()
  const statement = approvalStatement({ organisation, person: member.person, verdict: "approve", execution: theirs })
  const signature = { _tag: "SshKey", signature: signer.sign(statementBytes(statement)) } as const
  const payload = { digest: theirs.digest, reason: WORDS, signature }
  yield* mara.executions.approve({ params: { id: theirs.id }, payload })
  for (const [breaker, reviewer] of [
    [mara, owner],
    [owner, mara]
  ] as const) {
    const { id } = yield* breaker.executions.propose({
      payload: { ...echo, reason: WORDS, breakGlass: true },
      headers: {}
    })
    yield* ended(owner, id)
    yield* reviewer.policy.closeReview({ params: { id }, payload: { conclusion: WORDS } })
  }
  for (const [requester, decider] of [
    [mara, owner],
    [owner, mara],
    [agent, owner]
  ] as const) {
    const { id, digest } = yield* requester.grants.request({ payload: grant })
    yield* decider.grants.decide({ params: { id }, payload: { verdict: "approve", digest } })
  }
  const spare = yield* mara.tokens.create({
    payload: { name: NAME, kind: "person", scopes: everything, expiresInDays: 1 }
  })
  yield* mara.tokens.revoke({ params: { id: spare.summary.id } })
  yield* ended(owner, theirs.id)
  const tokens = (yield* mara.tokens.list()).flatMap(({ id }) => (kept.includes(id) ? [] : [id]))
  const { items } = yield* mara.executions.list({ query: {} })
  const agents = items.flatMap(({ requester }) => /^agent_\w+/.exec(requester) ?? [])
  const others = [...tokens, ...agents, spare.summary.id, key.id, key.fingerprint, signer.blob.toString("base64")]
  return { person: member.person, organisation, others, blob: signer.blob.toString("latin1") }
})

const shred = (settings: Settings, organisation: OrganisationId, subject: string) =>
  openDataDirectory(settings.directory).pipe(
    Effect.flatMap((opened) =>
      Effect.flatMap(Shredding, (shredding) => shredding.shred({ organisation, subject, actor: SERVER })).pipe(
        Effect.provide(servicesLayer(settings, opened))
      )
    ),
    Effect.scoped
  )

/** Every column of every table in which one of these stands somewhere. */
const columnsWith = Effect.fnUntraced(function* (settings: Settings, wanted: ReadonlyArray<string>) {
  const found = new Set<string>()
  for (const { table } of inventory) {
    for (const row of yield* onDatabase(settings, `SELECT * FROM ${table}`)) {
      for (const [column, value] of Object.entries(row)) {
        const text = value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)
        if (wanted.some((one) => text.includes(one))) found.add(`${table}.${column}`)
      }
    }
  }
  return [...found].sort()
})

it.effect("every table with people in it is asked to forget them", () =>
  Effect.gen(function* () {
    const { tables } = yield* SubjectRecords
    const people = inventory.filter(
      ({ table, columns }) =>
        /^(executor|server)_/.test(table) &&
        Object.values(columns).some(({ protection }) => protection === "pseudonymous")
    )
    expect(people.map(({ table }) => table).filter((table) => !tables.includes(table))).toEqual([])
  }).pipe(Effect.provide(subjectRecordsLayer.pipe(Layer.provide(sqliteLayer({ filename: ":memory:" })))))
)

describe.each(databases.slice(0, 2))("somebody who was erased, on $name", (database) => {
  it.live(
    "stands in no table any more, but for the pseudonym in what is left of their key",
    () =>
      Effect.gen(function* () {
        const settings = yield* testSettings(database)
        const work = Effect.gen(function* () {
          const { server, owner } = yield* claimedServer(settings)
          return { ...(yield* workOf(server, owner.client)), owner }
        })
        const { person, organisation, others, blob, owner } = yield* Effect.scoped(work)
        for (const statement of runbookOf(organisation, person)) yield* onDatabase(settings, statement)
        const before = yield* columnsWith(settings, [person, ...others])
        expect(before).toEqual(expect.arrayContaining(WITH_MARA))
        yield* shred(settings, organisation, person)
        expect(yield* columnsWith(settings, [person])).toEqual(REMAINS)
        expect(yield* columnsWith(settings, [...others, blob, EMAIL, WORDS])).toEqual([])
        const stored = yield* storedText(settings)
        expect([...others, blob, EMAIL, WORDS].filter((one) => stored.includes(one))).toEqual([])

        const { url } = yield* runServer(settings)
        const client = yield* clientOf(url, owner.token)
        expect((yield* client.members.list()).map((member) => member.person)).toEqual([owner.person])
        const { items } = yield* client.executions.list({ query: {} })
        const people = items.flatMap(({ requester, decisions }) => [
          ...(/person_\w+/.exec(requester) ?? []),
          ...decisions.map((decision) => decision.person)
        ])
        const strangers = people.filter((one) => one !== owner.person)
        expect(strangers).toHaveLength(4)
        expect(new Set(strangers).size).toBe(strangers.length)
        expect(JSON.stringify([items, yield* client.policy.reviews({ query: { all: "true" } })])).not.toContain(person)
        const grants = yield* client.grants.list()
        expect(grants.map(({ scope }) => scope.requester)).toEqual([owner.person])
        expect(JSON.stringify(grants)).not.toContain(person)
        expect(JSON.stringify(yield* client.audit.list({ query: { limit: 200 } }))).not.toContain(person)
        expect((yield* verifiedLog(client)).problems).toEqual([])
      }).pipe(Effect.scoped),
    60_000
  )
})
