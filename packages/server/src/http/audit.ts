// /api/v1/audit
import {
  AuditEntryNotFound,
  AuditLog,
  AuditSlots,
  type BeginningEvent,
  closeBy,
  type OpenAction
} from "@fluxcybers/core"
import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { ENTRIES_A_PAGE_MAX } from "../api/limits.ts"
import { ocsfEvent } from "./ocsf.ts"
import { openSlot } from "./open-slot.ts"
import { asProblem, problemOf } from "./problem.ts"
import { eventStream, lastEventId } from "./sse.ts"
import { Stopping } from "./stopping.ts"
import { verificationHandlers } from "./verify-log.ts"
import { watchLog, watchMessage } from "./watch-log.ts"

const ENTRIES_A_PAGE = 100
/** What is exported, as entries name it. */
const LOG = "audit-log"

export const auditHandlers = HttpApiBuilder.group(
  Api,
  "audit",
  Effect.fn(function* (handlers) {
    const log = yield* AuditLog
    const stopping = yield* Stopping
    const slots = yield* AuditSlots
    return handlers.handleAll({
      list: Effect.fn("audit.list")(function* ({ query }) {
        const { organisation } = yield* Caller
        const limit = Math.min(query.limit ?? ENTRIES_A_PAGE, ENTRIES_A_PAGE_MAX)
        const items = yield* log.list({ ...query, organisation, limit })
        const last = items.length === limit ? items.at(-1) : undefined
        return last === undefined ? { items } : { items, next: last.entry.id }
      }),
      export: Effect.fn("audit.export")(function* ({ query }) {
        const { organisation, actor } = yield* Caller
        const { from = 0, format = "json" } = query
        const entries = log.exportEntries({ organisation, from })
        const lines = format === "ocsf" ? Stream.map(entries, ocsfEvent) : entries
        return exported(log, { ...EXPORTED, organisation, actor, facts: { from, format } }, lines)
      }),
      aliases: Effect.fn("audit.aliases")(function* () {
        const { organisation, actor } = yield* Caller
        const event = { ...EXPORTED, organisation, actor, facts: { format: "aliases" } }
        return exported(log, event, log.aliases(organisation))
      }),
      watch: Effect.fn("audit.watch")(function* ({ query, request }) {
        const after = query.after ?? lastEventId(request.headers["last-event-id"])
        const reader = { organisation: (yield* Caller).organisation, query, after }
        return eventStream({ messages: watchLog(log, reader), failed: watchMessage, until: stopping.begun })
      }),
      prove: Effect.fn("audit.prove")(function* ({ params }) {
        const { id } = params
        const { organisation } = yield* Caller
        // The log is one for all organisations: an entry of another one is as unknown as one that never was.
        const known = yield* log.list({ organisation, id, limit: 1 })
        if (known.length === 0) return yield* problemOf(new AuditEntryNotFound({ id }))
        yield* asProblem(log.awaitCheckpoint(id))
        return yield* asProblem(log.prove(id))
      }),
      open: ({ params, payload }) => openSlot(slots, { entry: params.id, ...payload }),
      ...(yield* verificationHandlers(log)),
      checkpoint: () => Effect.map(log.checkpoint, (checkpoint) => ({ checkpoint, verifierKey: log.verifierKey }))
    })
  })
)

const EXPORTED = { action: "audit-log.exported", object: LOG } as const

/** One JSON object a line. */
const exported = (log: AuditLog["Service"], event: BeginningEvent, items: Stream.Stream<unknown>) => {
  const logged = Stream.unwrap(Effect.map(log.begin(event), (action) => closing(action, items)))
  const lines = Stream.map(logged, (item) => `${JSON.stringify(item)}\n`)
  return HttpServerResponse.stream(Stream.encodeText(lines), { contentType: "application/jsonl" })
}

/** The items, and at their end the end of the action: also when the reader leaves. */
const closing = <A>(action: OpenAction, items: Stream.Stream<A>) => {
  let count = 0
  return items.pipe(
    Stream.tap(() =>
      Effect.sync(() => {
        count += 1
      })
    ),
    Stream.onExit((exit) => closeBy(action, exit, () => ({ entries: count })))
  )
}
