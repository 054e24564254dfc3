// From what somebody wants to run to the plan of it: the executor's draft, the targets and secrets as they are now.
import type { OrganisationId } from "@fluxcybers/core"
import { Effect } from "effect"
import type { Executor, PlanDraft } from "../executor.ts"
import { pinPlan, secretNames } from "../pin.ts"
import type { PinnedSecret } from "../plan.ts"
import { brokenLimit, TARGETS_MAX } from "../plan-limits.ts"
import { SecretSource } from "../ports.ts"
import { Executors } from "../registry.ts"
import { type Target, Targets } from "../targets.ts"
import type { Proposal } from "./propose.ts"
import { proposalRefused as refused } from "./refusal.ts"

type Planned = Pick<Proposal, "organisation" | "actor" | "executor" | "input" | "targets">

/** The plan with this nonce, and what it was made from. */
export const planProposal = Effect.fnUntraced(function* (proposal: Planned, nonce: string) {
  const executor = yield* findExecutor(proposal.executor)
  const draft = yield* draftOf(executor, proposal.input)
  const targets = yield* findTargets(executor, proposal)
  const plan = yield* completePlan({ executor, draft, targets, organisation: proposal.organisation, nonce })
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

const findTargets = Effect.fnUntraced(function* (executor: Executor, { organisation, targets: wanted }: Planned) {
  const count = wanted.length
  if (!executor.needsTarget && count > 0) {
    return yield* refused("invalid-input", `The executor "${executor.id}" takes no target.`)
  }
  if (executor.needsTarget && (count === 0 || count > TARGETS_MAX)) {
    return yield* refused("limit", `${count} targets were named; 1 to ${TARGETS_MAX} are possible.`)
  }
  const targets = yield* Targets
  const found = yield* Effect.forEach(wanted, (name) => targets.get(organisation, name)).pipe(
    Effect.catchTag("TargetError", (error) => refused("unknown-target", error.detail))
  )
  const twice = found.find(({ id }, index) => found.findIndex((other) => other.id === id) !== index)
  return twice === undefined ? found : yield* refused("invalid-input", `The target "${twice.name}" is named twice.`)
})

interface Drafted {
  readonly executor: Executor
  readonly draft: PlanDraft
  readonly targets: ReadonlyArray<Target>
  readonly organisation: OrganisationId
  readonly nonce: string
}

const completePlan = Effect.fnUntraced(function* ({ executor, draft, targets: found, organisation, nonce }: Drafted) {
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
  const plan = pinPlan(draft, { executor, targets, secrets, nonce })
  const problem = brokenLimit(plan, draft.stdin)
  return problem === undefined ? plan : yield* refused("limit", problem)
})
