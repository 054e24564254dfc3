// Finds rows by a value that is stored sealed: by its blind index token. Tokens of a data subject are deleted with their key.
import { Database, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Context, DateTime, Effect, Layer, type Result, Schema } from "effect"
import type { IndexedField, IndexValueRefused } from "./blind-index/normalise.ts"
import { candidateTokens, indexToken } from "./blind-index/token.ts"
import type { SealingKey } from "./blob/sealed-blob.ts"
import type { KeyScope } from "./keys/key-scope.ts"
import { KeyStore } from "./keys/key-store.ts"
import { Keyring } from "./keys/keyring.ts"

export { INDEXED_BYTES_MAX, type IndexedField, IndexValueRefused } from "./blind-index/normalise.ts"

/** Rows that one look-up gives. */
export const INDEX_ROWS_MAX = 1_000

/** A column whose values can be looked up, and how they are made alike before. */
export interface IndexedPlace {
  readonly organisation: OrganisationId
  readonly table: string
  readonly column: string
  readonly field: IndexedField
}

/** A value of such a column. */
export interface IndexedCell extends IndexedPlace {
  readonly row: string
  /** The data subject's pseudonym: shredding the subject deletes the token. */
  readonly subject?: string
}

/**
 * Equality look-ups on sealed columns. `put` keeps one token for a cell and replaces an older one; call it in the transaction that
 * writes the cell, after the organisation's index key was made by an earlier call. `find` gives the rows that hold the value, at most
 * 1,000, in order. `token` is for whoever keeps tokens in a column of their own: `candidates` are then what to look for, and deleting
 * them with their subject is the owner's task.
 *
 * `find` and `candidates` know every version of the index key that was not destroyed: rows are found while it is rotated (`KeyRotation`).
 *
 * A token shows which rows of a column are equal, and how often: do not index what has few values.
 */
export class BlindIndex extends Context.Service<
  BlindIndex,
  {
    put(cell: IndexedCell, value: string): Effect.Effect<void, IndexValueRefused>
    find(place: IndexedPlace, value: string): Effect.Effect<ReadonlyArray<string>, IndexValueRefused>
    remove(cell: Omit<IndexedCell, "field">): Effect.Effect<void>
    token(place: IndexedPlace, value: string): Effect.Effect<string, IndexValueRefused>
    candidates(place: IndexedPlace, value: string): Effect.Effect<ReadonlyArray<string>, IndexValueRefused>
  }
>()("fluxcybers/vault/BlindIndex") {}

/** `BlindIndex` on the keyring and the table `vault_blind_index`. */
export const blindIndexLayer: Layer.Layer<BlindIndex, never, Keyring | KeyStore | Database> = Layer.effect(
  BlindIndex,
  Effect.gen(function* () {
    const { token, candidates } = yield* makeTokens
    const { put, find, remove } = yield* makeRows
    return BlindIndex.of({
      token,
      candidates,
      remove,
      put: Effect.fn("BlindIndex.put")(function* (cell, value) {
        yield* put(cell, yield* token(cell, value))
      }),
      find: Effect.fn("BlindIndex.find")(function* (place, value) {
        return yield* find(place, yield* candidates(place, value))
      })
    })
  })
)

const scopeOf = ({ organisation }: IndexedPlace): KeyScope => ({ kind: "index", organisation })

/** A lost key of ours is broken storage. */
const makeTokens = Effect.gen(function* () {
  const keyring = yield* Keyring
  const store = yield* KeyStore
  const keysOf = Effect.fnUntraced(function* (scope: KeyScope) {
    const current = yield* keyring.current(scope)
    const older = (yield* store.versions(scope)).filter(({ id, state }) => id !== current.id && state !== "destroyed")
    const keys: Array<SealingKey> = [current]
    for (const { id } of older) keys.push(yield* keyring.get(scope, id))
    return keys
  }, Effect.orDie)
  const token = Effect.fnUntraced(function* (place: IndexedPlace, value: string) {
    const key = yield* Effect.orDie(keyring.current(scopeOf(place)))
    return yield* Effect.fromResult(indexToken(key, place, value))
  })
  const candidates = Effect.fnUntraced(function* (place: IndexedPlace, value: string) {
    const made: Array<string> = []
    for (const key of yield* keysOf(scopeOf(place))) {
      const tokens: Result.Result<ReadonlyArray<string>, IndexValueRefused> = candidateTokens(key, place, value)
      made.push(...(yield* Effect.fromResult(tokens)))
    }
    return made
  })
  return { token, candidates }
})

const FoundRow = Schema.Struct({ row_id: Schema.String })

const makeRows = Effect.gen(function* () {
  const { sql } = yield* Database
  return {
    put: Effect.fnUntraced(function* (cell: IndexedCell, token: string) {
      const row = {
        organisation: cell.organisation,
        table_name: cell.table,
        column_name: cell.column,
        row_id: cell.row,
        subject: cell.subject ?? "",
        token,
        created_at: DateTime.formatIso(yield* DateTime.now)
      }
      yield* sql`INSERT INTO vault_blind_index ${sql.insert(row)}
        ON CONFLICT (organisation, table_name, column_name, row_id) DO UPDATE SET
          token = ${token}, subject = ${row.subject}, created_at = ${row.created_at}`.pipe(orStorageFailure)
    }),
    find: (place: IndexedPlace, tokens: ReadonlyArray<string>) =>
      sql`SELECT row_id FROM vault_blind_index WHERE organisation = ${place.organisation}
          AND table_name = ${place.table} AND column_name = ${place.column} AND ${sql.in("token", tokens)}
        ORDER BY row_id LIMIT ${INDEX_ROWS_MAX}`.pipe(
        orStorageFailure,
        Effect.flatMap((rows) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(FoundRow))(rows))),
        Effect.map((rows) => rows.map((row) => row.row_id))
      ),
    remove: (cell: Omit<IndexedCell, "field">) =>
      sql`DELETE FROM vault_blind_index WHERE organisation = ${cell.organisation} AND table_name = ${cell.table}
        AND column_name = ${cell.column} AND row_id = ${cell.row}`.pipe(orStorageFailure, Effect.asVoid)
  }
})
