// Which transcripts a search goes through.
import { Database, ExecutionId, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"

/** Which executions: all of the organisation unless told. */
export interface RecordedFilter {
  readonly organisation: OrganisationId
  readonly execution?: ExecutionId
  /** A target's id or name, as it was when the execution was proposed. */
  readonly target?: string
  /** Proposed at this instant (ISO 8601 in UTC) or later. */
  readonly since?: string
  /** Proposed before this instant. */
  readonly until?: string
}

interface Page {
  /** This one and older ones. */
  readonly from?: ExecutionId
  /** Only older ones. */
  readonly before?: ExecutionId
  readonly limit: number
}

/** Those of which something is recorded and can be read, newest first. */
export const listRecorded = Effect.fnUntraced(function* (filter: RecordedFilter, page: Page) {
  const { sql } = yield* Database
  const { execution, target, since, until } = filter
  const conditions = [
    sql`organisation = ${filter.organisation}`,
    sql`EXISTS (SELECT 1 FROM executor_transcript_chunks AS chunk WHERE chunk.execution = e.id)`,
    sql`NOT EXISTS (SELECT 1 FROM executor_transcript_purges AS purge WHERE purge.execution = e.id)`,
    ...(page.from === undefined ? [] : [sql`id <= ${page.from}`]),
    ...(page.before === undefined ? [] : [sql`id < ${page.before}`]),
    ...(execution === undefined ? [] : [sql`id = ${execution}`]),
    ...(since === undefined ? [] : [sql`proposed_at >= ${since}`]),
    ...(until === undefined ? [] : [sql`proposed_at < ${until}`]),
    ...(target === undefined
      ? []
      : [
          sql`EXISTS (SELECT 1 FROM executor_runs AS run
            WHERE run.execution = e.id AND (run.target = ${target} OR run.target_name = ${target}))`
        ])
  ]
  const rows = yield* sql`SELECT id FROM executor_executions AS e WHERE ${sql.and(conditions)}
    ORDER BY id DESC LIMIT ${page.limit}`
  return (yield* Effect.orDie(decodeIds(rows))).map(({ id }) => id)
}, orStorageFailure)

const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: ExecutionId })))
