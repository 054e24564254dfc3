// From what somebody wants to run to the plan of it: the executor's draft, the targets and secrets as they are now.
import type { OrganisationId } from "@fluxcybers/core"
import { Effect } from "effect"
import type { Executor, PlanDraft } from "../executor.ts"
import { pinPlan, secretNames } from "../pin.ts"
import type { PinnedSecret, PlanRunbook, Rollout } from "../plan.ts"
import { brokenLimit, TARGETS_MAX } from "../plan-limits.ts"
import { SecretSource } from "../ports.ts"
import { Executors } from "../registry.ts"
import type { SelectedTarget } from "../selectors.ts"
import { Targets } from "../targets.ts"
import type { Proposal } from "./propose.ts"
import { proposalRefused as refused } from "./refusal.ts"

interface Planned extends Pick<Proposal, "organisation" | "executor" | "input" | "targets" | "rollout"> {
  /** The runbook that it was filled in from, where it was. */
  readonly runbook?: PlanRunbook | undefined
}

/** The plan with this nonce, and what it was made from. */
export const planProposal = Effect.fnUntraced(function* (proposal: Planned, nonce: string) {
  const executor = yield* findExecutor(proposal.executor)
  const draft = yield* draftOf(executor, proposal.input)
  if (draft.recoverable !== undefined && executor.recovery === undefined) {
    return yield* refused("invalid-input", `Runs of the executor "${executor.id}" cannot be recoverable.`)
  }
  const targets = yield* findTargets(executor, proposal)
  const { organisation, rollout, runbook } = proposal
  const plan = yield* completePlan({ executor, draft, targets, organisation, nonce, rollout, runbook })
  return { draft, targets, plan }
})

const findExecutor = Effect.fnUntraced(function* (id: string) {
  const executor = (yield* Executors).find(id)
  return executor ?? (yield* refused("unknown-executor", `There is no executor "${id}".`))
})

const draftOf = (executor: Executor, input: unknown) =>
  executor
    .plan(input)
    .pipe(
      Effect.catch(({ message }) =>
        refused("invalid-input", `The input is not one of "${executor.id}": ${brief(message)}`)
      )
    )

const PROBLEM_LENGTH_MAX = 500

/** An issue repeats what was given, however long that is. */
const brief = (message: string) =>
  message.length > PROBLEM_LENGTH_MAX ? `${message.slice(0, PROBLEM_LENGTH_MAX)}…` : message

const findTargets = Effect.fnUntraced(function* (executor: Executor, planned: Planned) {
  const { organisation, targets: selectors, rollout } = planned
  if (!executor.needsTarget) {
    if (selectors.length === 0 && rollout === undefined) return []
    return yield* refused("invalid-input", `The executor "${executor.id}" takes no target.`)
  }
  if (selectors.length > TARGETS_MAX) return yield* beyond(selectors.length)
  const found = yield* (yield* Targets)
    .select(organisation, selectors)
    .pipe(
      Effect.catchTag("TargetError", ({ reason, detail }) =>
        refused(reason === "unknown" ? "unknown-target" : "invalid-input", detail)
      )
    )
  return found.length === 0 || found.length > TARGETS_MAX ? yield* beyond(found.length) : found
})

const beyond = (count: number) => refused("limit", `${count} targets were selected; 1 to ${TARGETS_MAX} are possible.`)

interface Drafted {
  readonly executor: Executor
  readonly draft: PlanDraft
  readonly targets: ReadonlyArray<SelectedTarget>
  readonly rollout: Rollout | undefined
  readonly runbook: PlanRunbook | undefined
  readonly organisation: OrganisationId
  readonly nonce: string
}

const completePlan = Effect.fnUntraced(function* (drafted: Drafted) {
  const { executor, draft, targets: found, rollout, runbook, organisation, nonce } = drafted
  const targets = yield* (yield* Targets)
    .pin(organisation, found)
    .pipe(Effect.catchTag("TargetError", ({ detail }) => refused("unknown-target", detail)))
  const source = yield* SecretSource
  const secrets = yield* Effect.forEach(secretNames(draft, targets), (name) =>
    Effect.map(source.version(organisation, name), (version): PinnedSecret => ({ name, version }))
  ).pipe(
    Effect.catchTag("SecretDenied", ({ secret, reason }) =>
      refused("unknown-secret", `The secret "${secret}" cannot be used (${reason}).`)
    )
  )
  const plan = pinPlan(draft, { executor, targets, rollout, secrets, runbook, nonce })
  const problem = brokenLimit(plan, draft.stdin)
  return problem === undefined ? plan : yield* refused("limit", problem)
})
