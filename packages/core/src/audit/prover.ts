// Makes proofs out of the stored tiles: a handful of them, whatever the size of the log.
import { Effect, Result } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { AuditEntryNotFound, NoSuchTree, type TreeSizes } from "./audit-log.ts"
import { cosignedNote, newestWitnessed } from "./cosignatures.ts"
import { DamagedLog } from "./damaged-log.ts"
import * as store from "./log-store.ts"
import { writeProof } from "./proof.ts"
import { subtreesIn, tilesFor } from "./tiles.ts"
import { consistencyRanges, inclusionRanges, type LeafRange, rangeHash } from "./tree.ts"
import type { WitnessPolicy } from "./witness-policy.ts"

/** A proof file that the entry is under a checkpoint: the newest one with enough cosignatures, else the newest. */
export const proveEntry = Effect.fn("AuditLog.prove")(function* (
  sql: SqlClient.SqlClient,
  id: string,
  policy?: WitnessPolicy
) {
  const index = yield* store.indexOf(sql, id)
  if (index === undefined) return yield* new AuditEntryNotFound({ id })
  const checkpoint = (yield* newestWitnessed(sql, index, policy)) ?? (yield* newestCosigned(sql))
  if (checkpoint === undefined || index >= checkpoint.size) return yield* new AuditEntryNotFound({ id })
  const ranges = inclusionRanges(BigInt(index), BigInt(checkpoint.size))
  const hashes = yield* rangeHashes(sql, ranges, checkpoint.size)
  return writeProof({ index: BigInt(index), hashes, checkpoint: checkpoint.note })
})

/** The newest checkpoint with what cosignatures it has. */
export const newestCosigned = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const newest = yield* store.newestCheckpoint(sql)
  return newest === undefined ? undefined : { ...newest, note: yield* cosignedNote(sql, newest) }
})

/** The root that the stored tree had at this size; `undefined` when tiles are missing. */
export const rootAt = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, size: number) {
  const range = { begin: 0n, end: BigInt(size) }
  const subtreeHash = subtreesIn(yield* store.readTiles(sql, tilesFor([range])))
  return Result.getOrUndefined(Result.try(() => rangeHash(range, subtreeHash)))
})

/** The hashes that show that the log of `second` entries begins with its first `first` ones (RFC 6962 §2.1.2). */
export const proveConsistency = Effect.fn("AuditLog.proveConsistency")(function* (
  sql: SqlClient.SqlClient,
  sizes: TreeSizes
) {
  const size = (yield* store.newestCheckpoint(sql))?.size ?? 0
  const { first, second } = sizes
  if (
    !(Number.isSafeInteger(first) && 0 < first && first <= second && second <= size && Number.isSafeInteger(second))
  ) {
    return yield* new NoSuchTree({ first, second, size })
  }
  return yield* rangeHashes(sql, consistencyRanges(BigInt(first), BigInt(second)), second)
})

const rangeHashes = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  ranges: ReadonlyArray<LeafRange>,
  size: number
) {
  const subtreeHash = subtreesIn(yield* store.readTiles(sql, tilesFor(ranges)))
  const hashes = Result.try(() => ranges.map((range) => rangeHash(range, subtreeHash)))
  return Result.isSuccess(hashes) ? hashes.success : yield* Effect.die(new DamagedLog({ part: "tree", at: size }))
})
