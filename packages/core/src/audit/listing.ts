// Lists of entries, newest first: those that still wait for the sequencer, then those in the log. Ids sort by time of birth.
import { Effect, Option, Schema, Stream } from "effect"
import { BytesColumn, IntegerColumn } from "../database/column.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import type { OrganisationId } from "../ids.ts"
import { openAliases, openEntry } from "./alias-store.ts"
import type { AuditFilter, IndexedEntry, ListedEntry, LogLeaf } from "./audit-log.ts"
import { DamagedLog } from "./damaged-log.ts"
import { isOfSubject } from "./entry.ts"
import { AuditEntry, type AuditOutcome } from "./event.ts"
import { newestCheckpoint, readEntries } from "./log-store.ts"

const LIST_ENTRIES_MAX = 1_000
const LIST_ENTRIES = 100

const ListedRow = Schema.Struct({ leaf_index: Schema.NullOr(IntegerColumn), leaf: BytesColumn })

/** The newest entries that fit the filter. */
export const listEntries = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, filter: AuditFilter) {
  const limit = Math.min(Math.max(filter.limit ?? LIST_ENTRIES, 1), LIST_ENTRIES_MAX)
  const fits = sql.and(conditions(sql, filter))
  const rows = yield* sql`SELECT leaf_index, leaf FROM (
      SELECT * FROM (SELECT id, CASE WHEN leaf_index < (SELECT max(size) FROM core_audit_checkpoints) THEN leaf_index END AS leaf_index, leaf
        FROM core_audit_entries WHERE ${fits} ORDER BY id DESC LIMIT ${limit}) AS sequenced
      UNION ALL
      SELECT * FROM (SELECT id, CAST(NULL AS BIGINT) AS leaf_index, leaf FROM core_audit_pending WHERE ${fits} ORDER BY id DESC LIMIT ${limit}) AS pending
    ) AS entries ORDER BY id DESC LIMIT ${limit}`
  return yield* listed(sql, yield* Effect.orDie(decodeRows(rows)))
}, orStorageFailure)

const conditions = (sql: SqlClient.SqlClient, filter: AuditFilter) => {
  const { action, organisation } = filter
  const named = (["object", "actor"] as const).flatMap((column) =>
    filter[column] === undefined ? [] : [isNamed(sql, { organisation, column, name: filter[column] })]
  )
  return [
    sql`org = ${organisation}`,
    ...(filter.id === undefined ? [] : [sql`id = ${filter.id}`]),
    ...named,
    ...(action === undefined ? [] : [sql.in("action", [action].flat())]),
    ...(filter.before === undefined ? [] : [sql`id < ${filter.before}`]),
    ...(filter.since === undefined ? [] : [sql`time >= ${filter.since}`]),
    ...(filter.until === undefined ? [] : [sql`time < ${filter.until}`]),
    ...(filter.outcome === undefined ? [] : [hasOutcome(sql, filter.outcome)])
  ]
}

interface Named {
  readonly organisation: OrganisationId
  readonly column: "object" | "actor"
  readonly name: string
}

/** Entries have aliases for what stands for people; older ones may have the id itself. */
const isNamed = (sql: SqlClient.SqlClient, { organisation, column, name }: Named) =>
  isOfSubject(name)
    ? sql`${sql(column)} IN (SELECT alias FROM core_audit_aliases WHERE org = ${organisation} AND text = ${name}
        UNION ALL SELECT CAST(${name} AS TEXT))`
    : sql`${sql(column)} = ${name}`

/** In canonical JSON nothing else can look like this: a quote within a text is escaped, and no fact is an object. */
const hasOutcome = (sql: SqlClient.SqlClient, outcome: AuditOutcome) => {
  const part = Buffer.from(`,"outcome":"${outcome}","sealed":{`, "utf8")
  return sql.onDialectOrElse({
    pg: () => sql`position(${part} IN leaf) > 0`,
    orElse: () => sql`instr(leaf, ${part}) > 0`
  })
}

const decodeLeaf = Schema.decodeUnknownEffect(Schema.fromJsonString(AuditEntry))
const decodeRows = Schema.decodeUnknownEffect(Schema.Array(ListedRow))

/** Entries as readers see them: with what their aliases stand for. */
const listed = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, rows: ReadonlyArray<typeof ListedRow.Type>) {
  const leaves = rows.map(({ leaf }) => Buffer.from(leaf).toString("utf8"))
  const opened = yield* openAliases(sql, leaves)
  return yield* Effect.forEach(rows, ({ leaf_index }, at) =>
    Effect.gen(function* () {
      const entry = yield* Effect.catch(decodeLeaf(leaves[at]!), () =>
        Effect.die(new DamagedLog({ part: "entry", at: leaf_index ?? 0 }))
      )
      const index = leaf_index === null ? {} : { index: leaf_index }
      return { ...index, ...openEntry(entry, leaves[at]!, opened(entry.org)) } satisfies ListedEntry
    })
  )
})

const PAGE_ENTRIES = 1_000

/** The entries under the checkpoint that is the newest when the stream begins. */
export const streamEntries = (sql: SqlClient.SqlClient): Stream.Stream<LogLeaf> =>
  Stream.unwrap(
    Effect.map(newestCheckpoint(sql), (newest) =>
      Stream.paginate(0, (begin: number) => {
        const end = Math.min(begin + PAGE_ENTRIES, newest?.size ?? 0)
        return Effect.map(readEntries(sql, { begin, end }), (entries) => [
          entries.map(({ leaf_index, leaf }) => ({ index: leaf_index, leaf })),
          end < (newest?.size ?? 0) ? Option.some(end) : Option.none<number>()
        ])
      })
    )
  )

/** An organisation's entries from an index on, under the checkpoint that is the newest when the stream begins. */
export const streamEntriesOf = (
  sql: SqlClient.SqlClient,
  { organisation, from }: { readonly organisation: OrganisationId; readonly from: number }
): Stream.Stream<IndexedEntry> =>
  Stream.unwrap(
    Effect.map(newestCheckpoint(sql), (newest) =>
      Stream.paginate(from, (begin: number) =>
        Effect.gen(function* () {
          const rows = yield* sql`SELECT leaf_index, leaf FROM core_audit_entries WHERE org = ${organisation}
            AND leaf_index >= ${begin} AND leaf_index < ${newest?.size ?? 0} ORDER BY leaf_index LIMIT ${PAGE_ENTRIES}`
          const entries = (yield* listed(sql, yield* Effect.orDie(decodeRows(rows)))) as ReadonlyArray<IndexedEntry>
          const last = entries.length < PAGE_ENTRIES ? undefined : entries.at(-1)
          return [entries, last === undefined ? Option.none<number>() : Option.some(last.index + 1)] as const
        }).pipe(orStorageFailure)
      )
    )
  )
