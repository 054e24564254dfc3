// The course of a `run` after its proposal: ask or wait, follow, and stop when the person says so.
import type { Execution } from "@fluxcybers/executor"
import { Effect, Queue } from "effect"
import type { WhoAmI } from "../api/authentication.ts"
import type { CallApi } from "./api.ts"
import { decide } from "./decide.ts"
import { CliFailure } from "./failure.ts"
import { Json } from "./global-flags.ts"
import { note } from "./output.ts"
import { isPassing, patiently } from "./patience.ts"
import { confirm, Questions } from "./questions.ts"
import { approvalsMissing } from "./requirement-view.ts"
import { isSettled } from "./run-outcome.ts"
import { StopSignals } from "./signals.ts"
import { type OutputPiece, type Watcher, watch } from "./watch.ts"

export interface Course<E> {
  readonly api: CallApi
  readonly execution: Execution
  readonly isQuiet: boolean
  readonly onOutput: (piece: OutputPiece) => Effect.Effect<void, E>
  readonly onRuns?: NonNullable<Watcher<E, never>["onRuns"]>
}

/**
 * Sees the execution through to its end. The first Ctrl-C takes it back or asks the server to stop it; the second stops
 * watching, and the execution goes on.
 */
export const seeThrough = <E>(course: Course<E>) =>
  Effect.gen(function* () {
    const stops = yield* (yield* StopSignals).listen
    return yield* Effect.raceFirst(untilEnd(course), untilStopped(course, stops))
  }).pipe(Effect.scoped)

const untilEnd = Effect.fnUntraced(function* <E>(course: Course<E>) {
  const { api, execution, onOutput, onRuns } = course
  const watcher = { onOutput, ...(onRuns === undefined ? {} : { onRuns }) }
  if (execution.state !== "pending") return yield* watch(api, execution.id, watcher)
  const isAsked = yield* mayAsk(course)
  if (isAsked && !(yield* isConfirmed)) return yield* withdraw(course)
  const decided = isAsked ? yield* approved(course) : execution
  if (decided.state === "pending") yield* say(course, waitingText(decided, yield* kindOf(course)))
  return yield* watch(api, execution.id, watcher)
})

/** When the answer is lost, what the server has now says whether the approval arrived. */
const approved = <E>({ api, execution }: Course<E>) =>
  decide({ api, execution, verdict: "approve" }).pipe(
    Effect.catchIf(isPassing, () =>
      patiently(api((client) => client.executions.show({ params: { id: execution.id } })))
    )
  )

const untilStopped = Effect.fnUntraced(function* <E>(course: Course<E>, stops: Queue.Dequeue<unknown>) {
  yield* Queue.take(stops)
  yield* say(course, "Stopping it… (once more to leave it running and stop watching)")
  const stopped = yield* Effect.result(withdraw(course))
  if (stopped._tag === "Success" && isSettled(stopped.success.state)) return stopped.success
  if (stopped._tag === "Failure") yield* say(course, stopped.failure.detail)
  yield* Queue.take(stops)
  return yield* detached(course.execution.id)
})

const withdraw = ({ api, execution }: Pick<Course<never>, "api" | "execution">) =>
  api((client) => client.executions.cancel({ params: { id: execution.id } }))

/** Is it this person's own confirmation that is missing, and is there a terminal to ask for it? */
const mayAsk = Effect.fnUntraced(function* <E>({ api, execution }: Course<E>) {
  const { isInteractive } = yield* Questions
  if (!isInteractive || (yield* Json)) return false
  return mayConfirm(execution, yield* patiently(api((client) => client.session.whoami())))
})

/** May the one who proposed it agree to it? Pure. */
export const mayConfirm = (
  { requirement }: Pick<Execution, "requirement">,
  me: Pick<typeof WhoAmI.Type, "kind" | "roles" | "scopes">
): boolean =>
  requirement._tag === "People" &&
  requirement.requester !== "must-not-decide" &&
  // A decision that must be signed is one of its own.
  requirement.signature === "none" &&
  me.kind === "person" &&
  me.scopes.includes("decide") &&
  me.roles.some((role) => requirement.groups.some(({ roles }) => roles.includes(role)))

/** Whoever leaves the question has not said yes. */
const isConfirmed = Effect.catchTag(confirm("Run it?"), "QuestionLeft", () => Effect.succeed(false))

const kindOf = Effect.fnUntraced(function* <E>({ api }: Course<E>) {
  const me = yield* patiently(api((client) => client.session.whoami()))
  return me.kind
})

/** Whom it waits for, and what they can do. Pure. */
export const waitingText = (
  execution: Pick<Execution, "id" | "requirement" | "decisions">,
  kind: (typeof WhoAmI.Type)["kind"]
): string => {
  const missing = approvalsMissing(execution)
  const { requirement } = execution
  const isOwn = kind === "person" && requirement._tag === "People" && requirement.requester === "must-confirm"
  if (isOwn) return `Waiting for your confirmation. In a terminal: fluxcybers approve ${execution.id}`
  const who =
    requirement._tag === "People" && requirement.requester === "must-not-decide" ? "another person" : "a person"
  return `Waiting for ${missing} approval${missing === 1 ? "" : "s"}; ${who} can run: fluxcybers approve ${execution.id}`
}

const say = <E>({ isQuiet }: Course<E>, text: string) => (isQuiet ? Effect.void : note(text))

const detached = (id: string): CliFailure =>
  new CliFailure({
    exit: "detached",
    code: "detached",
    title: "No longer watched",
    detail: `It goes on without this program.\nWatch it again: fluxcybers executions replay ${id}\nStop it: fluxcybers cancel ${id}`
  })
