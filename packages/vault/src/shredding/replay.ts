// Brings journal and database to agree, before anything is served.
import { Database } from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { type ErasureEntry, ErasureJournal } from "./erasure-journal.ts"
import { type Tombstones, tombstoneStore } from "./tombstones.ts"

/**
 * Destroys again what the journal says was destroyed and this database still has: it is older than the journal. Then writes down what
 * other nodes destroyed. Without a journal there is nothing to do.
 */
export const replayErasures = Effect.gen(function* () {
  const journal = yield* Effect.serviceOption(ErasureJournal)
  if (Option.isNone(journal)) return
  const database = yield* Database
  const store = tombstoneStore(database)
  const entries = yield* journal.value.entries
  for (const entry of entries) yield* database.transaction(destroyAgain(store, entry))
  yield* followErasures(journal.value, store, 0)
})

const destroyAgain = Effect.fnUntraced(function* (store: Tombstones, entry: ErasureEntry) {
  const known = yield* store.find(entry)
  if (known !== undefined && known.state !== "intended") return
  if (known === undefined) yield* store.intend(entry)
  yield* store.destroy(entry)
})

/** Writes into the journal what was destroyed after `number`, and gives the number that it came to. */
export const followErasures = Effect.fnUntraced(function* (
  journal: ErasureJournal["Service"],
  store: Tombstones,
  number: number
) {
  let last = number
  for (;;) {
    const page = yield* store.destroyedAfter(last)
    for (const { organisation, subject, id, intended_at } of page) {
      yield* journal.append({ organisation, subject, shredding: id, at: intended_at })
    }
    const newest = page.at(-1)?.number
    if (newest === undefined || newest === null) return last
    last = newest
  }
})
