// What other rules would have required of what was proposed: nothing is changed.
import { canonicalJson, ExecutionId, type OrganisationId } from "@fluxcybers/core"
import { DateTime, Duration, Effect, Schema } from "effect"
import { isApproved } from "../decision.ts"
import { ExecutionState } from "../execution.ts"
import { circumstancesOf, evaluate, Requirement, type RuleDocument } from "../rules.ts"
import { EXECUTION_TRANSITIONS } from "../state.ts"
import { findVerdicts } from "../store/execution-reads.ts"
import { headersSince, type Judged } from "../store/rule-sets.ts"

/** The execution log is kept so long unless the operator keeps less. */
const SIMULATED_DAYS = 90

const PAGE = 500
/** More would take minutes; the newest count. */
const EXECUTIONS_MAX = 100_000
const LISTED_MAX = 1_000

const Change = Schema.Struct({
  execution: ExecutionId,
  proposedAt: Schema.String,
  state: ExecutionState,
  before: Requirement,
  after: Requirement,
  /** Would those who decided have been enough? */
  isApproved: Schema.Boolean
})

/** The difference that other rules would have made. */
export const Simulation = Schema.Struct({
  days: Schema.Int,
  /** How many executions were looked at. */
  executions: Schema.Int,
  /** Of how many the new rules require the same. */
  same: Schema.Int,
  changed: Schema.Int,
  /** By what was and would be required: `Nobody → People`. */
  changes: Schema.Record(Schema.String, Schema.Int),
  /** Of those that were started: how many would not have been, by the decisions that there were. */
  wouldNotHaveRun: Schema.Int,
  /** The newest of the changed: at most 1,000. */
  list: Schema.Array(Change)
}).annotate({ identifier: "PolicySimulation" })
export type Simulation = typeof Simulation.Type

type Change = typeof Change.Type

/** Rules against the last 90 days. What was refused at its proposal has left no execution, and is not looked at. */
export const simulate = Effect.fn("Policies.simulate")(function* (
  organisation: OrganisationId,
  document: RuleDocument
) {
  const since = DateTime.formatIso(DateTime.subtractDuration(yield* DateTime.now, Duration.days(SIMULATED_DAYS)))
  const tally = { executions: 0, same: 0, changed: 0, wouldNotHaveRun: 0 }
  const changes: Record<string, number> = {}
  const list: Array<Change> = []
  let before: ExecutionId | undefined
  while (tally.executions < EXECUTIONS_MAX) {
    const page = yield* headersSince({ organisation, since, before, limit: PAGE })
    for (const header of page) {
      tally.executions++
      const change = yield* changeOf(header, document)
      if (change === undefined) {
        tally.same++
        continue
      }
      tally.changed++
      const kind = `${change.before._tag} → ${change.after._tag}`
      changes[kind] = (changes[kind] ?? 0) + 1
      if (!change.isApproved && WAS_STARTED.has(change.state)) tally.wouldNotHaveRun++
      if (list.length < LISTED_MAX) list.push(change)
    }
    before = page.at(-1)?.id
    if (page.length < PAGE) break
  }
  return { days: SIMULATED_DAYS, ...tally, changes, list } satisfies Simulation
})

const WAS_STARTED: ReadonlySet<ExecutionState> = new Set(["running", ...EXECUTION_TRANSITIONS.running])

const changeOf = Effect.fnUntraced(function* (header: Judged, document: RuleDocument) {
  const { id, state, requirement, requester, subject, proposed_at } = header
  if (subject === null) return undefined
  const given = circumstancesOf(subject, requester, DateTime.makeUnsafe(proposed_at))
  const { requirement: after } = evaluate({ ...document, version: 0 }, given)
  if (withoutRule(requirement) === withoutRule(after)) return undefined
  const isEnough = isApproved({ requirement: after, requester, decisions: yield* findVerdicts(id) })
  return {
    execution: id,
    proposedAt: proposed_at,
    state,
    before: requirement,
    after,
    isApproved: isEnough
  } satisfies Change
})

/** Rules of another name that require the same are no difference. */
const withoutRule = ({ rule: _, ...requirement }: Requirement): string => canonicalJson(requirement)
