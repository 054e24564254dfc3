// Rule sets in their versions. Rows are added and never changed.
import { Database, type ExecutionId, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { RulesRefused } from "../policies/refusal.ts"
import type { RuleSet } from "../rules.ts"
import { Header } from "./execution-reads.ts"
import { ExecutionRow, RuleSetRow } from "./rows.ts"

export type StoredRuleSet = typeof RuleSetRow.Type

const HISTORY_MAX = 200

const decode = (rows: ReadonlyArray<object>) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(RuleSetRow))(rows))

/** False when there is this version already. */
export const insertRuleSet = Effect.fnUntraced(function* (ruleSet: StoredRuleSet) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(RuleSetRow)(ruleSet))
  const added = yield* sql`INSERT INTO executor_rule_sets ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING version`
  return added.length === 1
}, orStorageFailure)

export const newestRuleSet = Effect.fnUntraced(function* (organisation: OrganisationId) {
  return (yield* rowsOf(organisation, 1))[0]
})

/** Newest first. */
export const listRuleSets = (organisation: OrganisationId) => rowsOf(organisation, HISTORY_MAX)

export const findRuleSet = Effect.fnUntraced(function* (organisation: OrganisationId, version: number) {
  const { sql } = yield* Database
  const rows = yield* orStorageFailure(
    sql`SELECT * FROM executor_rule_sets WHERE organisation = ${organisation} AND version = ${version}`
  )
  return (yield* decode(rows))[0] ?? (yield* unknownVersion(version))
})

/** The version with this digest, as it was evaluated. */
export const ruleSetByDigest = Effect.fnUntraced(function* (organisation: OrganisationId, digest: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_rule_sets
    WHERE organisation = ${organisation} AND digest = ${digest} ORDER BY version DESC LIMIT 1`
  const found = (yield* decode(rows))[0]
  return found === undefined ? undefined : ({ ...found.document, version: found.version } satisfies RuleSet)
}, orStorageFailure)

/** An execution as rules looked at it. */
const Judged = Schema.Struct({ ...Header.fields, subject: ExecutionRow.fields.subject })
export type Judged = typeof Judged.Type

const JUDGED_COLUMNS = Object.keys(Judged.fields).join(", ")

const decodeJudged = (rows: ReadonlyArray<object>) =>
  Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(Judged))(rows))

/** The execution with what rules looked at. */
export const findJudged = Effect.fnUntraced(function* (id: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT ${sql.literal(JUDGED_COLUMNS)} FROM executor_executions WHERE id = ${id}`
  return (yield* decodeJudged(rows))[0]
}, orStorageFailure)

/** What was proposed since then, newest first. */
export const headersSince = Effect.fnUntraced(function* (page: {
  readonly organisation: OrganisationId
  readonly since: string
  readonly before: ExecutionId | undefined
  readonly limit: number
}) {
  const { sql } = yield* Database
  const conditions = [
    sql`organisation = ${page.organisation}`,
    sql`proposed_at >= ${page.since}`,
    ...(page.before === undefined ? [] : [sql`id < ${page.before}`])
  ]
  const rows = yield* sql`SELECT ${sql.literal(JUDGED_COLUMNS)} FROM executor_executions
    WHERE ${sql.and(conditions)} ORDER BY id DESC LIMIT ${page.limit}`
  return yield* decodeJudged(rows)
}, orStorageFailure)

const rowsOf = Effect.fnUntraced(function* (organisation: OrganisationId, limit: number) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_rule_sets
    WHERE organisation = ${organisation} ORDER BY version DESC LIMIT ${limit}`
  return yield* decode(rows)
}, orStorageFailure)

const unknownVersion = (version: number) =>
  new RulesRefused({
    reason: "unknown-version",
    detail: `There is no version ${version} of the rules. List them with "policy history".`
  })
