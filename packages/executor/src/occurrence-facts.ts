// What may be told about an occurrence: of a plan its class, its targets' names and, for who wants that, its commands; never output.
import { type Actor, BoundedGrantId, ExecutionId, type PersonId } from "@fluxcybers/core"
import { Effect, Option, Schema } from "effect"
import { openScope } from "./bounded/open-scope.ts"
import { type Ballot, ballotRefusal } from "./decision.ts"
import type { Occurrence } from "./occurrences.ts"
import type { Access, Plan, PlanCommand } from "./plan.ts"
import { Members } from "./ports.ts"
import { boundedDecisions, findBoundedGrant } from "./store/bounded-grants.ts"
import { findHeader, findVerdicts, openPlan } from "./store/execution-reads.ts"
import { findJudged } from "./store/rule-sets.ts"
import { faithful } from "./view/escape.ts"
import { shellWords } from "./view/shell-word.ts"

const COMMANDS_MAX = 20
const COMMAND_LENGTH_MAX = 1_000

/** All texts are printable ASCII, as in a faithful view. */
export interface OccurrenceFacts {
  readonly requester: Actor
  readonly executor: string
  /** Of each plan, once. */
  readonly classes: ReadonlyArray<Access>
  readonly targets: ReadonlyArray<string>
  /** The targets' tags when it was proposed; none are known of a bounded grant. */
  readonly tags: ReadonlyArray<string>
  /** At most 20, shortened to 1,000 characters. They hold no secret, but whatever somebody wrote into them. */
  readonly commands: ReadonlyArray<string>
  readonly state: string
  /** Until when it can be decided, started or used. */
  readonly expiresAt: string
  /** Whose agreement would count now: only they are asked to decide. */
  readonly deciders: ReadonlyArray<PersonId>
}

/** `undefined` when there is no such thing any more, or what it holds was erased. */
export const occurrenceFacts = Effect.fn("occurrenceFacts")(function* ({ organisation, object }: Occurrence) {
  const execution = Schema.decodeUnknownOption(ExecutionId)(object)
  if (Option.isSome(execution)) return yield* factsOfExecution({ organisation, id: execution.value })
  const grant = Schema.decodeUnknownOption(BoundedGrantId)(object)
  return Option.isSome(grant) ? yield* factsOfGrant({ organisation, id: grant.value }) : undefined
})

type Wanted<Id> = { readonly organisation: Occurrence["organisation"]; readonly id: Id }

const factsOfExecution = Effect.fnUntraced(function* ({ organisation, id }: Wanted<ExecutionId>) {
  const header = yield* findHeader(id)
  if (header === undefined || header.organisation !== organisation) return undefined
  const plan = yield* Effect.option(openPlan(header))
  if (Option.isNone(plan)) return undefined
  const subject = (yield* findJudged(id))?.subject ?? undefined
  const { requirement, requester } = header
  const decisions = yield* findVerdicts(id)
  const facts: OccurrenceFacts = {
    requester,
    ...ofPlans([plan.value]),
    tags: [...new Set(subject?.targets.flatMap(({ tags }) => tags) ?? [])],
    state: header.state,
    expiresAt: header.expires_at,
    deciders: yield* deciders(organisation, [{ requirement, requester, decisions }])
  }
  return facts
})

const factsOfGrant = Effect.fnUntraced(function* ({ organisation, id }: Wanted<BoundedGrantId>) {
  const grant = yield* findBoundedGrant(organisation, id)
  if (grant === undefined) return undefined
  const { plans, targets, executor, kind } = yield* openScope(grant)
  const { requirements, requester } = grant
  const decisions = yield* boundedDecisions(id)
  const facts: OccurrenceFacts = {
    requester,
    ...ofPlans(plans),
    executor: faithful(executor),
    ...(kind === "reads" ? { classes: ["read"] as const } : {}),
    targets: targets.map(({ name }) => faithful(name)),
    tags: [],
    state: grant.state,
    expiresAt: grant.expires_at,
    deciders: yield* deciders(
      organisation,
      requirements.map((requirement) => ({ requirement, requester, decisions }))
    )
  }
  return facts
})

const ofPlans = (plans: ReadonlyArray<Plan>) => ({
  executor: faithful(plans[0]?.executor ?? ""),
  classes: [...new Set(plans.map(({ access }) => access))],
  targets: (plans[0]?.targets ?? []).map(({ name }) => faithful(name)),
  commands: plans.slice(0, COMMANDS_MAX).map(({ command }) => commandText(command))
})

const commandText = (command: PlanCommand): string => {
  const text = wholeText(command)
  return text.length > COMMAND_LENGTH_MAX ? `${text.slice(0, COMMAND_LENGTH_MAX)} (shortened)` : text
}

const wholeText = (command: PlanCommand): string => {
  switch (command._tag) {
    case "Argv":
      return shellWords(command.argv)
    case "Script":
      return command.script.split("\n").map(faithful).join("\n").trimEnd()
    case "Upload":
      return `upload ${command.bytes} bytes to ${shellWords([command.path])}`
    case "Download":
      return `download ${shellWords([command.path])}`
  }
}

/** Signed or not: that is between them and the rules. */
const deciders = Effect.fnUntraced(function* (
  organisation: Occurrence["organisation"],
  open: ReadonlyArray<Pick<Ballot, "requirement" | "requester" | "decisions">>
) {
  const members = yield* (yield* Members).list(organisation)
  const mayDecide = (member: Pick<Ballot, "person" | "roles">) =>
    open.some((ballot) => ballotRefusal({ ...ballot, ...member, verdict: "approve", signed: "passkey" }) === undefined)
  return members.filter(mayDecide).map(({ person }) => person)
})
