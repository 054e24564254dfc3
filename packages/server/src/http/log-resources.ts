// The log under /log/, read-only, as monitors and verifiers read it (https://c2sp.org/tlog-tiles): checkpoint, tiles, entry bundles.
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { type Action, AuditLog, Database, type LogResource, orStorageFailure, refusal } from "@fluxcybers/core"
import { Cause, Effect, Option, Redacted } from "effect"
import type { Problem } from "../api/problem.ts"
import { Callers } from "../data/callers.ts"
import { problemOfDefect } from "./defect.ts"
import { problem, problemOf } from "./problem.ts"
import { NO_SUCH_ADDRESS, problemResponse } from "./problem-response.ts"

export const LOG_PATHS = ["/log/checkpoint", "/log/tile/*"]
const PREFIX = "/log/"

/** Every part of the log with the action that reading it is. Hashes tell nothing of the entries; bundles are the entries. */
const ACTION_OF: Readonly<Record<LogResource["kind"], Action>> = {
  checkpoint: "audit.verify",
  tile: "audit.verify",
  entries: "audit.list"
}

/**
 * What stands under a path never changes, the checkpoint aside. Only the reader's own cache may keep it, since a token was needed;
 * entries no longer than a day, since they are purged one day.
 */
const CACHED: Readonly<Record<LogResource["kind"], string>> = {
  checkpoint: "no-cache",
  tile: "private, max-age=31536000, immutable",
  entries: "private, max-age=86400, immutable"
}

const OF_OTHERS_TOO = problem(
  403,
  "forbidden-log-entries",
  "Several organisations share this log, and a bundle holds the entries of all of them. Read your own with GET /api/v1/audit/entries."
)

const compress = promisify(gzip)

/** Answers GET requests under /log/, each in a fiber of its own. */
export const logHandler = Effect.gen(function* () {
  const services = yield* Effect.context<AuditLog | Callers | Database>()
  return (request: Request): Promise<Response> =>
    Effect.runPromiseWith(services)(Effect.catchCause(answer(request), failed), { signal: request.signal })
})

const answer = Effect.fn("log.resource")(function* (request: Request) {
  const path = new URL(request.url).pathname.slice(PREFIX.length)
  const kind = path === "checkpoint" ? path : path.startsWith("tile/entries/") ? "entries" : "tile"
  yield* authorise(request, kind)
  const log = yield* AuditLog
  const found = yield* Effect.mapError(log.resource(path), () => NO_SUCH_ADDRESS)
  return yield* responseOf(found, request.headers.get("accept-encoding") ?? "")
})

const authorise = Effect.fnUntraced(function* (request: Request, kind: LogResource["kind"]) {
  const token = /^bearer +(.*)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? ""
  const callers = yield* Callers
  const caller = yield* Effect.mapError(callers.resolve(Redacted.make(token)), problemOf)
  const forbidden = refusal(ACTION_OF[kind], caller)
  if (forbidden !== undefined) return yield* problemOf(forbidden)
  if (kind === "entries" && (yield* areSeveralOrganisations)) return yield* OF_OTHERS_TOO
})

const areSeveralOrganisations = Effect.gen(function* () {
  const { sql } = yield* Database
  return (yield* orStorageFailure(sql`SELECT id FROM server_organisations LIMIT 2`)).length > 1
})

const responseOf = Effect.fnUntraced(function* ({ kind, bytes }: LogResource, encodings: string) {
  const headers: Record<string, string> = {
    "content-type": kind === "checkpoint" ? "text/plain; charset=utf-8" : "application/octet-stream",
    "cache-control": CACHED[kind]
  }
  // Hashes do not get any shorter.
  if (kind === "entries") headers["vary"] = "accept-encoding"
  if (kind !== "entries" || !takesGzip(encodings)) return new Response(Buffer.from(bytes), { headers })
  const compressed = yield* Effect.promise(() => compress(bytes))
  return new Response(Buffer.from(compressed), { headers: { ...headers, "content-encoding": "gzip" } })
})

/** RFC 9110 §12.5.3. */
const takesGzip = (encodings: string): boolean =>
  encodings.split(",").some((each) => {
    const [name = "", ...parameters] = each.split(";").map((part) => part.trim().toLowerCase())
    return (name === "gzip" || name === "*") && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })

const failed = Effect.fnUntraced(function* (cause: Cause.Cause<Problem>) {
  if (Cause.hasInterruptsOnly(cause)) return yield* Effect.interrupt
  const expected = Cause.findErrorOption(cause)
  const found = Option.isSome(expected) ? expected.value : yield* problemOfDefect(Cause.squash(cause))
  return problemResponse(found)
})
