// The faithful view of an execution, beside the last approved plan of the same executor for the same targets; that of a runbook beside its
// last approved use.
import type { ExecutionId, OrganisationId } from "@fluxcybers/core"
import { Effect } from "effect"
import {
  findApprovedBefore,
  findApprovedUseBefore,
  type Header,
  openPlan,
  openStdin
} from "../store/execution-reads.ts"
import type { PlanDifference } from "../view/faithful-view.ts"
import { makeView } from "../view/make-view.ts"
import { planChanges, type WholePlan } from "../view/plan-difference.ts"
import { headerOf } from "./look.ts"

/** So many approved executions are looked at for one of the same executor: each has to be opened. */
const LOOKED_AT_MAX = 20

/** What does not open, or is no longer what was proposed, is a defect: there is nothing that could be shown. */
export const view = Effect.fn("Gate.view")(function* (organisation: OrganisationId, id: ExecutionId) {
  const header = yield* headerOf(organisation, id)
  const whole = yield* Effect.orDie(openWhole(header))
  return makeView(whole, yield* differenceTo(header, whole))
})

const openWhole = (header: Header) => Effect.all({ plan: openPlan(header), stdin: openStdin(header) })

const differenceTo = Effect.fnUntraced(function* (header: Header, whole: WholePlan) {
  const isUse = header.runbook !== null
  const approved = isUse ? yield* findApprovedUseBefore(header) : yield* findApprovedBefore(header, LOOKED_AT_MAX)
  for (const earlier of approved) {
    // A plan whose key was destroyed is gone, as it should be.
    const before = yield* Effect.option(openWhole(earlier))
    if (before._tag === "None" || (!isUse && before.value.plan.executor !== whole.plan.executor)) continue
    const changes = planChanges(before.value, whole)
    return { _tag: "Since", execution: earlier.id, proposedAt: earlier.proposed_at, changes } satisfies PlanDifference
  }
  return { _tag: "First" } satisfies PlanDifference
})
