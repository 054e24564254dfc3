// Verification of the whole log: every entry, every stored hash, every signed checkpoint. Needs the database and the log's verifier
// key, nothing else of ours; reads page by page, so memory stays flat.
import { Effect, Result } from "effect"
import { Database } from "../database/database.ts"
import type { SqlClient } from "../database/sql.ts"
import { toBase64 } from "./base64.ts"
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts"
import { entryFault } from "./entry-check.ts"
import { type NoteVerifier, parseVerifierKey } from "./note-key.ts"
import { hashAt } from "./tiles.ts"
import { edgeRoot, TILE_WIDTH, type Tile } from "./tree-edge.ts"
import { HASH_BYTES, leafHash } from "./tree-hash.ts"
import type { ProblemKind, VerificationProblem, VerificationReport } from "./verify.ts"
import { countCommitted, entriesEnd, newestSize, readCheckpoints, readRows, readTile } from "./verify-reads.ts"
import { isSame, type Place, VerifiedTree } from "./verify-tree.ts"

/** Four tiles of leaves at a time. */
const PAGE_ENTRIES = 4 * TILE_WIDTH
const PAGE_CHECKPOINTS = 500
const PROBLEMS_MAX = 1_000

/**
 * Verifies the log in the given `Database` against a verifier key (`name+hash+base64`) that came from somewhere else. Finds what was
 * changed, never fails for it; fails with `InvalidKey` for a key that is none, and with a `StorageFailure` defect for a damaged file.
 */
export const verifyLog = Effect.fn("verifyLog")(function* (options: { readonly verifierKey: string }) {
  const verifier = yield* Effect.fromResult(parseVerifierKey(options.verifierKey))
  const { sql } = yield* Database
  return yield* verifyWith(sql, verifier)
})

interface Verification {
  readonly sql: SqlClient.SqlClient
  readonly tree: VerifiedTree
  /** One past the last entry that is there. */
  readonly end: number
  report(kind: ProblemKind, index: number, detail: string): void
  /** Checkpoints can be one entry apart; what was read for one serves the next. */
  page: Page
}

interface Page {
  readonly begin: number
  readonly places: ReadonlyArray<Place & { readonly fault: string | undefined }>
}

export const verifyWith = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, verifier: NoteVerifier) {
  const problems = new Map<string, VerificationProblem>()
  let problemsOmitted = 0
  const report = (kind: ProblemKind, index: number, detail: string) => {
    const key = `${kind} ${index}`
    if (problems.has(key)) return
    if (problems.size < PROBLEMS_MAX) problems.set(key, { kind, index, detail })
    else problemsOmitted++
  }
  // In this order: what is appended meanwhile belongs to no checkpoint that is looked at.
  const last = yield* newestSize(sql)
  const end = yield* entriesEnd(sql)
  const verification: Verification = { sql, tree: new VerifiedTree(), end, report, page: { begin: 0, places: [] } }
  const { checkpoints, size } = yield* walkCheckpoints(verification, verifier, last)
  const edge = verification.tree.edge
  for (const tile of edge.partial) if (tile.hashes.length > 0) yield* compareTile(verification, tile)
  // The second look: a log that is opened meanwhile signs its first checkpoint before any entry.
  if (last < 0 && end > 0 && (yield* newestSize(sql)) < 0) {
    report("truncated", 0, "there are entries, but no checkpoint, not even that of the empty log")
  }
  if (end < size) {
    report("truncated", end, `entries ${end} to ${size - 1} are gone, though a signed checkpoint covers them`)
  }
  const pending = Math.max(0, (yield* countCommitted(sql)) - size)
  const found = { size, root: toBase64(edgeRoot(edge)), checkpoints, pending }
  return { ...found, problems: [...problems.values()], problemsOmitted } satisfies VerificationReport
})

const walkCheckpoints = Effect.fnUntraced(function* (verification: Verification, verifier: NoteVerifier, last: number) {
  let size = 0
  let checkpoints = 0
  for (let after = -1; ; ) {
    const page = yield* readCheckpoints(verification.sql, { after, last, limit: PAGE_CHECKPOINTS })
    for (const stored of page) {
      after = stored.size
      const opened = openCheckpoint(stored.note, verifier)
      if (Result.isFailure(opened) || opened.success.size !== BigInt(stored.size)) {
        verification.report(
          "bad-signature",
          stored.size,
          "this checkpoint is not signed by the log's key for this size"
        )
        continue
      }
      checkpoints++
      size = stored.size
      yield* walkEntries(verification, opened.success)
    }
    if (page.length < PAGE_CHECKPOINTS) return { checkpoints, size }
  }
})

/** Goes on to the size of a checkpoint, and compares its root. What is missing behind the last entry is told once, at the end. */
const walkEntries = Effect.fnUntraced(function* (verification: Verification, checkpoint: Checkpoint) {
  const { tree, end, report } = verification
  const faulty: Array<Page["places"][number]> = []
  while (tree.edge.size < checkpoint.size) {
    const places = yield* placesFrom(verification, tree.edge.size, Number(checkpoint.size))
    faulty.push(...places.filter(({ fault }) => fault !== undefined).slice(0, PROBLEMS_MAX - faulty.length))
    tree.append(places)
  }
  const { problems, tiles } = tree.judge(checkpoint)
  for (const { kind, index, detail } of problems) {
    const isTail = kind === "missing-entry" && index >= end
    if (!isTail) report(kind, index, detail)
  }
  for (const { index, fault } of faulty) report("invalid-entry", index, fault ?? "")
  for (const tile of tiles) yield* compareTile(verification, tile)
})

const placesFrom = Effect.fnUntraced(function* (verification: Verification, index: number, size: number) {
  const begin = index - (index % PAGE_ENTRIES)
  if (verification.page.begin !== begin || verification.page.places.length === 0) {
    verification.page = { begin, places: yield* readPlaces(verification.sql, begin) }
  }
  return verification.page.places.slice(index - begin, size - begin)
})

const readPlaces = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, begin: number) {
  const rows = yield* readRows(sql, { begin, end: begin + PAGE_ENTRIES })
  const places: Array<Page["places"][number]> = []
  for (let tileIndex = begin / TILE_WIDTH; tileIndex < (begin + PAGE_ENTRIES) / TILE_WIDTH; tileIndex++) {
    const hashes = (yield* readTile(sql, { level: 0, index: tileIndex })) ?? new Uint8Array()
    for (let offset = 0; offset < TILE_WIDTH; offset++) {
      const index = tileIndex * TILE_WIDTH + offset
      const row = rows.get(index)
      const stored = hashAt(hashes, offset)
      places.push({
        index,
        entryHash: row === undefined ? undefined : leafHash(row.leaf),
        storedHash: stored.length === HASH_BYTES ? stored : undefined,
        fault: row === undefined ? undefined : entryFault(row, row.leaf)
      })
    }
  }
  return places
})

/** A stored tile may have grown since, but what it should begin with stays. */
const compareTile = Effect.fnUntraced(function* ({ sql, report }: Verification, tile: Tile) {
  const stored = yield* readTile(sql, tile)
  if (isSame(stored?.subarray(0, tile.hashes.length), tile.hashes)) return
  const first = tile.index * TILE_WIDTH ** (tile.level + 1)
  report("invalid-tile", first, `tile ${tile.level}/${tile.index} is not the tree's`)
})
