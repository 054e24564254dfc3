// A stretch of the log while it is verified: the hash of every entry that stands there beside the stored hash, and what is wrong
// with the entries themselves.
import { Effect } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { openedEntry } from "../verifier/alias.ts"
import { SIGNATURE_ACTIONS, type SignedEntry } from "../verifier/approval-signatures.ts"
import { openAliases } from "./alias-store.ts"
import { columnFault, decodedEntry, entryFault } from "./entry-check.ts"
import { LISTED, plainEntry } from "./plain-entry.ts"
import { TILE_WIDTH } from "./tree-edge.ts"
import { HASH_BYTES, leafHash, writeTextLeafHash } from "./tree-hash.ts"
import { readLeaf, readRows, readTiles } from "./verify-reads.ts"

/** Sixteen tiles of leaves at a time: some megabytes. */
export const PAGE_ENTRIES = 16 * TILE_WIDTH

/** When this column was changed, that is found as a fault of the entry. */
const ACTION_COLUMN = LISTED.indexOf("action")

export interface Page {
  /** Index of the first place. */
  readonly begin: number
  /** The hash of each place's entry; zeros where none stands. */
  readonly entryHashes: Buffer
  /** The stored hash of each place; zeros where there is none. */
  readonly storedHashes: Buffer
  /** 1 where an entry stands. */
  readonly hasEntry: Uint8Array
  /** 1 where a hash is stored. */
  readonly hasHash: Uint8Array
  /** What is wrong with an entry's form, by index. */
  readonly faults: ReadonlyMap<number, string>
  /** The entries that speak of signed decisions and their keys, by index, with what their aliases stand for. */
  readonly signed: ReadonlyMap<number, SignedEntry>
}

/** The places from `begin`, which is a multiple of `PAGE_ENTRIES`. */
export const readPage = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, begin: number) {
  const entryHashes = Buffer.alloc(PAGE_ENTRIES * HASH_BYTES)
  const hasEntry = new Uint8Array(PAGE_ENTRIES)
  const faults = new Map<number, string>()
  const signed = new Map<number, SignedEntry>()
  for (const { index, columns, text } of yield* readRows(sql, { begin, end: begin + PAGE_ENTRIES })) {
    const at = index - begin
    hasEntry[at] = 1
    const plain = typeof text === "string" ? plainEntry(text) : undefined
    const isSigned = SIGNATURE_ACTIONS.includes(columns[ACTION_COLUMN])
    let fault: string | undefined
    if (plain !== undefined) {
      writeTextLeafHash(text as string, entryHashes, at * HASH_BYTES)
      fault = columnFault(columns, plain)
      if (isSigned) signed.set(index, JSON.parse(text as string) as SignedEntry)
    } else {
      const leaf = yield* readLeaf(sql, index)
      entryHashes.set(leafHash(leaf), at * HASH_BYTES)
      fault = entryFault(columns, leaf)
      const entry = isSigned ? decodedEntry(leaf) : undefined
      if (typeof entry === "object") signed.set(index, entry)
    }
    if (fault !== undefined) faults.set(index, fault)
  }
  const hashes = yield* readHashes(sql, begin)
  return { begin, entryHashes, hasEntry, faults, signed: yield* openSigned(sql, signed), ...hashes } satisfies Page
})

const openSigned = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, signed: ReadonlyMap<number, SignedEntry>) {
  if (signed.size === 0) return signed
  const opened = yield* openAliases(
    sql,
    [...signed.values()].map((entry) => JSON.stringify(entry))
  )
  return new Map([...signed].map(([index, entry]) => [index, openedEntry(entry, opened(String(entry.org)))]))
})

const readHashes = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, begin: number) {
  const storedHashes = Buffer.alloc(PAGE_ENTRIES * HASH_BYTES)
  const hasHash = new Uint8Array(PAGE_ENTRIES)
  const first = begin / TILE_WIDTH
  const tiles = yield* readTiles(sql, 0, { begin: first, end: first + PAGE_ENTRIES / TILE_WIDTH })
  for (const [index, tile] of tiles) {
    const width = Math.min(Math.floor(tile.length / HASH_BYTES), TILE_WIDTH)
    const at = (index - first) * TILE_WIDTH
    storedHashes.set(tile.subarray(0, width * HASH_BYTES), at * HASH_BYTES)
    hasHash.fill(1, at, at + width)
  }
  return { storedHashes, hasHash }
})
