// Deciding on exactly what was shown: the digest that is sent is computed here, from the plan that this program received.
import type { ExecutionId } from "@fluxcybers/core"
import type { DecisionSignature, Execution, FaithfulView } from "@fluxcybers/executor"
import { Effect } from "effect"
import type { CallApi } from "./api.ts"
import type { Viewed } from "./execution-view.ts"
import { CliFailure } from "./failure.ts"
import { present } from "./parameters.ts"
import { patiently } from "./patience.ts"

/** The execution with what will be shown of it. */
export const viewed = Effect.fnUntraced(function* (api: CallApi, id: ExecutionId) {
  const execution = yield* api((client) => client.executions.show({ params: { id } }))
  return yield* viewOf(api, execution)
})

/** What will be shown of an execution. Fails when it is not all of the plan, or of another one. */
export const viewOf = Effect.fnUntraced(function* (api: CallApi, execution: Execution) {
  const view = yield* patiently(api((client) => client.executions.view({ params: { id: execution.id } })))
  yield* requireShown(execution, view)
  return { execution, view } satisfies Viewed
})

/**
 * The digest is computed from what is shown, character by character. The server may call the execution by another one: then what
 * is shown is not what would be approved, or it has parts that this version cannot show.
 */
const requireShown = Effect.fnUntraced(function* ({ id, digest }: Execution, view: FaithfulView) {
  const { viewDigest } = yield* Effect.promise(() => import("@fluxcybers/executor"))
  const shown = yield* Effect.try({ try: () => viewDigest(view), catch: (cause) => notFaithful(id, cause) })
  if (shown !== digest) return yield* notTheShown(id, { shown, digest })
})

/** Approves, or rejects, what was shown. */
export const decide = Effect.fnUntraced(function* (input: {
  readonly api: CallApi
  /** Its digest is the one of what was shown. */
  readonly execution: Pick<Execution, "id" | "digest">
  readonly verdict: "approve" | "reject"
  readonly reason?: string | undefined
  readonly signature?: DecisionSignature | undefined
}) {
  const { id, digest } = input.execution
  const payload = { digest, ...present({ reason: input.reason, signature: input.signature }) }
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

const notFaithful = (id: string, cause: unknown) =>
  new CliFailure({
    exit: "plan-changed",
    code: "view-not-faithful",
    title: "Not a faithful view",
    detail: `What the server sent to be shown of ${id} is not all that would run: ${cause instanceof Error ? cause.message : "unreadable"}`
  })
