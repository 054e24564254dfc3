// Rotation in the database: what is begun goes on beside everything else, and at the next start after a crash.
import { AuditLog, Database, type OrganisationId } from "@fluxcybers/core"
import { Context, Effect, Layer, Schedule } from "effect"
import { KeyStore } from "../keys/key-store.ts"
import { Keyring } from "../keys/keyring.ts"
import { RootKey, rootKeyProviders } from "../keys/root-key.ts"
import { KeyRotation, type KeyStatus, type RotationProgress } from "../rotation.ts"
import type { RotationRow } from "../rows.ts"
import { beginRotation, usesOf, workOf } from "./begin.ts"
import { retireVersion, versionOf } from "./retire.ts"
import { rotationStore } from "./rotation-store.ts"
import { runRotation } from "./run.ts"
import { SECRET_VALUES, type SealedColumn } from "./sealed-column.ts"
import { verifyKeys } from "./verify.ts"

/** A key service that is away is asked again. */
const RETRY_MS = 30_000

type Services = Database | AuditLog | Keyring | KeyStore | RootKey

/** `KeyRotation` for the vault's own columns and those of the application: every column of sealed values must be in the list. */
export const keyRotationLayer = (
  applicationColumns: ReadonlyArray<SealedColumn> = []
): Layer.Layer<KeyRotation, never, Services> =>
  Layer.effect(
    KeyRotation,
    Effect.gen(function* () {
      const context = yield* Effect.context<Services>()
      const scope = yield* Effect.scope
      const columns = [SECRET_VALUES, ...applicationColumns]
      const provided = <A, E>(effect: Effect.Effect<A, E, Services>) => Effect.provideContext(effect, context)
      const inBackground = (row: RotationRow) => provided(Effect.forkIn(toTheEnd(row, columns), scope))

      for (const row of yield* rotationStore(Context.get(context, Database)).running) yield* inBackground(row)
      return KeyRotation.of({
        rotations: Effect.fn("KeyRotation.rotations")((organisation) => provided(newestOf(organisation))),
        status: Effect.fn("KeyRotation.status")((organisation) => provided(statusOf(organisation, columns))),
        plan: Effect.fn("KeyRotation.plan")((request) =>
          provided(Effect.map(withoutRootKey(workOf(request, columns)), ({ total }) => ({ total })))
        ),
        begin: Effect.fn("KeyRotation.begin")(function* (request) {
          const row = yield* provided(beginRotation(request, columns))
          yield* inBackground(row)
          return progressOf(row)
        }),
        retire: Effect.fn("KeyRotation.retire")((request) => provided(retireVersion(request, columns))),
        verify: Effect.fn("KeyRotation.verify")((request) => provided(verifyKeys(request, columns)))
      })
    })
  )

const toTheEnd = (row: RotationRow, columns: ReadonlyArray<SealedColumn>) =>
  runRotation(row, columns).pipe(
    Effect.tapError((error) => Effect.logWarning("A rotation of keys waits for its root key.", error)),
    Effect.retry({ schedule: Schedule.spaced(RETRY_MS) }),
    Effect.catchCause((cause) => Effect.logError("A rotation of keys stopped; the next start goes on with it.", cause))
  )

const statusOf = Effect.fnUntraced(function* (organisation: OrganisationId, columns: ReadonlyArray<SealedColumn>) {
  const root = yield* RootKey
  const keyStore = yield* KeyStore
  const store = rotationStore(yield* Database)
  const rootKey = yield* root.describe
  const previous = yield* Effect.forEach(root.previous ?? [], ({ describe }) => describe)
  const wrappers = new Set([...(yield* rootKeyProviders(root)).keys(), ...(yield* keyStore.rootKeys)])
  const versionsOf = Effect.fnUntraced(function* (kind: "organisation" | "index") {
    const versions = yield* keyStore.versions({ kind, organisation })
    return yield* Effect.forEach(versions, (key) => Effect.map(usesOf(key, columns), (uses) => versionOf(key, uses)))
  })
  const status: KeyStatus = {
    rootKey,
    previousRootKeys: previous,
    wrappedBy: yield* Effect.forEach([...wrappers], (id) =>
      Effect.map(store.countWrappedBy(id), (keys) => ({ rootKey: id, keys }))
    ),
    versions: yield* versionsOf("organisation"),
    indexVersions: yield* versionsOf("index"),
    rotations: yield* newestOf(organisation)
  }
  return status
})

const newestOf = Effect.fnUntraced(function* (organisation: OrganisationId) {
  return (yield* rotationStore(yield* Database).newest(organisation)).map(progressOf)
})

const progressOf = (row: RotationRow): RotationProgress => ({
  id: row.id,
  scope: row.scope_kind,
  state: row.state,
  total: row.total,
  done: row.done,
  failed: row.failed,
  startedAt: row.started_at,
  ...(row.completed_at === null ? {} : { completedAt: row.completed_at })
})

/** A root key that is open can always describe itself. */
const withoutRootKey = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catchIf(
    effect,
    (error): error is Extract<E, { readonly _tag: "RootKeyFailed" }> => error._tag === "RootKeyFailed",
    (error) => Effect.die(error)
  )
