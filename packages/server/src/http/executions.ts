// /api/v1/executions
import type { ExecutionId, OrganisationId } from "@fluxcybers/core"
import {
  type DecisionInput,
  type ExecutionEvent,
  type ExecutionNotFound,
  Gate,
  Transcripts,
  TransferredFiles
} from "@fluxcybers/executor"
import { Effect, Schema, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { ExecutionEventMessage } from "../api/executions.ts"
import { executionFiles } from "./execution-files.ts"
import { passkeyRequest } from "./passkey-request.ts"
import { asProblem } from "./problem.ts"
import { proposedOnce } from "./proposed-once.ts"
import { eventStream, lastEventId, type Message } from "./sse.ts"
import { Stopping } from "./stopping.ts"
import { transcriptResponse } from "./transcript.ts"

const EXECUTIONS_A_PAGE = 50

export const executionHandlers = HttpApiBuilder.group(
  Api,
  "executions",
  Effect.fn(function* (handlers) {
    const gate = yield* Gate
    const asked = yield* passkeyRequest
    const once = yield* proposedOnce
    const stopping = yield* Stopping
    const transcripts = yield* Transcripts
    const files = executionFiles(yield* TransferredFiles)
    const decide = Effect.fn("executions.decide")(function* (decision: Omit<DecisionInput, "organisation" | "actor">) {
      const { organisation, actor } = yield* Caller
      return yield* asProblem(gate.decide({ ...decision, organisation, actor }))
    })
    const transcriptOf = transcriptFrom(gate, transcripts)
    return handlers.handleAll({
      propose: Effect.fn("executions.propose")(function* ({ payload, headers }) {
        const { organisation, actor } = yield* Caller
        const request = { key: headers["idempotency-key"], body: JSON.stringify(payload) }
        return yield* once(request, gate.propose({ ...payload, organisation, actor }))
      }),
      list: Effect.fn("executions.list")(function* ({ query }) {
        const limit = query.limit ?? EXECUTIONS_A_PAGE
        const items = yield* gate.list({ ...query, organisation: (yield* Caller).organisation, limit })
        const last = items.length === limit ? items.at(-1) : undefined
        return last === undefined ? { items } : { items, next: last.id }
      }),
      show: ({ params }) => ownOne(gate.get, params.id),
      view: ({ params }) => ownOne(gate.view, params.id),
      passkeyOptions: ({ params, query }) => asked({ ...query, id: params.id }),
      approve: ({ params, payload }) => decide({ ...payload, execution: params.id, verdict: "approve" }),
      reject: ({ params, payload }) => decide({ ...payload, execution: params.id, verdict: "reject" }),
      cancel: Effect.fn("executions.cancel")(function* ({ params }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(gate.cancel({ organisation, actor, execution: params.id }))
      }),
      settle: Effect.fn("executions.settle")(function* ({ params, payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(gate.settle({ ...payload, organisation, actor, execution: params.id }))
      }),
      events: Effect.fn("executions.events")(function* ({ params, query, request }) {
        const { organisation, actor } = yield* Caller
        yield* asProblem(transcripts.begin({ organisation, actor, execution: params.id, way: "live" }))
        const after = query.after ?? lastEventId(request.headers["last-event-id"])
        const messages = Stream.mapEffect(gate.events(organisation, params.id, after), messageOf)
        return eventStream({ messages, failed: dataOf, until: stopping.begun })
      }),
      transcript: Effect.fn("executions.transcript")(function* ({ params, query }) {
        return yield* transcriptOf({ id: params.id, ...query })
      }),
      ...files
    })
  })
)

const transcriptFrom = (gate: Gate["Service"], transcripts: Transcripts["Service"]) =>
  Effect.fnUntraced(function* ({
    id,
    ...query
  }: {
    readonly id: ExecutionId
    readonly run?: string
    readonly version?: "2" | "3"
  }) {
    const { organisation, actor } = yield* Caller
    const execution = yield* asProblem(gate.get(organisation, id))
    return yield* transcriptResponse(transcripts, { ...query, execution, actor })
  })

/** Something of an execution of the caller's organisation. */
const ownOne = Effect.fn("executions.one")(function* <A>(
  read: (organisation: OrganisationId, id: ExecutionId) => Effect.Effect<A, ExecutionNotFound>,
  id: ExecutionId
) {
  return yield* asProblem(read((yield* Caller).organisation, id))
})

const encodeMessage = Schema.encodeEffect(Schema.fromJsonString(ExecutionEventMessage))

const dataOf = (message: typeof ExecutionEventMessage.Type): Effect.Effect<Message> =>
  Effect.orDie(Effect.map(encodeMessage(message), (data) => ({ data })))

const messageOf = (event: ExecutionEvent): Effect.Effect<Message> => {
  if (event._tag !== "Output") return dataOf(event)
  const message = { ...event, bytes: Buffer.from(event.bytes).toString("base64") }
  return Effect.map(dataOf(message), ({ data }) => ({ id: event.sequence, data }))
}
