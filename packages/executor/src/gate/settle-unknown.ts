// Settling what nobody knows: a person looked at the target, or has it asked once more, and says what became of a run.
import {
  ACTIONS,
  type Actor,
  AuditLog,
  Database,
  type ExecutionId,
  type OrganisationId,
  type PersonActor,
  type RunId,
  SecretReader
} from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { Changes } from "../changes.ts"
import { approvedPlan, isDifference } from "../dispatch/difference.ts"
import type { Ending } from "../dispatch/ending.ts"
import { endingOfRecovered } from "../dispatch/recovered-ending.ts"
import { settleExecution } from "../dispatch/settle.ts"
import { Members, SecretSource } from "../ports.ts"
import { findRuns, type Header, openExecution } from "../store/execution-reads.ts"
import { lockExecution, moveRun } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { headerOf } from "./look.ts"
import { REASON_LENGTH_MAX, SettlementRefused } from "./refusal.ts"

/** What a person found. `ask`: a recoverable run's own target says it. */
export type Finding = "succeeded" | "failed" | "not-run" | "ask"

/** Who settles which unknown run, and how. */
export interface SettlementInput {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly execution: ExecutionId
  /** May be left out when only one is unknown. */
  readonly run?: RunId
  readonly found: Finding
  /** How they know, 1 to 1,000 characters. It stands in the log, and is erased with the person. */
  readonly reason: string
}

/** How long a target may take to say how a run ended. */
const ASK_MS_MAX = 20_000

export const settleUnknown = Effect.fn("Gate.settle")(function* (input: SettlementInput) {
  const { organisation, execution: id } = input
  const header = yield* headerOf(organisation, id)
  const actor = yield* mayConclude(input)
  const run = yield* unknownRun(input)
  const ending = input.found === "ask" ? yield* asked(header, run, actor) : FOUND[input.found]
  const isSettled = yield* (yield* Database).transaction(conclude({ ...input, actor, run, ending }))
  if (!isSettled) return yield* refused(id, "not-unknown")
  yield* (yield* Changes).announce(id)
  return yield* openExecution(yield* headerOf(organisation, id))
})

const FOUND: Readonly<Record<Exclude<Finding, "ask">, Ending>> = {
  succeeded: {
    state: "succeeded",
    detail: "Nobody knew how it ended; a person looked and found that it had succeeded."
  },
  failed: { state: "failed", detail: "Nobody knew how it ended; a person looked and found that it had failed." },
  "not-run": { state: "failed", detail: "Nobody knew how it ended; a person looked and found that it had not run." }
}

const refused = (execution: string, reason: SettlementRefused["reason"], more?: string) =>
  new SettlementRefused({ execution, reason, ...(more === undefined ? {} : { more }) })

const mayConclude = Effect.fnUntraced(function* ({ organisation, actor, execution, reason }: SettlementInput) {
  if (actor._tag !== "Person") return yield* refused(execution, "not-a-person")
  const members = yield* (yield* Members).list(organisation)
  const roles = members.find(({ person }) => person === actor.person)?.roles ?? []
  if (!roles.some((role) => ACTIONS["execution.settle"].roles.some((allowed) => allowed === role))) {
    return yield* refused(execution, "role")
  }
  if (reason.trim() === "" || reason.length > REASON_LENGTH_MAX) return yield* refused(execution, "reason")
  return actor
})

const unknownRun = Effect.fnUntraced(function* ({ execution, run }: SettlementInput) {
  const unknown = (yield* findRuns(execution)).filter(({ state }) => state === "unknown")
  const wanted = run === undefined ? unknown : unknown.filter(({ id }) => id === run)
  if (wanted.length > 1) return yield* refused(execution, "which-run")
  return wanted[0] ?? (yield* refused(execution, "not-unknown"))
})

/** Asks the target. What it still holds of the output is not recorded any more: the recording has ended. */
const asked = Effect.fnUntraced(function* (header: Header, run: RunRow, actor: PersonActor) {
  const approved = yield* approvedPlan(header)
  const recovery = isDifference(approved) ? undefined : approved.executor.recovery
  if (isDifference(approved) || recovery === undefined || approved.plan.recoverable === undefined) {
    return yield* refused(header.id, "not-recoverable")
  }
  const { plan, stdin } = approved
  const context = { run: run.id, plan, stdin, target: plan.targets.find(({ id }) => id === run.target) }
  const from = { stdout: run.stdout_position, stderr: run.stderr_position }
  const answer = yield* recovery.follow({ ...context, from, isNew: false, output: () => Effect.void }).pipe(
    Effect.scoped,
    Effect.provideService(SecretReader, yield* reader(header, plan.secrets, actor)),
    Effect.catchTag("RunError", ({ message }) => Effect.fail(refused(header.id, "no-answer", message))),
    Effect.timeoutOption(ASK_MS_MAX)
  )
  if (Option.isNone(answer)) return yield* refused(header.id, "still-running")
  const ending = endingOfRecovered(answer.value, plan)
  return ending.state === "unknown" ? yield* refused(header.id, "no-answer", ending.detail) : ending
})

const reader = Effect.fnUntraced(function* (
  header: Header,
  secrets: ReadonlyArray<{ readonly name: string; readonly version: number }>,
  actor: PersonActor
) {
  const source = yield* SecretSource
  return SecretReader.of({
    reveal: (name) =>
      source.reveal({
        organisation: header.organisation,
        actor,
        name,
        version: secrets.find((secret) => secret.name === name)?.version ?? 0,
        purpose: `settling of the unknown execution ${header.id}`
      })
  })
})

interface Conclusion extends Omit<SettlementInput, "actor" | "run"> {
  readonly actor: PersonActor
  readonly run: RunRow
  readonly ending: Ending
}

/** False when somebody else was first. */
const conclude = Effect.fnUntraced(function* ({ execution, actor, run, ending, found, reason }: Conclusion) {
  const header = yield* lockExecution(execution)
  if (header?.state !== "unknown") return false
  const { state, exitCode, detail } = ending
  const changes = { detail: detail ?? null, ...(exitCode === undefined ? {} : { exit_code: exitCode }) }
  if (!(yield* moveRun({ id: run.id, from: "unknown", to: state, changes }))) return false
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor,
    action: "run.unknown-settled",
    object: run.id,
    outcome: state === "succeeded" ? "success" : "failure",
    facts: { execution, found, state, ...(exitCode === undefined ? {} : { exitCode }) },
    personal: { subject: actor.person, facts: { reason } }
  })
  yield* settleExecution(header, actor)
  return true
})
