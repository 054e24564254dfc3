// How long transcripts are kept. What an execution was, who decided and how it ended stays; only what its runs wrote goes.
import {
  type Actor,
  AuditLog,
  AuditRetention,
  type CheckpointTimeout,
  Database,
  type ExecutionId,
  type OrganisationId
} from "@fluxcybers/core"
import { Context, DateTime, Effect, Layer } from "effect"
import { deleteChunks, endedBefore, findPurge, insertPurge, nextRecorded } from "../store/transcript-purges.ts"

/** A transaction deletes so many chunks, 2 MiB at most, and holds the database for some milliseconds. */
const PAGE_CHUNKS = 32
/** So many executions are entered in the log by one transaction, and wait for one checkpoint. */
const BATCH_EXECUTIONS = 32
const OBJECT = "transcripts"

/** What is to be purged, or was. */
export interface TranscriptPurgeReport {
  /** Executions whose transcripts go. */
  readonly executions: number
  /** Executions past their period whose transcripts a hold keeps. */
  readonly held: number
}

/** Which transcripts go, and who asks. */
export interface TranscriptPurgeRequest {
  /** Those of executions that ended earlier. */
  readonly before: DateTime.Utc
  readonly organisation: OrganisationId
  readonly actor: Actor
}

/**
 * `plan` says what `purge` would do. `purge` enters `transcript.purged` for each execution in the log, which ends the reading of its
 * transcript, waits until that is under a checkpoint, and then deletes what is recorded in pages of 32 chunks. The sweep as a whole stands
 * in the log as `transcripts.swept`, from its intent to what went. After a crash the next purge goes on. A hold on an execution, or on all
 * of the organisation (`AuditRetention.hold`), keeps its transcript. Never inside a transaction.
 */
export class TranscriptRetention extends Context.Service<
  TranscriptRetention,
  {
    plan(request: Omit<TranscriptPurgeRequest, "actor">): Effect.Effect<TranscriptPurgeReport>
    purge(
      request: TranscriptPurgeRequest
    ): Effect.Effect<TranscriptPurgeReport & { readonly chunks: number }, CheckpointTimeout>
  }
>()("fluxcybers/executor/TranscriptRetention") {
  static readonly layer: Layer.Layer<TranscriptRetention, never, Services> = Layer.effect(
    TranscriptRetention,
    Effect.map(Effect.context<Services>(), (context) =>
      TranscriptRetention.of({
        plan: (request) => Effect.provideContext(plan(request), context),
        purge: (request) => Effect.provideContext(purge(request), context)
      })
    )
  )
}

type Services = Database | AuditLog | AuditRetention

const plan = Effect.fn("TranscriptRetention.plan")(function* (request: Omit<TranscriptPurgeRequest, "actor">) {
  let [executions, held] = [0, 0]
  for (let from = ""; ; ) {
    const batch = yield* dueAfter(from, request)
    executions += batch.due.length
    held += batch.held
    if (batch.next === undefined) return { executions, held }
    from = batch.next
  }
})

const purge = Effect.fn("TranscriptRetention.purge")(function* (request: TranscriptPurgeRequest) {
  const { organisation, actor } = request
  const planned = yield* plan(request)
  if (planned.executions + planned.held === 0) return { ...planned, chunks: 0 }
  const facts = { before: DateTime.formatIso(request.before), ...planned }
  const event = { organisation, actor, action: "transcripts.swept", object: OBJECT, facts }
  return yield* (yield* AuditLog).during(event, sweep(request), (gone) => ({ ...gone }))
})

const sweep = Effect.fnUntraced(function* (request: TranscriptPurgeRequest) {
  let [executions, held, chunks] = [0, 0, 0]
  for (let from = ""; ; ) {
    const batch = yield* dueAfter(from, request)
    executions += batch.due.length
    held += batch.held
    chunks += yield* purgeBatch(batch.due, request)
    if (batch.next === undefined) return { executions, held, chunks }
    from = batch.next
  }
})

/** The next executions whose transcripts are past their period; `next` is where to go on, unless there is nothing more. */
const dueAfter = Effect.fnUntraced(function* (from: string, request: Omit<TranscriptPurgeRequest, "actor">) {
  const before = DateTime.formatIso(request.before)
  const isHeld = yield* holdsOf(request.organisation)
  const due: Array<ExecutionId> = []
  let held = 0
  let after = from
  while (due.length < BATCH_EXECUTIONS) {
    const found = yield* nextRecorded(after)
    // Ids sort by their birth: whatever comes later was proposed later, and has not ended before that.
    if (found === undefined || found.proposed_at >= before) return { due, held, next: undefined }
    after = found.id
    if (found.organisation !== request.organisation || !endedBefore(found, before)) continue
    if (isHeld(found.id) && (yield* findPurge(found.id)) === undefined) held += 1
    else due.push(found.id)
  }
  return { due, held, next: after }
})

const holdsOf = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const now = DateTime.formatIso(yield* DateTime.now)
  const holds = yield* (yield* AuditRetention).holds(organisation)
  const objects = new Set(holds.filter(({ until }) => until === undefined || until > now).map(({ object }) => object))
  return (id: ExecutionId) => objects.has(undefined) || objects.has(id)
})

/** First the log, then the chunks. How many went. */
const purgeBatch = Effect.fnUntraced(function* (due: ReadonlyArray<ExecutionId>, request: TranscriptPurgeRequest) {
  const { transaction } = yield* Database
  const entries = yield* transaction(Effect.forEach(due, (execution) => entered(execution, request)))
  const last = entries.at(-1)
  if (last !== undefined) yield* (yield* AuditLog).awaitCheckpoint(last)
  const gone = yield* Effect.forEach(due, deleteAll)
  return gone.reduce((sum, chunks) => sum + chunks, 0)
})

/** The entry about an execution; it is there already when a crash came between it and the end of the deletion. */
const entered = Effect.fnUntraced(function* (
  execution: ExecutionId,
  { organisation, actor, before }: TranscriptPurgeRequest
) {
  const earlier = yield* findPurge(execution)
  if (earlier !== undefined) return earlier.entry
  const entry = yield* (yield* AuditLog).record({
    organisation,
    actor,
    action: "transcript.purged",
    object: execution,
    outcome: "success",
    facts: { before: DateTime.formatIso(before) }
  })
  yield* insertPurge({ execution, entry, purged_at: DateTime.formatIso(yield* DateTime.now) })
  return entry
})

const deleteAll = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { transaction } = yield* Database
  let chunks = 0
  for (let gone = PAGE_CHUNKS; gone === PAGE_CHUNKS; chunks += gone) {
    gone = yield* transaction(deleteChunks(execution, PAGE_CHUNKS))
  }
  return chunks
})
