// Deciding on exactly what was shown: the digest that is sent is computed here, from the plan that this program received.
import type { Execution } from "@fluxcybers/executor"
import { Effect } from "effect"
import type { CallApi } from "./api.ts"
import { CliFailure } from "./failure.ts"

/**
 * The digest of the plan as it was received. Fails when the server calls it by another one: then the plan that was shown is not
 * the plan that would be approved, or it has parts that this version cannot show.
 */
export const shownDigest = Effect.fnUntraced(function* ({ id, plan, digest }: Execution) {
  const { planDigest } = yield* Effect.promise(() => import("@fluxcybers/executor"))
  const shown = planDigest(plan)
  if (shown !== digest) return yield* notTheShown(id, { shown, digest })
  return shown
})

/** Approves, or rejects, what was shown. */
export const decide = Effect.fnUntraced(function* (input: {
  readonly api: CallApi
  readonly execution: Execution
  readonly verdict: "approve" | "reject"
  readonly reason?: string | undefined
}) {
  const { id } = input.execution
  const digest = yield* shownDigest(input.execution)
  const payload = { digest, ...(input.reason === undefined ? {} : { reason: input.reason }) }
  return yield* input.api((client) => client.executions[input.verdict]({ params: { id }, payload }))
})

const notTheShown = (id: string, digests: { readonly shown: string; readonly digest: string }) =>
  new CliFailure({
    exit: "plan-changed",
    code: "digest-differs",
    title: "Not the plan that was shown",
    detail:
      `The server says that ${id} has the digest ${digests.digest}, but what it sent has ${digests.shown}. Nothing was decided.\n` +
      "Either the server is newer than this program (update it), or something between the two changed the plan."
  })
