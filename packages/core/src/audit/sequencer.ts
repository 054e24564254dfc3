// The one writer of the log: takes committed entries in batches, gives them indices, extends the tree, and signs a checkpoint, all
// in one transaction. One at a time, even among many nodes: on SQLite the write lock sees to it, on PostgreSQL an advisory lock.
import { DateTime, Effect, Result, Schema } from "effect"
import { Database } from "../database/database.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { openCheckpoint, signCheckpoint } from "./checkpoint.ts"
import { DamagedLog } from "./damaged-log.ts"
import * as store from "./log-store.ts"
import type { NoteSigner } from "./note-key.ts"
import { EMPTY_EDGE, edgeFromTiles, edgeRoot, extend, type TreeEdge } from "./tree-edge.ts"
import { leafHash } from "./tree-hash.ts"

/** A checkpoint covers at most this many more entries than the one before; memory for a batch is bounded by it. */
export const BATCH_ENTRIES_MAX = 1_000

/** PostgreSQL's key of the lock that the sequencing transaction holds. */
const SEQUENCER_LOCK = 0x666c7579

/** The checkpoints are signed by another key: this is another log, or another key file. Nothing was changed. */
export class WrongLogKey extends Schema.TaggedError<WrongLogKey>()("WrongLogKey", {
  origin: Schema.String
}) {
  override get message() {
    return `The audit log in this database was not signed with the key of ${this.origin}. Nothing was changed. Use the key file that was made with this database, or another database.`
  }
}

/** What one round did: entries put under a new checkpoint (none: nothing waits), or nothing because another node was at it. */
export type Round = ReadonlyArray<store.StoredEntry> | "busy"

/** Signs the empty log when there is none yet, and makes sure that the log that is there is the signer's own. */
export const openLog = Effect.fnUntraced(function* (signer: NoteSigner) {
  const { sql, transaction } = yield* Database
  const newest = yield* transaction(
    Effect.gen(function* () {
      const known = yield* store.newestCheckpoint(sql)
      if (known !== undefined) return known
      const note = signCheckpoint({ size: 0, root: edgeRoot(EMPTY_EDGE) }, signer)
      yield* store.insertFirstCheckpoint(sql, { time: DateTime.formatIso(yield* DateTime.now), note })
      return yield* store.newestCheckpoint(sql)
    })
  )
  if (newest === undefined || Result.isFailure(openCheckpoint(newest.note, signer.verifier))) {
    return yield* new WrongLogKey({ origin: signer.name })
  }
})

/** What came under a checkpoint with the transaction that wrote entries. */
export interface Sealed {
  readonly ids: ReadonlyArray<string>
  /** True when the entries that were just written are among them. */
  readonly isComplete: boolean
  /** To be called once the transaction is committed. */
  committed(): void
}

/** Puts entries under a checkpoint within the transaction that wrote them. */
export type Seal = (begin: number, rows: ReadonlyArray<Pick<store.StoredEntry, "id" | "leaf">>) => Effect.Effect<Sealed>

/** A sequencer of this process. Run one round at a time. */
export const makeSequencer = Effect.fnUntraced(function* (signer: NoteSigner) {
  const { sql, dialect, transaction } = yield* Database
  let known = EMPTY_EDGE

  const takeLead = Effect.fnUntraced(function* () {
    if (dialect === "sqlite") return true
    const [row] = yield* sql<{ held: boolean }>`SELECT pg_try_advisory_xact_lock(${SEQUENCER_LOCK}::bigint) AS held`
    // A node that froze in here must not stop the log of all the others.
    yield* sql`SET LOCAL idle_in_transaction_session_timeout = '10s'`
    return row?.held === true
  }, orStorageFailure)

  const sequence = Effect.fnUntraced(function* () {
    if (!(yield* takeLead())) return { edge: known, entries: "busy" as const }
    const before = yield* currentEdge(sql, signer, known)
    if (dialect === "postgres") yield* store.admitPending(sql, before.size, BATCH_ENTRIES_MAX)
    const entries = yield* readBehind(sql, before.size, before.size + BATCH_ENTRIES_MAX)
    if (entries.length === 0) return { edge: before, entries }
    return { edge: yield* grow({ sql, signer, before, entries }), entries }
  })

  /**
   * SQLite: entries that the running transaction has just written from `begin` on come under a checkpoint of the same transaction, and
   * with them those before them that wait for one. When more wait than a batch holds, the first of them come under it and the new ones
   * do not: the backlog shrinks with every commit, however busy the writers are.
   */
  const seal = Effect.fnUntraced(function* (
    begin: number,
    rows: ReadonlyArray<Pick<store.StoredEntry, "id" | "leaf">>
  ) {
    const before = yield* currentEdge(sql, signer, known)
    const earlier = yield* readBehind(sql, before.size, Math.min(begin, before.size + BATCH_ENTRIES_MAX))
    const isComplete = before.size + earlier.length === begin
    const entries = isComplete ? [...earlier, ...rows] : earlier
    const edge = yield* grow({ sql, signer, before, entries })
    const committed = () => {
      known = edge
    }
    return { ids: entries.map(({ id }) => id), isComplete, committed } satisfies Sealed
  })

  const round: Effect.Effect<Round> = Effect.gen(function* () {
    if (!(yield* store.isAnythingPending(sql))) return []
    const { edge, entries } = yield* transaction(sequence())
    known = edge
    return entries
  })
  return { round, seal }
})

/** The entries right behind a tree of `size` entries, up to an index; a gap among them is damage. */
const readBehind = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, size: number, end: number) {
  if (size >= end) return []
  const entries = yield* store.readEntries(sql, { begin: size, end })
  if (entries.some((entry, offset) => entry.leaf_index !== size + offset)) {
    return yield* Effect.die(new DamagedLog({ part: "tree", at: size }))
  }
  return entries
})

/** Puts entries behind the tree, and signs it. */
const grow = Effect.fnUntraced(function* (growth: {
  readonly sql: SqlClient.SqlClient
  readonly signer: NoteSigner
  readonly before: TreeEdge
  readonly entries: ReadonlyArray<Pick<store.StoredEntry, "leaf">>
}) {
  const { sql, signer, before, entries } = growth
  const { edge, tiles } = extend(
    before,
    entries.map((entry) => leafHash(entry.leaf))
  )
  yield* store.writeTiles(sql, tiles)
  const note = signCheckpoint({ size: edge.size, root: edgeRoot(edge) }, signer)
  yield* store.insertCheckpoint(sql, { size: edge.size, time: DateTime.formatIso(yield* DateTime.now), note })
  return edge
})

/** The edge of the stored tree: the one that this process left behind, or, when another node went on, rebuilt and checked. */
const currentEdge = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, signer: NoteSigner, known: TreeEdge) {
  const newest = yield* store.newestCheckpoint(sql)
  const size = newest?.size ?? 0
  if (size === known.size) return known
  const edge = edgeFromTiles(size, yield* store.readEdgeTiles(sql, size))
  const signed = Result.getOrUndefined(openCheckpoint(newest?.note ?? "", signer.verifier))
  if (edge === undefined || signed === undefined || !Buffer.from(signed.root).equals(edgeRoot(edge))) {
    return yield* Effect.die(new DamagedLog({ part: "tree", at: size }))
  }
  return edge
})
