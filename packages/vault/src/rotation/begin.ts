// The first step of a rotation: the new version, the row that says so, and the intent in the log, in one transaction.
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect } from "effect"
import type { KeyScope } from "../keys/key-scope.ts"
import { parentScope } from "../keys/key-scope.ts"
import { KeyStore, type StoredKey } from "../keys/key-store.ts"
import { Keyring } from "../keys/keyring.ts"
import { RootKey } from "../keys/root-key.ts"
import { makeScopeKeys } from "../keys/scope-keys.ts"
import { RotationRefused, type RotationRequest } from "../rotation.ts"
import { countTokens } from "./reindex.ts"
import { type NewRotation, rotationStore } from "./rotation-store.ts"
import { auditOf } from "./run.ts"
import { type SealedColumn, sealedColumns } from "./sealed-column.ts"

const VERSION_MAX = 65_535

/** How many keys and values the rotation has before it. */
export const workOf = Effect.fnUntraced(function* (request: RotationRequest, columns: ReadonlyArray<SealedColumn>) {
  const database = yield* Database
  const store = rotationStore(database)
  if (request.scope.kind === "root") {
    const { id } = yield* (yield* RootKey).describe
    const others = (yield* (yield* KeyStore).rootKeys).filter((rootKey) => rootKey !== id)
    const counts = yield* Effect.forEach(others, store.countWrappedBy)
    return { from: "", to: id, total: sum(counts) }
  }
  const newest = yield* newestOf(keyScope(request))
  return { from: newest.id, to: "", total: yield* usesOf(newest, columns) }
})

/** Keys that a version wraps, and values that it sealed; of an index key the tokens that it made. */
export const usesOf = Effect.fnUntraced(function* (key: StoredKey, columns: ReadonlyArray<SealedColumn>) {
  if (key.scope.kind === "index") return yield* countTokens(key.scope.organisation, key)
  const { id } = key
  const database = yield* Database
  const values = sealedColumns(database)
  const counts = yield* Effect.forEach(columns, (column) => values.count(column, id))
  return sum([yield* rotationStore(database).countWrappedBy(id), ...counts])
})

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((total, count) => total + count, 0)

export const beginRotation = Effect.fnUntraced(function* (
  request: RotationRequest,
  columns: ReadonlyArray<SealedColumn>
) {
  const { from, to, total } = yield* workOf(request, columns)
  const named = {
    scope_kind: request.scope.kind,
    organisation: request.organisation,
    subject: request.scope.kind === "subject" ? request.scope.subject : "",
    from_key: from,
    total
  }
  if (request.scope.kind === "root") return yield* started(request, { ...named, to_key: to }, Effect.void)
  const scope = keyScope(request)
  const newest = yield* newestOf(scope)
  const fresh = yield* nextVersion(scope, newest)
  const row = yield* started(request, { ...named, to_key: fresh.id }, replaceVersion(newest, fresh))
  yield* (yield* Keyring).forget(scope)
  return row
})

const started = Effect.fnUntraced(function* <E, R>(
  { actor }: RotationRequest,
  rotation: NewRotation,
  change: Effect.Effect<void, E, R>
) {
  const database = yield* Database
  const log = yield* AuditLog
  return yield* database.transaction(
    Effect.gen(function* () {
      yield* change
      const row = yield* rotationStore(database).start(rotation)
      if (row === undefined) return yield* new RotationRefused({ reason: "running" })
      yield* log.record({ ...auditOf(row), actor, outcome: "intent", facts: { scope: row.scope_kind } })
      return row
    })
  )
})

const newestOf = Effect.fnUntraced(function* (scope: KeyScope) {
  const newest = yield* (yield* KeyStore).newest(scope)
  if (newest?.state !== "current") return yield* new RotationRefused({ reason: "no-key" })
  return newest
})

/** Made before the transaction: the root key may be far away. */
const nextVersion = Effect.fnUntraced(function* (scope: KeyScope, { version }: StoredKey) {
  if (version >= VERSION_MAX) return yield* new RotationRefused({ reason: "last-version" })
  const keyring = yield* Keyring
  const parent = parentScope(scope)
  const keys = yield* makeScopeKeys(keyring.get)
  return yield* keys.make(scope, parent && (yield* keyring.current(parent)), version + 1)
})

/** The lock keeps a shredding out: it would not see the new version, and the person would have a key again. */
const replaceVersion = Effect.fnUntraced(function* (newest: StoredKey, fresh: StoredKey) {
  const store = rotationStore(yield* Database)
  yield* store.lock
  const isFirst = (yield* store.setAside(newest.id)) && (yield* store.add(fresh))
  if (!isFirst) return yield* new RotationRefused({ reason: "changed" })
})

const keyScope = ({ organisation, scope }: RotationRequest): KeyScope =>
  scope.kind === "subject"
    ? { kind: "subject", organisation, subject: scope.subject }
    : { kind: scope.kind === "index" ? "index" : "organisation", organisation }
