// A person whose key is destroyed is taken out of the executor's rows. The log names the executions that the rows belong to, so they
// get another pseudonym in each execution: nothing says any more that two of them are of one person. Within one execution it is the
// same: whoever asked must not become somebody else than who decided.
import {
  Actor,
  AgentActor,
  AgentId,
  Database,
  type DataSubject,
  newId,
  orStorageFailure,
  PersonActor,
  PersonId
} from "@fluxcybers/core"
import { Effect, Schema } from "effect"

/** Rows that are read at a time. */
const PAGE_ROWS = 500

const isPersonId = Schema.is(PersonId)
const newPerson = newId(PersonId, "person")

/**
 * Takes a person out of the executor's rows: who asked, decided, reviewed and wrote rules, and their words about it. What they asked to run stays;
 * it is the organisation's. Their schedules are deleted. Bounded grants that they asked for are deleted: their scopes name the person and cannot be changed. Call it
 * in the transaction that destroys the person's key. Returns the agents that asked for them. A rule that names the person goes on naming
 * the pseudonym: the log has the digest of the rule set.
 */
export const forgetPerson = Effect.fn("forgetPerson")(function* (person: DataSubject) {
  if (!isPersonId(person.subject)) return []
  const agents = new Set<AgentId>()
  yield* inPages("executor_bounded_grants", person, deleteGrant, agents)
  yield* inPages("executor_executions", person, forgetRequester(person.subject), agents)
  yield* deleteSchedules(person)
  for (const place of PLACES) yield* forgetPlace(place, person)
  return [...agents]
}, orStorageFailure)

/** The tables in which people stand. */
export const tablesWithPeople: ReadonlyArray<string> = [
  "executor_executions",
  "executor_decisions",
  "executor_reviews",
  "executor_bounded_grants",
  "executor_bounded_decisions",
  "executor_bounded_cells",
  "executor_rule_sets",
  "executor_runbook_versions",
  "executor_schedules",
  "executor_firings"
]

const RequestRow = Schema.Struct({ id: Schema.String, requester: Schema.fromJsonString(Actor) })
type RequestRow = typeof RequestRow.Type
const decodeRequests = Schema.decodeUnknownEffect(Schema.Array(RequestRow))
const encodeActor = Schema.encodeSync(Schema.fromJsonString(Actor))

/** What the person or an agent of theirs asked for; afterwards it is none of theirs. */
const inPages = Effect.fnUntraced(function* (
  table: "executor_executions" | "executor_bounded_grants",
  { organisation, subject }: DataSubject,
  forget: (row: RequestRow) => Effect.Effect<void, never, Database>,
  agents: Set<AgentId>
) {
  const { sql } = yield* Database
  const read = sql`SELECT id, requester FROM ${sql(table)} WHERE organisation = ${organisation}
    AND replace(requester, ${subject}, '') <> requester LIMIT ${PAGE_ROWS}`
  for (let page = yield* read; page.length > 0; page = yield* read) {
    for (const row of yield* Effect.orDie(decodeRequests(page))) {
      if (row.requester._tag === "Agent") agents.add(row.requester.agent)
      yield* forget(row)
    }
  }
})

const deleteGrant = Effect.fnUntraced(function* ({ id }: RequestRow) {
  const { sql } = yield* Database
  yield* sql`DELETE FROM executor_bounded_decisions WHERE bounded_grant = ${id}`
  yield* sql`DELETE FROM executor_bounded_cells WHERE bounded_grant = ${id}`
  yield* sql`DELETE FROM executor_bounded_grants WHERE id = ${id}`
}, orStorageFailure)

/** A schedule is its owner's proposals to come; without them there are none. What it proposed stays. */
const deleteSchedules = Effect.fnUntraced(function* ({ organisation, subject }: DataSubject) {
  const { sql } = yield* Database
  const theirs = sql`SELECT id FROM executor_schedules WHERE organisation = ${organisation} AND owner = ${subject}`
  yield* sql`DELETE FROM executor_firings WHERE schedule IN (${theirs})`
  yield* sql`DELETE FROM executor_schedules WHERE organisation = ${organisation} AND owner = ${subject}`
}, orStorageFailure)

const forgetRequester = (subject: string) =>
  Effect.fnUntraced(function* ({ id, requester }: RequestRow) {
    const { sql } = yield* Database
    const person = yield* newPerson
    const other =
      requester._tag === "Agent"
        ? new AgentActor({ agent: yield* newId(AgentId, "agent"), person })
        : new PersonActor({ person })
    const changes = { requester: encodeActor(other), justification: null }
    yield* sql`UPDATE executor_executions SET ${sql.update(changes)} WHERE id = ${id}`
    for (const { table, column, words } of PLACES.filter(({ row }) => row === "execution")) {
      yield* sql`UPDATE ${sql(table)} SET ${sql.update({ [column]: person, ...words })}
        WHERE execution = ${id} AND ${sql(column)} = ${subject}`
    }
  }, orStorageFailure)

/** A column with people. With the organisation and the person, `row` names one row. */
interface Place {
  readonly table: string
  readonly column: string
  readonly row: string
  /** The table that says which organisation a row is of, where its own does not. */
  readonly owner?: string
  /** What goes with the person. */
  readonly words?: Readonly<Record<string, null>>
}

const PLACES: ReadonlyArray<Place> = [
  {
    table: "executor_decisions",
    column: "person",
    row: "execution",
    owner: "executor_executions",
    words: { reason: null, signature_key: null }
  },
  { table: "executor_bounded_decisions", column: "person", row: "bounded_grant", owner: "executor_bounded_grants" },
  { table: "executor_reviews", column: "opened_by", row: "execution" },
  { table: "executor_reviews", column: "closed_by", row: "execution", words: { conclusion: null } },
  { table: "executor_rule_sets", column: "put_by", row: "version" },
  { table: "executor_runbook_versions", column: "put_by", row: "runbook", owner: "executor_runbooks" }
]

const forgetPlace = Effect.fnUntraced(function* (place: Place, { organisation, subject }: DataSubject) {
  const { sql } = yield* Database
  const { table, column, row, owner, words } = place
  const ofOrganisation =
    owner === undefined
      ? sql`organisation = ${organisation}`
      : sql`${sql(row)} IN (SELECT id FROM ${sql(owner)} WHERE organisation = ${organisation})`
  const theirs = sql`${sql(column)} = ${subject} AND ${ofOrganisation}`
  const read = sql<{ row: string | number | bigint }>`SELECT ${sql(row)} AS ${sql("row")} FROM ${sql(table)}
    WHERE ${theirs} LIMIT ${PAGE_ROWS}`
  for (let page = yield* read; page.length > 0; page = yield* read) {
    for (const found of page) {
      const changes = { [column]: yield* newPerson, ...words }
      yield* sql`UPDATE ${sql(table)} SET ${sql.update(changes)} WHERE ${theirs} AND ${sql(row)} = ${found.row}`
    }
  }
})
