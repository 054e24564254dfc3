// Notices what other nodes destroyed: their keys leave this node's memory, and their erasures enter its journal.
import { Database } from "@fluxcybers/core"
import { Effect, Layer, Option } from "effect"
import { Keyring } from "../keys/keyring.ts"
import { ErasureJournal } from "./erasure-journal.ts"
import { tombstoneStore } from "./tombstones.ts"

/** How long another node may go on using a key that was destroyed. One small query a second. */
export const EVICTION_POLL_MS = 1_000

/**
 * Looks every second for keys that other nodes destroyed. When it cannot look, it forgets all keys: a node that cannot see what was
 * erased must not go on from memory.
 */
export const evictionsLayer = (pollMs = EVICTION_POLL_MS): Layer.Layer<never, never, Keyring | Database> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const look = yield* makeLook
      yield* Effect.sleep(pollMs).pipe(Effect.andThen(look), Effect.forever, Effect.forkScoped)
    })
  )

const makeLook = Effect.gen(function* () {
  const keyring = yield* Keyring
  const store = tombstoneStore(yield* Database)
  const journal = Option.getOrUndefined(yield* Effect.serviceOption(ErasureJournal))
  let seen = yield* store.lastNumber
  // What was destroyed between the start of the keyring and this line would be missed otherwise.
  yield* keyring.forget()

  const look = Effect.gen(function* () {
    for (const { organisation, subject, id, intended_at, number } of yield* store.destroyedAfter(seen)) {
      yield* keyring.forget({ kind: "subject", organisation, subject })
      if (journal !== undefined) yield* journal.append({ organisation, subject, shredding: id, at: intended_at })
      seen = number ?? seen
    }
  })
  return Effect.catchCause(look, (cause) =>
    Effect.andThen(
      keyring.forget(),
      Effect.logWarning("The vault cannot see what other nodes erased; it forgot its keys and looks again.", cause)
    )
  )
})
