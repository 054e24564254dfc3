// Storing a proposal: the execution, its runs, its audit entry, and what of a bounded grant it uses up, in one transaction.
import { AuditLog, Database, ExecutionId, newId, RunId, type ScheduleId, SubjectCipher } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { type Cover, type CoverGone, useCover } from "../bounded/use.ts"
import { encodePlan, planDigest } from "../digest.ts"
import { instant } from "../instant.ts"
import type { Justification } from "../justification.ts"
import { occurred } from "../occurrences.ts"
import type { Plan, PlanRunbook } from "../plan.ts"
import type { Subject } from "../rules/circumstances.ts"
import { insertExecution } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { executionPlace, sealOptional } from "../store/sealed.ts"
import type { Assessed } from "./assess.ts"
import { breakGlass } from "./break-glass.ts"
import { grantExecution } from "./grant.ts"
import type { Proposal } from "./propose.ts"
import { decideWithinMs, type GateSettings } from "./settings.ts"

/** A proposal that was planned and assessed. */
export interface Accepted {
  readonly proposal: Proposal
  readonly plan: Plan
  readonly subject: Subject
  readonly requirement: Assessed["requirement"]
  /** The digest of the rule set that demands it. */
  readonly ruleSet: string
  readonly stdin: Uint8Array | undefined
  readonly settings: GateSettings
  /** The bounded grant that stands for the people; used up with it. */
  readonly cover?: Cover
  /** The schedule that it comes from. */
  readonly schedule?: ScheduledFor
}

/** A firing: claimed in the transaction that stores what it proposes, so that there is one or the other for both or for neither. */
export interface ScheduledFor {
  readonly schedule: ScheduleId
  readonly instant: string
  /** False when somebody else has claimed it: then nothing is stored. */
  readonly claim: (execution: ExecutionId) => Effect.Effect<boolean, never, Database>
}

/** Somebody else has claimed the firing. */
export class FiringTaken extends Schema.TaggedError<FiringTaken>()("FiringTaken", {}) {}

/** The same under a bounded grant, which stands for the people. */
export const coveredBy = (accepted: Accepted, cover: Cover | undefined): Accepted =>
  cover === undefined ? accepted : { ...accepted, requirement: boundedBy(cover, accepted.requirement), cover }

/** Who must agree is settled; what else the rule demands stays. */
const boundedBy = ({ grant }: Cover, { rule, recording }: Accepted["requirement"]): Accepted["requirement"] => ({
  _tag: "Bounded",
  grant: grant.id,
  ...(recording === undefined ? {} : { recording }),
  rule
})

/** Stores it with its audit entry, and grants it where nobody has to decide. */
export const storeProposal = Effect.fnUntraced(function* (
  accepted: Accepted
): Effect.fn.Return<ExecutionId, FiringTaken | CoverGone, AuditLog | Database | SubjectCipher> {
  const { proposal, plan, subject, requirement, ruleSet, stdin, settings, cover, schedule } = accepted
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
    runbook: plan.runbook?.id ?? null,
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
      if (schedule !== undefined && !(yield* schedule.claim(id))) return yield* new FiringTaken()
      yield* insertExecution(execution, runs)
      yield* (yield* AuditLog).record({
        organisation,
        actor,
        action: "execution.proposed",
        object: id,
        outcome: "success",
        facts: { digest: execution.digest, ...factsOf(accepted) }
      })
      if (cover !== undefined) yield* useCover(cover, id)
      if (requirement._tag === "BreakGlass") yield* breakGlass(execution, requirement)
      if (requirement._tag === "People") yield* occurred({ organisation, kind: "decision.wanted", object: id })
      else yield* grantExecution(execution, settings)
    })
  )
  return id
})

const factsOf = ({ plan, requirement, ruleSet, schedule }: Accepted) => ({
  executor: `${plan.executor}@${plan.executorVersion}`,
  access: plan.access,
  targets: plan.targets.length,
  rule: requirement.rule,
  ruleSet,
  ...(plan.runbook === undefined ? {} : runbookFacts(plan.runbook)),
  ...(schedule === undefined ? {} : { schedule: schedule.schedule, firing: schedule.instant })
})

const runbookFacts = ({ id, name, version }: PlanRunbook) => ({ runbook: id, runbookVersion: `${name}@${version}` })

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
        revision: 0,
        target: target.id,
        target_name: target.name,
        state: "waiting",
        claimed_by: null,
        claimed_boot: null,
        started_at: null,
        ended_at: null,
        exit_code: null,
        signal: null,
        output_bytes: null,
        stdout_position: 0,
        stderr_position: 0,
        file_bytes: null,
        file_digest: null,
        detail: null
      })
    )
  )
})
