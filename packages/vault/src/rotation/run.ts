// Takes a rotation to its end. Every page is committed by itself, and everything may have been done before, or be done by another node.
import { AuditLog, Database, OrganisationId, SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import { KeyId, openBlob, type SealingKey, sealBlob } from "../blob/sealed-blob.ts"
import type { KeyScope } from "../keys/key-scope.ts"
import { Keyring } from "../keys/keyring.ts"
import { RootKey, type RootKeyFailed, type RootKeyProvider, rootKeyProviders } from "../keys/root-key.ts"
import { wiped, wrapping } from "../keys/scope-keys.ts"
import type { RotationRow } from "../rows.ts"
import { reindexAll } from "./reindex.ts"
import { resealColumn } from "./reseal.ts"
import { type Rewrapping, rewrapAll } from "./rewrap.ts"
import { added, NOTHING, rotationStore } from "./rotation-store.ts"
import type { SealedColumn } from "./sealed-column.ts"

/** A value that is being written when a rotation begins is found by the next pass. */
const PASSES_MAX = 10

export const runRotation = Effect.fnUntraced(function* (row: RotationRow, columns: ReadonlyArray<SealedColumn>) {
  const pass = passOf(row, columns)
  const passes = Effect.gen(function* () {
    let passed = yield* pass
    for (let more = 1; more < PASSES_MAX && passed.done > 0; more++) passed = yield* pass
    return passed.failed
  })
  // A person who was shredded meanwhile has nothing left to rotate.
  const failed = yield* Effect.catchTag(passes, "KeyUnavailable", (error) =>
    error.reason === "destroyed" ? Effect.succeed(0) : Effect.fail(error)
  )
  yield* complete(row, failed)
})

const passOf = (row: RotationRow, columns: ReadonlyArray<SealedColumn>) => {
  if (row.scope_kind === "root") return rewrapUnderRoot(row)
  return row.scope_kind === "index" ? moveTokens(row, columns) : moveToVersion(row, columns)
}

/** In the log before anybody is told: state and entry in one transaction. */
const complete = Effect.fnUntraced(function* (row: RotationRow, failed: number) {
  const database = yield* Database
  const log = yield* AuditLog
  yield* database.transaction(
    Effect.gen(function* () {
      const completed = yield* rotationStore(database).complete(row.id, failed)
      if (completed === undefined) return
      const facts = { scope: row.scope_kind, done: completed.done, failed }
      const actor = new SystemActor({ component: "vault" })
      yield* log.record({ ...auditOf(row), actor, outcome: "success", facts })
    })
  )
})

export const auditOf = (row: RotationRow) => ({
  organisation: OrganisationId.make(row.organisation),
  action: "key.rotated",
  object: row.id
})

const rewrapUnderRoot = Effect.fnUntraced(function* ({ id: rotation, to_key: to }: RotationRow) {
  const root = yield* RootKey
  const here = yield* rootKeyProviders(root)
  const provider = here.get(to) ?? root
  let passed = NOTHING
  for (const [from, older] of here) {
    if (from === to) continue
    passed = added(passed, yield* rewrapAll({ rotation, from, to, rewrap: rewrapWith(older, provider) }))
  }
  return passed
})

const rewrapWith =
  (older: RootKeyProvider, newer: RootKeyProvider): Rewrapping<RootKeyFailed>["rewrap"] =>
  (name, wrapped) =>
    Effect.gen(function* () {
      const bytes = yield* older.unwrap(name, wrapped)
      return yield* Effect.ensuring(newer.wrap(name, bytes), wiped(bytes))
    }).pipe(
      Effect.catchIf(
        ({ reason }) => reason === "altered" || reason === "other-root-key",
        () => Effect.undefined
      )
    )

const moveTokens = Effect.fnUntraced(function* (row: RotationRow, columns: ReadonlyArray<SealedColumn>) {
  const keyring = yield* Keyring
  const organisation = OrganisationId.make(row.organisation)
  const scope = { kind: "index", organisation } as const
  const [from, to] = [
    yield* keyring.get(scope, KeyId.make(row.from_key)),
    yield* keyring.get(scope, KeyId.make(row.to_key))
  ]
  return yield* reindexAll({ rotation: row.id, organisation, from, to }, columns)
})

/** Keys that the older version wraps, then values that it sealed. */
const moveToVersion = Effect.fnUntraced(function* (row: RotationRow, columns: ReadonlyArray<SealedColumn>) {
  const keyring = yield* Keyring
  const scope = scopeOf(row)
  const [from, to] = [
    yield* keyring.get(scope, KeyId.make(row.from_key)),
    yield* keyring.get(scope, KeyId.make(row.to_key))
  ]
  let passed = yield* rewrapAll({ rotation: row.id, from: from.id, to: to.id, rewrap: rewrapUnder(from, to) })
  for (const column of columns) {
    passed = added(passed, yield* resealColumn({ rotation: row.id, scope, from, to }, column))
  }
  return passed
})

const rewrapUnder =
  (from: SealingKey, to: SealingKey): Rewrapping<never>["rewrap"] =>
  (name, wrapped) =>
    Effect.sync(() => {
      const bytes = openBlob(wrapping(from, name), wrapped)
      if (typeof bytes === "string") return undefined
      const fresh = sealBlob(wrapping(to, name), bytes)
      bytes.fill(0)
      return fresh
    })

const scopeOf = (row: RotationRow): Extract<KeyScope, { kind: "organisation" | "subject" }> => {
  const organisation = OrganisationId.make(row.organisation)
  return row.scope_kind === "subject"
    ? { kind: "subject", organisation, subject: row.subject }
    : { kind: "organisation", organisation }
}
