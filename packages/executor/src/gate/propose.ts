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
import { type Cover, findCover, useCover } from "../bounded/use.ts"
import { Changes } from "../changes.ts"
import { encodePlan, planDigest } from "../digest.ts"
import { instant } from "../instant.ts"
import type { Justification } from "../justification.ts"
import { randomNonce } from "../nonce.ts"
import { occurred } from "../occurrences.ts"
import type { Plan, PlanRunbook, Rollout } from "../plan.ts"
import { type Subject, subjectOf } from "../rules/circumstances.ts"
import { findHeader, openExecution } from "../store/execution-reads.ts"
import { insertExecution } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { executionPlace, sealOptional } from "../store/sealed.ts"
import { type Assessed, assess } from "./assess.ts"
import { breakGlass } from "./break-glass.ts"
import { grantExecution } from "./grant.ts"
import { planProposal } from "./plan-proposal.ts"
import { decideWithinMs, type GateSettings } from "./settings.ts"

/** What somebody wants to run. */
export interface Proposal {
  readonly organisation: OrganisationId
  /** Whoever asks; the caller has made sure that they may propose (`execution.propose`). */
  readonly actor: Actor
  readonly executor: string
  /** Decoded by the executor's own input schema. */
  readonly input: unknown
  /**
   * Selectors of 1 to 1,000 targets; empty for an executor that needs none. A name, an id, `tag:web`, or `tag:web+eu` for targets with both
   * tags. What they find now is what the plan names: a target that is added later is not part of it.
   */
  readonly targets: ReadonlyArray<string>
  /** In which order, and how far, it goes over several targets. */
  readonly rollout?: Rollout
  /** Why, at most 1,000 characters; kept sealed. Rules may demand it. */
  readonly reason?: string
  /** The ticket that it belongs to, at most 100 characters. Rules may demand one. */
  readonly ticket?: string
  /** Run it now, without the people whom the rules want; another person must review it later. Needs a reason, and a role that may. */
  readonly breakGlass?: boolean
}

/** Where a proposal comes from, if from anything else than whoever proposes it: only the gate itself says so. */
export interface Origin {
  readonly runbook?: PlanRunbook
}

export const propose = Effect.fn("Gate.propose")(function* (
  proposal: Proposal,
  settings: GateSettings,
  origin: Origin = {}
) {
  const { plan, draft, targets } = yield* planProposal({ ...proposal, runbook: origin.runbook }, yield* randomNonce)
  const subject = subjectOf(plan, targets)
  const { requirement, digest: ruleSet } = yield* assess(proposal, subject)
  const accepted = { proposal, plan, subject, requirement, ruleSet, stdin: draft.stdin, settings }
  const { organisation, actor } = proposal
  const cover =
    requirement._tag === "People"
      ? yield* findCover({ organisation, actor, plan, draft, requirement, ruleSet })
      : undefined
  // Whoever else used it up meanwhile: then people decide on this one.
  const id = yield* store(coveredBy(accepted, cover)).pipe(
    Effect.catchTag("CoverGone", () => Effect.orDie(store(accepted)))
  )
  yield* (yield* Changes).announce(id)
  return yield* openExecution((yield* findHeader(id))!)
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
  /** The bounded grant that stands for the people; used up with it. */
  readonly cover?: Cover
}

const coveredBy = (accepted: Accepted, cover: Cover | undefined): Accepted =>
  cover === undefined ? accepted : { ...accepted, requirement: boundedBy(cover, accepted.requirement), cover }

/** Who must agree is settled; what else the rule demands stays. */
const boundedBy = ({ grant }: Cover, { rule, recording }: Accepted["requirement"]): Accepted["requirement"] => ({
  _tag: "Bounded",
  grant: grant.id,
  ...(recording === undefined ? {} : { recording }),
  rule
})

const store = Effect.fnUntraced(function* (accepted: Accepted) {
  const { proposal, plan, subject, requirement, ruleSet, stdin, settings, cover } = accepted
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

const factsOf = ({ plan, requirement, ruleSet }: Accepted) => ({
  executor: `${plan.executor}@${plan.executorVersion}`,
  access: plan.access,
  targets: plan.targets.length,
  rule: requirement.rule,
  ruleSet,
  ...(plan.runbook === undefined ? {} : runbookFacts(plan.runbook))
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
