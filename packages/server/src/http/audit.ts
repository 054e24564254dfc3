// /api/v1/audit
import { AuditEntryNotFound, AuditLog, type IndexedEntry } from "@fluxcybers/core"
import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { ENTRIES_A_PAGE_MAX } from "../api/limits.ts"
import { ocsfEvent } from "./ocsf.ts"
import { asProblem, problemOf } from "./problem.ts"

const ENTRIES_A_PAGE = 100

export const auditHandlers = HttpApiBuilder.group(
  Api,
  "audit",
  Effect.fn(function* (handlers) {
    const log = yield* AuditLog
    return handlers.handleAll({
      list: Effect.fn("audit.list")(function* ({ query }) {
        const { organisation } = yield* Caller
        const limit = Math.min(query.limit ?? ENTRIES_A_PAGE, ENTRIES_A_PAGE_MAX)
        const items = yield* log.list({ ...query, organisation, limit })
        const last = items.length === limit ? items.at(-1) : undefined
        return last === undefined ? { items } : { items, next: last.entry.id }
      }),
      export: Effect.fn("audit.export")(function* ({ query }) {
        const { organisation } = yield* Caller
        const entries = log.exportEntries({ organisation, from: query.from ?? 0 })
        const lineOf = query.format === "ocsf" ? ocsfEvent : (entry: IndexedEntry) => entry
        const lines = Stream.map(entries, (entry) => `${JSON.stringify(lineOf(entry))}\n`)
        return HttpServerResponse.stream(Stream.encodeText(lines), { contentType: "application/jsonl" })
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
      verify: () => log.verify,
      checkpoint: () => Effect.map(log.checkpoint, (checkpoint) => ({ checkpoint, verifierKey: log.verifierKey }))
    })
  })
)
