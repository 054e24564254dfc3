// Proposing: input → plan → requirement → a stored execution that waits for people, or for nobody.
import {
  type Actor,
  AuditLog,
  Database,
  ExecutionId,
  newId,
  type OrganisationId,
  RunId,
  SubjectCipher
} from "@fluxcybers/core"
import { Effect } from "effect"
import { Changes } from "../changes.ts"
import { encodePlan, planDigest } from "../digest.ts"
import type { Executor, PlanDraft } from "../executor.ts"
import { instant } from "../instant.ts"
import type { Justification } from "../justification.ts"
import { randomNonce } from "../nonce.ts"
import { pinPlan, secretNames } from "../pin.ts"
import type { PinnedSecret, PinnedTarget, Plan } from "../plan.ts"
import { brokenLimit, TARGETS_MAX } from "../plan-limits.ts"
import { SecretSource } from "../ports.ts"
import { Executors } from "../registry.ts"
import { type Subject, subjectOf } from "../rules/circumstances.ts"
import { findHeader, openExecution } from "../store/execution-reads.ts"
import { insertExecution } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { executionPlace, sealOptional } from "../store/sealed.ts"
import { type Target, Targets } from "../targets.ts"
import { type Assessed, assess } from "./assess.ts"
import { breakGlass } from "./break-glass.ts"
import { grantExecution } from "./grant.ts"
import { proposalRefused as refused } from "./refusal.ts"
import { decideWithinMs, type GateSettings } from "./settings.ts"

/** What somebody wants to run. */
export interface Proposal {
  readonly organisation: OrganisationId
  /** Whoever asks; the caller has made sure that they may propose (`execution.propose`). */
  readonly actor: Actor
  readonly executor: string
  /** Decoded by the executor's own input schema. */
  readonly input: unknown
  /** Names or ids of targets, 1 to 100; empty for an executor that needs none. */
  readonly targets: ReadonlyArray<string>
  /** Why, at most 1,000 characters; kept sealed. Rules may demand it. */
  readonly reason?: string
  /** The ticket that it belongs to, at most 100 characters. Rules may demand one. */
  readonly ticket?: string
  /** Run it now, without the people whom the rules want; another person must review it later. Needs a reason, and a role that may. */
  readonly breakGlass?: boolean
}

export const propose = Effect.fn("Gate.propose")(function* (proposal: Proposal, settings: GateSettings) {
  const executor = yield* findExecutor(proposal.executor)
  const draft = yield* draftOf(executor, proposal.input)
  const targets = yield* findTargets(executor, proposal)
  const plan = yield* completePlan({ executor, draft, targets, organisation: proposal.organisation })
  const subject = subjectOf(plan, targets)
  const { requirement, digest } = yield* assess(proposal, subject)
  const id = yield* store({ proposal, plan, subject, requirement, ruleSet: digest, stdin: draft.stdin, settings })
  yield* (yield* Changes).announce(id)
  return yield* openExecution((yield* findHeader(id))!)
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

const findTargets = Effect.fnUntraced(function* (executor: Executor, { organisation, targets: wanted }: Proposal) {
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
}

const completePlan = Effect.fnUntraced(function* ({ executor, draft, targets: found, organisation }: Drafted) {
  const targets = found.map(({ tags: _, ...target }): PinnedTarget => target)
  const source = yield* SecretSource
  const secrets = yield* Effect.forEach(secretNames(draft, targets), (name) =>
    Effect.map(source.version(organisation, name), (version): PinnedSecret => ({ name, version }))
  ).pipe(
    Effect.catchTag("SecretDenied", ({ secret, reason }) =>
      refused("unknown-secret", `The secret "${secret}" cannot be used (${reason}).`)
    )
  )
  const plan = pinPlan(draft, { executor, targets, secrets, nonce: yield* randomNonce })
  const problem = brokenLimit(plan, draft.stdin)
  return problem === undefined ? plan : yield* refused("limit", problem)
})

interface Accepted {
  readonly proposal: Proposal
  readonly plan: Plan
  readonly subject: Subject
  readonly requirement: Assessed["requirement"]
  /** The digest of the rule set that demands it. */
  readonly ruleSet: string
  readonly stdin: Uint8Array | undefined
  readonly settings: GateSettings
}

const store = Effect.fnUntraced(function* (accepted: Accepted) {
  const { proposal, plan, subject, requirement, ruleSet, stdin, settings } = accepted
  const { organisation, actor } = proposal
  const id = yield* newId(ExecutionId, "exec")
  const owned = { organisation, execution: id }
  const execution = {
    id,
    organisation,
    state: "pending" as const,
    revision: 1,
    digest: planDigest(plan),
    requester: actor,
    requirement,
    subject,
    rule_set: ruleSet,
    proposed_at: yield* instant(),
    expires_at: yield* instant(decideWithinMs(requirement, settings)),
    ...NOTHING_YET,
    plan: yield* (yield* SubjectCipher).seal(executionPlace(owned, "plan"), encodePlan(plan)),
    stdin: yield* sealOptional(executionPlace(owned, "stdin"), stdin),
    justification: yield* sealOptional(executionPlace(owned, "justification"), justificationBytes(proposal))
  }
  const runs = yield* waitingRuns(id, plan)
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      yield* insertExecution(execution, runs)
      yield* (yield* AuditLog).record({
        organisation,
        actor,
        action: "execution.proposed",
        object: id,
        outcome: "success",
        facts: {
          digest: execution.digest,
          executor: `${plan.executor}@${plan.executorVersion}`,
          access: plan.access,
          targets: plan.targets.length,
          rule: requirement.rule,
          ruleSet
        }
      })
      if (requirement._tag === "BreakGlass") yield* breakGlass(execution, requirement)
      if (requirement._tag !== "People") yield* grantExecution(execution, settings)
    })
  )
  return id
})

const justificationBytes = ({ reason, ticket }: Proposal): Uint8Array | undefined => {
  const given: Justification = {
    ...(reason === undefined ? {} : { reason }),
    ...(ticket === undefined ? {} : { ticket })
  }
  return Object.keys(given).length === 0 ? undefined : new TextEncoder().encode(JSON.stringify(given))
}

const NOTHING_YET = {
  grant_nonce: null,
  claimed_by: null,
  claimed_boot: null,
  cancel_requested_at: null,
  settled_at: null,
  detail: null
}

/** One run a target; one without a target for an executor that needs none. */
const waitingRuns = Effect.fnUntraced(function* (execution: ExecutionId, plan: Plan) {
  const places = plan.targets.length > 0 ? plan.targets : [{ id: null, name: plan.executor }]
  return yield* Effect.forEach(places, (target, position) =>
    Effect.map(
      newId(RunId, "run"),
      (id): RunRow => ({
        id,
        execution,
        position,
        target: target.id,
        target_name: target.name,
        state: "waiting",
        started_at: null,
        ended_at: null,
        exit_code: null,
        signal: null,
        output_bytes: null,
        detail: null
      })
    )
  )
})
