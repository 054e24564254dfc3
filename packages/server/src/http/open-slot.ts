// What an entry says about a person, for a purpose that is in the log.
import type { AuditEntryId, AuditSlots, PersonId } from "@fluxcybers/core"
import { Effect } from "effect"
import { Caller } from "../api/authentication.ts"
import { problem, problemOf } from "./problem.ts"

const ERASED = problem(
  404,
  "audit-slot-erased",
  "What the entry said about this person was erased with their key. Nobody can read it any more."
)

export const openSlot = Effect.fn("audit.open")(function* (
  slots: AuditSlots["Service"],
  asked: {
    readonly entry: AuditEntryId
    readonly person: PersonId
    readonly purpose: "service-delivery" | "security-monitoring"
  }
) {
  const { organisation, actor } = yield* Caller
  const { entry, person: subject, purpose } = asked
  const text = yield* slots.open({ organisation, actor, entry, subject, purpose }).pipe(
    Effect.catchTag("AuditEntryNotFound", (error) => Effect.fail(problemOf(error))),
    // The purposes that the API takes are those that the log allows.
    Effect.catchTag("SlotPurposeRefused", (error) => Effect.die(error)),
    Effect.catchTag("CipherFailed", (error) =>
      // A secret that was altered or moved in the database is broken storage, nobody's expected outcome.
      error.reason === "key-destroyed" ? Effect.fail(ERASED) : Effect.die(error)
    )
  )
  return text === undefined ? {} : { text }
})
