// Destroys a version of the organisation's key, or of its index key, that nothing needs any more.
import { AuditLog, Database, type OrganisationId } from "@fluxcybers/core"
import { Clock, DateTime, Effect } from "effect"
import { KeyStore, type StoredKey } from "../keys/key-store.ts"
import { Keyring } from "../keys/keyring.ts"
import { type KeyRotation, type KeyVersion, RotationRefused } from "../rotation.ts"
import { usesOf } from "./begin.ts"
import { rotationStore } from "./rotation-store.ts"
import type { SealedColumn } from "./sealed-column.ts"

/** Longer than a node remembers a key, and than anything takes from sealing a value to storing it. */
const SETTLING_MS = 60_000

type Request = Parameters<KeyRotation["Service"]["retire"]>[0]

export const retireVersion = Effect.fnUntraced(function* (request: Request, columns: ReadonlyArray<SealedColumn>) {
  const database = yield* Database
  const store = rotationStore(database)
  const key = yield* (yield* KeyStore).byId(request.key)
  if (key?.state === "destroyed" || key === undefined || !isOf(request.organisation, key)) {
    return yield* new RotationRefused({ reason: "unknown-key" })
  }
  if (key.state === "current") return yield* new RotationRefused({ reason: "current" })
  yield* checkSettled(key)
  const retired = database.transaction(
    Effect.gen(function* () {
      yield* store.lock
      const uses = yield* usesOf(key, columns)
      if (uses > 0) return yield* new RotationRefused({ reason: "in-use", uses })
      if (request.isTrial === true) return
      if (!(yield* store.destroy(key.id))) return yield* new RotationRefused({ reason: "unknown-key" })
      yield* record(request, key)
    })
  )
  yield* retired
  yield* (yield* Keyring).forget(key.scope)
  return versionOf({ ...key, state: request.isTrial === true ? key.state : "destroyed" }, 0)
})

const isOf = (organisation: OrganisationId, { scope }: StoredKey): boolean =>
  (scope.kind === "organisation" || scope.kind === "index") && scope.organisation === organisation

const record = Effect.fnUntraced(function* ({ organisation, actor }: Request, { id, version }: StoredKey) {
  const log = yield* AuditLog
  yield* log.record({ organisation, actor, action: "key.retired", object: id, outcome: "success", facts: { version } })
})

const checkSettled = Effect.fnUntraced(function* ({ id }: StoredKey) {
  const rotation = yield* rotationStore(yield* Database).from(id)
  const since = rotation?.completed_at
  if (rotation !== undefined && since == null) return yield* new RotationRefused({ reason: "running" })
  if (since == null) return
  const ageMs = (yield* Clock.currentTimeMillis) - DateTime.toEpochMillis(DateTime.makeUnsafe(since))
  if (ageMs < SETTLING_MS) return yield* new RotationRefused({ reason: "too-soon" })
})

export const versionOf = ({ id, version, state, createdAt }: StoredKey, uses: number): KeyVersion => ({
  id,
  version,
  state,
  createdAt,
  uses
})
