// Requesting a bounded grant: what it would allow is planned completely, and the rules say who must agree to each part.
import {
  type Actor,
  AuditLog,
  actorName,
  BoundedGrantId,
  Database,
  newId,
  type OrganisationId,
  SubjectCipher
} from "@fluxcybers/core"
import { DateTime, Effect } from "effect"
import { isApproved } from "../decision.ts"
import { planProposal } from "../gate/plan-proposal.ts"
import { instant } from "../instant.ts"
import { occurred } from "../occurrences.ts"
import type { Plan, PlanRunbook } from "../plan.ts"
import { Policies, ruleSetOf } from "../policies.ts"
import { subjectOf } from "../rules/circumstances.ts"
import { circumstancesOf, evaluate, type Requirement, type Subject } from "../rules.ts"
import { fillRunbook, type RunbookChoice } from "../runbook/use.ts"
import { insertBoundedGrant } from "../store/bounded-grants.ts"
import { scopePlace } from "../store/sealed.ts"
import { type Target, Targets } from "../targets.ts"
import { cellsOf, NO_NONCE } from "./cover.ts"
import { boundedRefused as refused } from "./refusal.ts"
import { type BoundedScope, boundedDigest } from "./scope.ts"

/** What somebody wants to run later, or again: exact commands once on each target, or whatever only reads. */
export interface BoundedRequest {
  readonly organisation: OrganisationId
  /** Who may use it. Only themselves. */
  readonly actor: Actor
  readonly executor: string
  /** Selectors of targets, as in a proposal, resolved now; each command once on each. */
  readonly targets: ReadonlyArray<string>
  /** The executor's inputs; none for a window in which everything that only reads may run. */
  readonly commands: ReadonlyArray<unknown>
  /** Executions, at most. For commands: one for each on each target, unless told. For a window: 1,000 unless told. */
  readonly usesMax?: number
  /** 1 minute to 7 days; 90 days where commands are repeated. */
  readonly expiresInMs: number
  /** Each command may run again and again, up to `usesMax`, which must then be told. */
  readonly repeat?: boolean
}

/** The same for one use of a runbook, with these values: only that use is covered. */
export interface RunbookGrantRequest
  extends Omit<BoundedRequest, "executor" | "targets" | "commands">,
    Omit<RunbookChoice, "rollout"> {}

/** A request, and the runbook that its commands were filled in from. */
interface Requesting extends BoundedRequest {
  readonly filledFrom?: PlanRunbook
}

const COMMANDS_MAX = 50
const USES_MAX = 10_000
const WINDOW_USES_DEFAULT = 1_000
const MINUTE_MS = 60_000
const EXPIRES_MS_MAX = 7 * 24 * 60 * MINUTE_MS
/** Once a quarter somebody looks again at what goes on by itself. */
const REPEATS_EXPIRES_MS_MAX = 90 * 24 * 60 * MINUTE_MS

export const requestRunbook = Effect.fn("BoundedGrants.requestRunbook")(function* (input: RunbookGrantRequest) {
  const { runbook: name, version, parameters, targets: selectors, ...asked } = input
  const choice = {
    runbook: name,
    ...(version === undefined ? {} : { version }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(selectors === undefined ? {} : { targets: selectors })
  }
  const { executor, input: command, targets, runbook } = yield* fillRunbook(input.organisation, choice)
  return yield* request({ ...asked, executor, targets, commands: [command], filledFrom: runbook })
})

export const request = Effect.fn("BoundedGrants.request")(function* (input: Requesting) {
  const problem = invalid(input)
  if (problem !== undefined) return yield* refused("invalid", problem)
  const { organisation, actor } = input
  const found = yield* findTargets(input)
  const pinned = yield* (yield* Targets)
    .pin(organisation, found)
    .pipe(Effect.catchTag("TargetError", ({ detail }) => refused("invalid", detail)))
  const planned = yield* Effect.forEach(input.commands, (command) =>
    planProposal(
      { organisation, executor: input.executor, input: command, targets: input.targets, runbook: input.filledFrom },
      NO_NONCE
    )
  ).pipe(Effect.catchTag("ProposalRefused", ({ detail }) => refused("invalid", detail)))
  if (planned.some(({ draft }) => draft.stdin !== undefined)) return yield* refused("invalid", NO_STDIN)
  const cells = planned.flatMap(({ plan, draft }) => cellsOf(plan, draft))
  const scope: BoundedScope = {
    v: 1,
    kind: planned.length === 0 ? "reads" : input.repeat === true ? "repeats" : "commands",
    executor: input.executor,
    plans: planned.map(({ plan }) => plan),
    targets: pinned,
    usesMax: input.usesMax ?? (planned.length === 0 ? WINDOW_USES_DEFAULT : cells.length),
    expiresAt: yield* instant(input.expiresInMs),
    requester: actorName(actor)
  }
  const assessed = yield* assess(input, subjectsOf(scope, found))
  return yield* store(input, { scope, cells, ...assessed })
})

const NO_STDIN = "A command with standard input cannot be granted in advance: propose it."

const invalid = (input: BoundedRequest): string | undefined => {
  const { actor, commands, targets, repeat = false, usesMax = 1, expiresInMs } = input
  if (actor._tag === "System") return "The system itself gets no grants."
  if (commands.length > COMMANDS_MAX) return `At most ${COMMANDS_MAX} commands are possible.`
  if (commands.length === 0 && targets.length === 0) return "A window for reads needs targets."
  if (!Number.isInteger(usesMax) || usesMax < 1 || usesMax > USES_MAX) return `1 to ${USES_MAX} uses are possible.`
  if (repeat && (commands.length === 0 || input.usesMax === undefined)) return REPEATS
  const maxMs = repeat ? REPEATS_EXPIRES_MS_MAX : EXPIRES_MS_MAX
  return expiresInMs >= MINUTE_MS && expiresInMs <= maxMs
    ? undefined
    : `It can last from 1 minute to ${daysOf(maxMs)} days.`
}

const REPEATS = "What is repeated is exact commands, so many times at most: say both."

const daysOf = (ms: number) => ms / (24 * 60 * MINUTE_MS)

/** How they were selected is not what a grant is about. */
const findTargets = Effect.fnUntraced(function* ({ organisation, targets: selectors }: BoundedRequest) {
  const found = yield* (yield* Targets)
    .select(organisation, [...new Set(selectors)])
    .pipe(Effect.catchTag("TargetError", ({ detail }) => refused("invalid", detail)))
  return found.map(({ selectedBy: _, ...target }): Target => target)
})

/** Every command on every target by itself: so each will be proposed, or more strictly. */
const subjectsOf = (
  { kind, executor, plans }: BoundedScope,
  targets: ReadonlyArray<Target>
): ReadonlyArray<Subject> => {
  const allowed: ReadonlyArray<Pick<Plan, "executor" | "access">> =
    kind === "reads" ? [{ executor, access: "read" }] : plans
  const places = targets.length === 0 ? [[]] : targets.map((target) => [target])
  return allowed.flatMap((plan) => places.map((place) => subjectOf(plan, place)))
}

const assess = Effect.fnUntraced(function* ({ organisation, actor }: BoundedRequest, subjects: ReadonlyArray<Subject>) {
  const inForce = yield* (yield* Policies).current(organisation)
  const at = yield* DateTime.now
  const all = subjects.map((subject) => evaluate(ruleSetOf(inForce), circumstancesOf(subject, actor, at)).requirement)
  const never = all.find(({ _tag }) => _tag === "Refused")
  if (never !== undefined) return yield* refused("refused-by-rule", `A part of it is refused by ${never.rule}.`)
  const signed = all.find((each) => each._tag === "People" && each.signature !== "none")
  if (signed !== undefined)
    return yield* refused("signature", `${signed.rule} wants a signed decision on each execution.`)
  const requirements = [...new Map(all.map((each) => [JSON.stringify(each), each])).values()]
  return { requirements, ruleSet: inForce.digest }
})

interface Requested {
  readonly scope: BoundedScope
  readonly cells: ReadonlyArray<string>
  readonly requirements: ReadonlyArray<Requirement>
  readonly ruleSet: string
}

const store = Effect.fnUntraced(function* ({ organisation, actor }: BoundedRequest, requested: Requested) {
  const { scope, cells, requirements, ruleSet } = requested
  const id = yield* newId(BoundedGrantId, "bound")
  const digest = boundedDigest(scope)
  const isFree = requirements.every((requirement) => isApproved({ requirement, requester: actor, decisions: [] }))
  const bytes = new TextEncoder().encode(JSON.stringify(scope))
  const row = {
    id,
    organisation,
    requester: actor,
    requester_name: actorName(actor),
    state: isFree ? ("active" as const) : ("pending" as const),
    digest,
    requirements,
    rule_set: ruleSet,
    uses: 0,
    uses_max: scope.usesMax,
    requested_at: DateTime.formatIso(yield* DateTime.now),
    expires_at: scope.expiresAt,
    scope: yield* (yield* SubjectCipher).seal(scopePlace(organisation, id), bytes)
  }
  const facts = {
    digest,
    ruleSet,
    kind: scope.kind,
    cells: cells.length,
    usesMax: scope.usesMax,
    expiresAt: scope.expiresAt
  }
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      yield* insertBoundedGrant(row, cells)
      yield* (yield* AuditLog).record({
        organisation,
        actor,
        action: "bounded-grant.requested",
        object: id,
        outcome: "success",
        facts
      })
      if (!isFree) yield* occurred({ organisation, kind: "decision.wanted", object: id })
    })
  )
  return id
})
