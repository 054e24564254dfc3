// The gate as promises.
import { AuditLog, ExecutionId, OrganisationId, type VerificationReport } from "@fluxcybers/core"
import { type FacadeRuntime, startRuntime } from "@fluxcybers/core/facade"
import { Context, Effect, type Layer, Result, Schema, Stream } from "effect"
import { BoundedGrants } from "../bounded-grants.ts"
import type { Execution, ExecutionState } from "../execution.ts"
import { type ExecutionEvent, Gate } from "../gate.ts"
import type { Rollout } from "../plan.ts"
import { Reviews } from "../reviews.ts"
import { Runbooks } from "../runbooks.ts"
import { Schedules } from "../schedules.ts"
import type { TargetSettings } from "../target-settings.ts"
import { type Target, Targets } from "../targets.ts"
import type { FaithfulView } from "../view/faithful-view.ts"
import { type ActorInput, actorOf, personOf } from "./actor.ts"
import { type GateGrants, promiseGrants } from "./promise-grants.ts"
import { type GateReviews, promiseReviews } from "./promise-reviews.ts"
import { type GateRunbooks, promiseRunbooks } from "./promise-runbooks.ts"
import { type GateSchedules, promiseSchedules } from "./promise-schedules.ts"

/** Something to run, and who wants it. */
export interface ProposalInput {
  readonly by: ActorInput
  /** The executor's id. */
  readonly executor: string
  /** Checked by the executor. */
  readonly input: unknown
  /** Names, ids, `tag:web`, or `tag:web+eu` for targets with both tags; none unless told. */
  readonly targets?: ReadonlyArray<string>
  /** In which order, and how far, it goes over several targets. */
  readonly rollout?: Rollout
  /** Why, at most 1,000 characters; kept sealed. Rules may demand it. */
  readonly reason?: string
  /** The ticket that it belongs to, at most 100 characters. Rules may demand one. */
  readonly ticket?: string
  /** Run it now, without the people whom the rules want; another person must review it (`reviews`). Needs a reason, and a role that may. */
  readonly breakGlass?: boolean
}

/** What a person decides on: an execution as they saw it. */
export type Seen = Pick<Execution, "id" | "digest">

/** Who decides (only a person can), and why. */
export interface DeciderInput {
  /** `person_…` */
  readonly by: string
  readonly reason?: string
}

/** A piece of recorded output; secrets are masked. */
export interface OutputPiece {
  readonly run: string
  readonly stream: "stdout" | "stderr"
  readonly text: string
  readonly bytes: Uint8Array
}

/** Where things run. */
export interface GateTargets {
  add(by: ActorInput, settings: TargetSettings): Promise<Target>
  list(): Promise<ReadonlyArray<Target>>
  change(by: ActorInput, target: string, settings: Partial<TargetSettings>): Promise<Target>
  remove(by: ActorInput, target: string): Promise<void>
}

/**
 * A gate with everything behind it. Close it, or let `await using` do so. What is rejected is an Error with a `_tag` and a `reason`; its
 * message says what happened and what to do.
 */
export interface PromiseGate extends AsyncDisposable {
  readonly targets: GateTargets
  readonly runbooks: GateRunbooks
  readonly schedules: GateSchedules
  readonly grants: GateGrants
  readonly reviews: GateReviews
  propose(proposal: ProposalInput): Promise<Execution>
  approve(seen: Seen, decider: DeciderInput): Promise<Execution>
  reject(seen: Seen, decider: DeciderInput): Promise<Execution>
  /** Withdraws what has not started, stops what runs. */
  cancel(id: string, by: ActorInput): Promise<Execution>
  get(id: string): Promise<Execution>
  /** Everything that somebody must see before they decide, as data; `viewText` of `@fluxcybers/executor/view` makes text of it. */
  view(id: string): Promise<FaithfulView>
  /** Newest first; at most 200, 50 unless told. */
  list(filter?: {
    readonly state?: ExecutionState
    readonly before?: string
    readonly limit?: number
  }): Promise<ReadonlyArray<Execution>>
  /** Everything that the execution shows, live, until it has ended; `after` resumes behind a sequence number. */
  events(id: string, after?: number): AsyncIterable<ExecutionEvent>
  /** What it writes, live, until it has ended. */
  output(id: string): AsyncIterable<OutputPiece>
  /** The execution once it has ended. */
  wait(id: string): Promise<Execution>
  /** Waits until everything that was recorded is under a checkpoint, then recomputes the whole audit log. */
  verifyLog(): Promise<VerificationReport>
  close(): Promise<void>
}

type Services = Gate | Targets | AuditLog | BoundedGrants | Reviews | Runbooks | Schedules

const ONLY_ORGANISATION = OrganisationId.make("org_00000000000000000000000000")
const executionId = Schema.decodeSync(ExecutionId)

/** Opens the gate; rejects with whatever hinders that. */
export const openGate = async <E>(layer: Layer.Layer<Services, E>, organisation?: string): Promise<PromiseGate> => {
  const own = organisation === undefined ? ONLY_ORGANISATION : Schema.decodeSync(OrganisationId)(organisation)
  const { run, close } = await startRuntime(layer)
  return promiseGate({ run, close, context: await run(Effect.context<Services>()), organisation: own })
}

interface Opened extends FacadeRuntime<Services> {
  readonly context: Context.Context<Services>
  readonly organisation: OrganisationId
}

const promiseGate = ({ run, context, organisation, close }: Opened): PromiseGate => {
  const gate = Context.get(context, Gate)
  const events = (id: string, after?: number) => gate.events(organisation, executionId(id), after)
  const decide =
    (verdict: "approve" | "reject"): PromiseGate["approve"] =>
    async ({ id, digest }, { by, ...reason }) =>
      run(gate.decide({ organisation, actor: personOf(by), execution: id, verdict, digest, ...reason }))
  return {
    targets: targetsOf({ run, context, organisation, close }),
    runbooks: promiseRunbooks(Context.get(context, Runbooks), { run, organisation, gate }),
    schedules: promiseSchedules(Context.get(context, Schedules), { run, organisation }),
    grants: promiseGrants(Context.get(context, BoundedGrants), { run, organisation }),
    reviews: promiseReviews(Context.get(context, Reviews), { run, organisation }),
    propose: async ({ by, targets = [], ...proposal }) =>
      run(gate.propose({ organisation, actor: actorOf(by), targets, ...proposal })),
    approve: decide("approve"),
    reject: decide("reject"),
    cancel: async (id, by) => run(gate.cancel({ organisation, actor: actorOf(by), execution: executionId(id) })),
    view: async (id) => run(gate.view(organisation, executionId(id))),
    get: async (id) => run(gate.get(organisation, executionId(id))),
    list: async ({ before, ...filter } = {}) =>
      run(gate.list({ organisation, ...filter, ...(before === undefined ? {} : { before: executionId(before) }) })),
    events: (id, after) => Stream.toAsyncIterable(events(id, after)),
    output: (id) => Stream.toAsyncIterable(events(id).pipe(Stream.filterMap(asPiece()))),
    wait: async (id) => run(Effect.andThen(Stream.runDrain(events(id)), gate.get(organisation, executionId(id)))),
    verifyLog: () => run(verifyLog(organisation)),
    close,
    [Symbol.asyncDispose]: close
  }
}

const verifyLog = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const log = yield* AuditLog
  const newest = (yield* log.list({ organisation, limit: 1 }))[0]
  if (newest !== undefined) yield* log.awaitCheckpoint(newest.entry.id)
  return yield* log.verify
})

const targetsOf = ({ run, context, organisation }: Opened): GateTargets => {
  const targets = Context.get(context, Targets)
  return {
    add: async (by, settings) => run(targets.add({ organisation, actor: actorOf(by), settings })),
    list: () => run(targets.list(organisation)),
    change: async (by, target, settings) => run(targets.change({ organisation, actor: actorOf(by), target, settings })),
    remove: async (by, target) => run(targets.remove({ organisation, actor: actorOf(by), target }))
  }
}

/** Text is decoded as a stream: a character may be cut by the end of a piece. */
const asPiece = () => {
  const decoders = new Map<string, InstanceType<typeof TextDecoder>>()
  return (event: ExecutionEvent) => {
    if (event._tag !== "Output") return Result.failVoid
    const { run, stream, bytes } = event
    const key = `${run} ${stream}`
    const decoder = decoders.get(key) ?? new TextDecoder()
    decoders.set(key, decoder)
    const piece: OutputPiece = { run, stream, bytes, text: decoder.decode(bytes, { stream: true }) }
    return Result.succeed(piece)
  }
}
