// The cosignatures of witnesses, beside the checkpoints that they are for.
import { DateTime, Effect, Schema } from "effect"
import { IntegerColumn } from "../database/column.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { readCheckpoint, type StoredCheckpoint } from "./log-store.ts"
import { isQuorumMet, type WitnessPolicy } from "./witness-policy.ts"

type Sql = SqlClient.SqlClient

/** Cosigned checkpoints that are looked through for one with a quorum. */
const CANDIDATES_MAX = 50

interface Cosignature {
  /** Of the checkpoint. */
  readonly size: number
  /** The witness's verifier key. */
  readonly witness: string
  /** The signature line, with its newline. */
  readonly line: string
}

/** Keeps a cosignature; a second one of the same witness for the same checkpoint says nothing new. */
export const insertCosignature = Effect.fnUntraced(function* (sql: Sql, cosignature: Cosignature) {
  const time = DateTime.formatIso(yield* DateTime.now)
  yield* sql`INSERT INTO core_audit_cosignatures ${sql.insert({ ...cosignature, time })}
    ON CONFLICT (size, witness) DO NOTHING`
}, orStorageFailure)

const StoredLine = Schema.Struct({ line: Schema.String })
const StoredSize = Schema.Struct({ size: IntegerColumn })

/** The checkpoint's signed note with all cosignatures that are known. */
export const cosignedNote = Effect.fnUntraced(function* (sql: Sql, { size, note }: StoredCheckpoint) {
  const rows = yield* sql`SELECT line FROM core_audit_cosignatures WHERE size = ${size} ORDER BY witness`
  const lines = yield* Schema.decodeUnknownEffect(Schema.Array(StoredLine))(rows).pipe(Effect.orDie)
  return note + lines.map(({ line }) => line).join("")
}, orStorageFailure)

/** The newest checkpoint past `after` that enough witnesses cosigned: those that the policy asks for, or without one any. */
export const newestWitnessed = Effect.fnUntraced(function* (
  sql: Sql,
  after: number,
  policy: WitnessPolicy | undefined
) {
  const rows = yield* sql`SELECT DISTINCT size FROM core_audit_cosignatures WHERE size > ${after}
    ORDER BY size DESC LIMIT ${CANDIDATES_MAX}`
  const sizes = yield* Schema.decodeUnknownEffect(Schema.Array(StoredSize))(rows).pipe(Effect.orDie)
  for (const { size } of sizes) {
    const checkpoint = yield* readCheckpoint(sql, size)
    if (checkpoint === undefined) continue
    const note = yield* cosignedNote(sql, checkpoint)
    if (policy === undefined || isQuorumMet(policy, note)) return { size, note } satisfies StoredCheckpoint
  }
  return undefined
}, orStorageFailure)

/** The largest cosigned checkpoints below a size, as signed notes. */
export const cosignaturesBelow = Effect.fnUntraced(function* (sql: Sql, size: number) {
  const rows = yield* sql`SELECT DISTINCT size FROM core_audit_cosignatures WHERE size < ${size}
    ORDER BY size DESC LIMIT ${CANDIDATES_MAX}`
  const sizes = yield* Schema.decodeUnknownEffect(Schema.Array(StoredSize))(rows).pipe(Effect.orDie)
  const notes: Array<string> = []
  for (const stored of sizes) {
    const checkpoint = yield* readCheckpoint(sql, stored.size)
    if (checkpoint !== undefined) notes.push(yield* cosignedNote(sql, checkpoint))
  }
  return notes
}, orStorageFailure)
