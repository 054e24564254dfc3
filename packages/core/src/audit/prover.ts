// Makes proofs out of the stored tiles: a handful of them, whatever the size of the log.
import { Effect, Result } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { AuditEntryNotFound, NoSuchTree, type TreeSizes } from "./audit-log.ts"
import { DamagedLog } from "./damaged-log.ts"
import * as store from "./log-store.ts"
import { writeProof } from "./proof.ts"
import { subtreesIn, tilesFor } from "./tiles.ts"
import { consistencyRanges, inclusionRanges, type LeafRange, rangeHash } from "./tree.ts"

/** A proof file that the entry is under the newest checkpoint. */
export const proveEntry = Effect.fn("AuditLog.prove")(function* (sql: SqlClient.SqlClient, id: string) {
  const index = yield* store.indexOf(sql, id)
  const checkpoint = yield* store.newestCheckpoint(sql)
  if (index === undefined || checkpoint === undefined || index >= checkpoint.size) {
    return yield* new AuditEntryNotFound({ id })
  }
  const ranges = inclusionRanges(BigInt(index), BigInt(checkpoint.size))
  const hashes = yield* rangeHashes(sql, ranges, checkpoint.size)
  return writeProof({ index: BigInt(index), hashes, checkpoint: checkpoint.note })
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
