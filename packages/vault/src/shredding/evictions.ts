// Notices what other nodes destroyed: their keys leave this node's memory, and their erasures enter its journal.
import { Database } from "@fluxcybers/core"
import { Effect, Layer, Option } from "effect"
import { Keyring } from "../keys/keyring.ts"
import type { ShreddingRow } from "../rows.ts"
import { ErasureJournal } from "./erasure-journal.ts"
import { entryOf, tombstoneStore } from "./tombstones.ts"

/** How long another node may go on using a key that was destroyed. One small query a second. */
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
  const store = tombstoneStore(yield* Database)
  const journal = Option.getOrUndefined(yield* Effect.serviceOption(ErasureJournal))
  let seen = yield* store.lastNumber
  // What was destroyed between the start of the keyring and this line would be missed otherwise.
  yield* keyring.forget()

  const follow = Effect.fnUntraced(function* (row: ShreddingRow) {
    yield* keyring.forget({ kind: "subject", organisation: row.organisation, subject: row.subject })
    if (journal !== undefined) yield* journal.append(entryOf(row))
    seen = row.number ?? seen
  })
  const look = Effect.gen(function* () {
    const last = yield* store.lastNumber
    if (last === seen) return
    if (last < seen) {
      // An older copy of the database was put back behind a running node: what it knows is worth nothing.
      yield* keyring.forget()
      seen = 0
    }
    for (const row of yield* store.destroyedAfter(seen)) yield* follow(row)
  })
  return { look }
}).pipe(Effect.map(({ look }) => look))
