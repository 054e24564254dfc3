// Shredding in the database: requests are checked, then taken through the steps.
import { type AuditLog, Database, SystemActor } from "@fluxcybers/core"
import { Effect, Layer, Option } from "effect"
import type { Keyring } from "../keys/keyring.ts"
import { Shredding, ShreddingRefused } from "../shredding.ts"
import type { ErasureJournalFailed } from "./erasure-journal.ts"
import { receiptOf } from "./receipt.ts"
import { makeSteps } from "./steps.ts"
import { tombstoneStore } from "./tombstones.ts"

/** `Shredding` in the database. At its start it finishes what a crash interrupted. */
export const shreddingLayer: Layer.Layer<
  Shredding,
  ShreddingRefused | ErasureJournalFailed,
  Database | AuditLog | Keyring
> = Layer.effect(
  Shredding,
  Effect.gen(function* () {
    const store = tombstoneStore(yield* Database)
    const { begin, finish } = yield* makeSteps
    for (const row of yield* store.unfinished) yield* finish(row, new SystemActor({ component: "vault" }))
    return Shredding.of({
      shred: Effect.fn("Shredding.shred")(function* (request) {
        yield* checkSubject(request.subject)
        const row = yield* begin(request)
        return yield* finish(row, request.actor)
      }),
      receipt: (subject) =>
        Effect.map(store.find(subject), (row) =>
          row?.state === "completed" ? Option.some(receiptOf(row)) : Option.none()
        )
    })
  })
)

const SUBJECT_BYTES_MAX = 1_024

const checkSubject = (subject: string) => {
  const bytes = subject.isWellFormed() ? Buffer.byteLength(subject) : 0
  return bytes > 0 && bytes <= SUBJECT_BYTES_MAX
    ? Effect.void
    : Effect.fail(new ShreddingRefused({ reason: "invalid-subject" }))
}
