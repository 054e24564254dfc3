// Opens the values of a sealed column where they belong: a sample, or every one.
import { Database, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { recordParts } from "../blob/context.ts"
import { blobHeader, KeyId, openBlob } from "../blob/sealed-blob.ts"
import { KeyStore, type StoredKey } from "../keys/key-store.ts"
import { Keyring } from "../keys/keyring.ts"
import { contextOf } from "./reseal.ts"
import { type SealedColumn, type SealedValue, sealedColumns } from "./sealed-column.ts"

/** Values of a column that are opened, over all keys; and keys that they are looked for under. */
const SAMPLE = 100
const SAMPLE_KEYS = 20
const PAGE_VALUES = 100
/** Keys whose rows are remembered while every value is opened. */
const KEYS_MAX = 1_000

/** How many values were opened, and how many of them did not open. */
interface Opened {
  readonly opened: number
  readonly altered: number
}

/** The key that a blob names, as SQL. */
export const keyIdOf = (dialect: Database["Service"]["dialect"], column: string): string =>
  dialect === "postgres" ? `encode(substr(${column}, 5, 12), 'hex')` : `lower(hex(substr(${column}, 5, 12)))`

const KeyIds = Schema.Array(Schema.Struct({ id: Schema.String }))

/** Values under the first keys that the column names. */
export const openSample = Effect.fnUntraced(function* (column: SealedColumn) {
  const { sql, dialect } = yield* Database
  const keyId = sql.literal(keyIdOf(dialect, column.column))
  const rows = yield* sql`SELECT DISTINCT ${keyId} AS id FROM ${sql(column.table)} LIMIT ${SAMPLE_KEYS}`.pipe(
    orStorageFailure,
    Effect.flatMap((found) => Effect.orDie(Schema.decodeUnknownEffect(KeyIds)(found)))
  )
  let [opened, altered] = [0, 0]
  for (const { id } of rows) {
    const key = KEY_ID.test(id) ? yield* (yield* KeyStore).byId(KeyId.make(id)) : undefined
    if (key?.wrapped === undefined || opened >= SAMPLE) continue
    const page = { after: undefined, limit: SAMPLE - opened }
    for (const value of yield* sealedColumns(yield* Database).page(column, key.id, page)) {
      opened++
      if (!(yield* opens(column, key, value))) altered++
    }
  }
  return { opened, altered } satisfies Opened
})

const KEY_ID = /^[0-9a-f]{24}$/

/** Every value whose key is there. Tells after each page how many values it has seen. */
export const openEvery = Effect.fnUntraced(function* (column: SealedColumn, onPage: (values: number) => void) {
  const values = sealedColumns(yield* Database)
  const find = yield* makeFind
  let [seen, opened, altered] = [0, 0, 0]
  let after: ReadonlyArray<unknown> | undefined
  for (;;) {
    const page = yield* values.page(column, undefined, { after, limit: PAGE_VALUES })
    const last = page.at(-1)
    if (last === undefined) return { opened, altered } satisfies Opened
    for (const value of page) {
      const key = yield* find(value)
      if (key?.wrapped === undefined) continue
      opened++
      if (!(yield* opens(column, key, value))) altered++
    }
    after = last.key
    seen += page.length
    onPage(seen)
    // Gives others their turn: a server verifies while it serves.
    yield* Effect.yieldNow
  }
})

/** The row of the key that a value names. */
const makeFind = Effect.gen(function* () {
  const store = yield* KeyStore
  const known = new Map<KeyId, StoredKey | undefined>()
  return Effect.fnUntraced(function* ({ sealed }: SealedValue) {
    const header = blobHeader(sealed)
    if (header._tag === "Failure") return undefined
    const { keyId } = header.success
    if (!known.has(keyId)) {
      if (known.size >= KEYS_MAX) known.clear()
      known.set(keyId, yield* store.byId(keyId))
    }
    return known.get(keyId)
  })
})

const opens = Effect.fnUntraced(function* (column: SealedColumn, { id, scope }: StoredKey, value: SealedValue) {
  if (scope.kind !== "organisation" && scope.kind !== "subject") return false
  const key = yield* Effect.result((yield* Keyring).get(scope, id))
  if (key._tag === "Failure") return false
  const parts = recordParts(contextOf(scope, column, value))
  const opened = openBlob({ suite: "record", key: key.success, parts }, value.sealed)
  if (typeof opened !== "string") opened.fill(0)
  return typeof opened !== "string"
})
