// Notices what other nodes did to keys: destroyed ones leave this node's memory and enter its journal, and a new version is used.
import { Database } from "@fluxcybers/core"
import { Effect, Layer, Option } from "effect"
import { Keyring } from "../keys/keyring.ts"
import { rotationStore } from "../rotation/rotation-store.ts"
import type { ShreddingRow } from "../rows.ts"
import { ErasureJournal } from "./erasure-journal.ts"
import { entryOf, tombstoneStore } from "./tombstones.ts"

/** How long another node may go on using a key that was destroyed or set aside. Two small queries a second. */
const EVICTION_POLL_MS = 1_000

/**
 * Looks every second for keys that other nodes destroyed. When it cannot look, it forgets all keys: a node that cannot see what was
 * erased must not go on from memory.
 */
export const evictionsLayer: Layer.Layer<never, never, Keyring | Database> = Layer.effectDiscard(
  Effect.gen(function* () {
    const keyring = yield* Keyring
    const look = yield* makeLook
    const safely = Effect.catchCause(look, (cause) =>
      Effect.andThen(
        keyring.forget(),
        Effect.logWarning("The vault cannot see what other nodes erased; it forgot its keys and looks again.", cause)
      )
    )
    yield* Effect.sleep(EVICTION_POLL_MS).pipe(Effect.andThen(safely), Effect.forever, Effect.forkScoped)
  })
)

const makeLook = Effect.gen(function* () {
  const keyring = yield* Keyring
  const database = yield* Database
  const store = tombstoneStore(database)
  const rotations = rotationStore(database).count
  const journal = Option.getOrUndefined(yield* Effect.serviceOption(ErasureJournal))
  let seen = yield* store.lastNumber
  let seenRotations = yield* rotations
  // What was destroyed between the start of the keyring and this line would be missed otherwise.
  yield* keyring.forget()

  const follow = Effect.fnUntraced(function* (row: ShreddingRow) {
    yield* keyring.forget({ kind: "subject", organisation: row.organisation, subject: row.subject })
    if (journal !== undefined) yield* journal.append(entryOf(row))
    seen = row.number ?? seen
  })
  const lookForRotations = Effect.gen(function* () {
    const count = yield* rotations
    if (count !== seenRotations) yield* keyring.forget()
    seenRotations = count
  })
  const lookForShreddings = Effect.gen(function* () {
    const last = yield* store.lastNumber
    if (last === seen) return
    if (last < seen) {
      // An older copy of the database was put back behind a running node: what it knows is worth nothing.
      yield* keyring.forget()
      seen = 0
    }
    for (const row of yield* store.destroyedAfter(seen)) yield* follow(row)
  })
  return { look: Effect.andThen(lookForRotations, lookForShreddings) }
}).pipe(Effect.map(({ look }) => look))
