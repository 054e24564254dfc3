// Logs of any size, written straight into the tables as the sequencer would have left them: for benchmarks, where recording them
// one by one would take longer than everything that is measured.
import { AuditEntryId, Database, type NoteSigner, newId, OrganisationId, SystemActor } from "@fluxcybers/core"
import { type Array as Arr, DateTime, Effect } from "effect"
import { Aliasing } from "../../packages/core/src/audit/aliasing.ts"
import { signCheckpoint } from "../../packages/core/src/audit/checkpoint.ts"
import { type EntryRow, entryRow } from "../../packages/core/src/audit/entry.ts"
import { insertCheckpoint, writeTiles } from "../../packages/core/src/audit/log-store.ts"
import { EMPTY_EDGE, edgeRoot, extend, type TreeEdge } from "../../packages/core/src/audit/tree-edge.ts"
import { leafHash } from "../../packages/core/src/audit/tree-hash.ts"

const BATCH_ENTRIES = 10_000
const ROWS_A_STATEMENT = 500

type StoredRow = Omit<EntryRow, "aliases"> & { readonly leaf_index: number }

interface SyntheticLog {
  readonly signer: NoteSigner
  readonly entries: number
  /** Every how many entries one stands in the table too; of the others only the hash is there. 1 unless told. */
  readonly rowEvery?: number
}

/** Writes the log into the given `Database`, which has core's tables and no log yet; returns the ids of the entries that stand there. */
export const writeSyntheticLog = Effect.fnUntraced(function* ({ signer, entries, rowEvery = 1 }: SyntheticLog) {
  const { transaction } = yield* Database
  const event = yield* sampleEvent
  const ids: Array<AuditEntryId> = []
  let edge = EMPTY_EDGE
  while (edge.size < entries) {
    const begin = edge.size
    const rows: Array<StoredRow> = []
    const hashes: Array<Uint8Array> = []
    for (let index = begin; index < Math.min(begin + BATCH_ENTRIES, entries); index++) {
      if (index % rowEvery > 0) {
        hashes.push(leafHash(Buffer.from(String(index))))
        continue
      }
      const { aliases: _, ...entry } = yield* event(index)
      const row = { leaf_index: index, ...entry }
      rows.push(row)
      hashes.push(leafHash(row.leaf))
    }
    edge = yield* transaction(writeBatch({ signer, edge, rows, hashes }))
    if (rowEvery > 1) ids.push(...rows.map(({ id }) => id))
  }
  return ids
})

const sampleEvent = Effect.gen(function* () {
  const organisation = yield* newId(OrganisationId, "org")
  const actor = new SystemActor({ component: "bench" })
  return Effect.fnUntraced(function* (index: number) {
    const facts = { digest: "3b5d5c3712955042212316173ccf37be", bytes: index }
    const birth = { id: yield* newId(AuditEntryId, "audit"), time: DateTime.formatIso(yield* DateTime.now) }
    return entryRow(
      { organisation, actor, action: "bench.recorded", object: `object-${index}`, outcome: "success", facts },
      birth,
      new Aliasing().naming(organisation, birth.time, undefined)
    )
  })
})

interface Batch {
  readonly signer: NoteSigner
  readonly edge: TreeEdge
  readonly rows: ReadonlyArray<StoredRow>
  readonly hashes: ReadonlyArray<Uint8Array>
}

const writeBatch = Effect.fnUntraced(function* ({ signer, edge, rows, hashes }: Batch) {
  const { sql } = yield* Database
  for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) {
    const chunk = rows.slice(at, at + ROWS_A_STATEMENT) as unknown as Arr.NonEmptyArray<Record<string, unknown>>
    yield* sql`INSERT INTO core_audit_entries ${sql.insert(chunk)}`
  }
  const grown = extend(edge, hashes)
  yield* writeTiles(sql, grown.tiles)
  const { size } = grown.edge
  const note = signCheckpoint({ size, root: edgeRoot(grown.edge) }, signer)
  yield* insertCheckpoint(sql, { size, time: DateTime.formatIso(yield* DateTime.now), note })
  return grown.edge
})
