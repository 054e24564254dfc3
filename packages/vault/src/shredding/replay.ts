// Brings journal and database to agree, before anything is served.
import { Database } from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { makeDestruction } from "./destruction.ts"
import { type ErasureEntry, ErasureJournal } from "./erasure-journal.ts"
import { entryOf, type Tombstones, tombstoneStore } from "./tombstones.ts"

/**
 * Writes down what other nodes destroyed, and destroys again what the journal says was destroyed and this database still has: it is
 * older than the journal. Without a journal there is nothing to do.
 */
export const replayErasures = Effect.gen(function* () {
  const journal = yield* Effect.serviceOption(ErasureJournal)
  if (Option.isNone(journal)) return
  const database = yield* Database
  const store = tombstoneStore(database)
  const destroy = yield* makeDestruction
  const destroyed = yield* writeDown(journal.value, store)
  for (const entry of yield* journal.value.entries) {
    if (!destroyed.has(nameOf(entry))) yield* database.transaction(destroyAgain({ store, destroy }, entry))
  }
})

/** Everything that this database knows as destroyed, by name. */
const writeDown = Effect.fnUntraced(function* (journal: ErasureJournal["Service"], store: Tombstones) {
  const names = new Set<string>()
  let page = yield* store.destroyedAfter(0)
  while (page.length > 0) {
    for (const row of page) {
      yield* journal.append(entryOf(row))
      names.add(nameOf(row))
    }
    page = yield* store.destroyedAfter(page.at(-1)?.number ?? 0)
  }
  return names
})

const nameOf = ({ organisation, subject }: Pick<ErasureEntry, "organisation" | "subject">) =>
  `${organisation}/${subject}`

interface Again {
  readonly store: Tombstones
  readonly destroy: Effect.Success<typeof makeDestruction>
}

const destroyAgain = Effect.fnUntraced(function* ({ store, destroy }: Again, entry: ErasureEntry) {
  const known = yield* store.find(entry)
  // Another node may have come first.
  if (known !== undefined && known.state !== "intended") return
  if (known === undefined) yield* store.intend(entry)
  yield* destroy(entry)
})
