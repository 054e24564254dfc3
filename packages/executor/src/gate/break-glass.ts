// Breaking the glass: it runs now, the log says so, and a review is open until another person closes it.
import { AuditLog } from "@fluxcybers/core"
import { Effect } from "effect"
import { occurred } from "../occurrences.ts"
import type { Requirement } from "../rules.ts"
import type { Header } from "../store/execution-reads.ts"
import { insertReview } from "../store/reviews.ts"

/** Call it inside the transaction of the proposal. */
export const breakGlass = Effect.fnUntraced(function* (
  execution: Pick<Header, "id" | "organisation" | "digest" | "requester" | "proposed_at">,
  { reviewBy, rule }: Extract<Requirement, { readonly _tag: "BreakGlass" }>
) {
  const { id, organisation, digest, requester } = execution
  if (requester._tag !== "Person") return yield* Effect.die(new Error("Only a person breaks the glass"))
  yield* insertReview({
    execution: id,
    organisation,
    opened_by: requester.person,
    opened_at: execution.proposed_at,
    due_at: reviewBy,
    closed_by: null,
    closed_at: null,
    conclusion: null
  })
  yield* (yield* AuditLog).record({
    organisation,
    actor: requester,
    action: "execution.glass-broken",
    object: id,
    outcome: "success",
    facts: { digest, rule, reviewBy }
  })
  yield* occurred({ organisation, kind: "glass.broken", object: id })
})
