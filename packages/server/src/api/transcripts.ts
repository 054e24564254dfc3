// /api/v1/transcripts
import { ExecutionId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { Instant } from "./instant.ts"
import { limitUpTo } from "./limits.ts"
import { problems } from "./problem.ts"

const TranscriptPurgeResponse = Schema.Struct({
  /** Transcripts of executions that ended earlier are past their period. */
  before: Schema.String,
  /** Executions whose transcripts go. */
  executions: Schema.Int,
  /** Executions past their period whose transcripts a hold keeps. */
  held: Schema.Int
}).annotate({ identifier: "TranscriptPurge" })

const TranscriptRetentionResponse = Schema.Struct({ days: Schema.Int, due: TranscriptPurgeResponse }).annotate({
  identifier: "TranscriptRetention"
})

const MATCHES_MAX = 1_000
const TEXT_LENGTH_MAX = 1_000

/** A byte of a transcript: of which piece, and where in it. */
const TranscriptPlace = Schema.Struct({ sequence: Schema.Int, offset: Schema.Int }).annotate({
  identifier: "TranscriptPlace"
})

const SearchPosition = Schema.Struct({ execution: ExecutionId, skip: Schema.Int }).annotate({
  identifier: "SearchPosition"
})

/** `before`, `match` and `after` are what a server printed: untrusted text. */
const TranscriptMatch = Schema.Struct({
  execution: Schema.String,
  run: Schema.String,
  targetName: Schema.String,
  stream: Schema.Literals(["stdout", "stderr"]),
  start: TranscriptPlace,
  end: TranscriptPlace,
  atMs: Schema.Int,
  line: Schema.Int,
  before: Schema.String,
  match: Schema.String,
  after: Schema.String
}).annotate({ identifier: "TranscriptMatch" })

const TranscriptMatches = Schema.Struct({
  matches: Schema.Array(TranscriptMatch),
  executions: Schema.Int,
  /** Executions whose transcripts do not open. */
  unreadable: Schema.Array(Schema.String),
  /** Not everything was looked at: send it as `from` to go on. */
  next: Schema.optionalKey(SearchPosition)
}).annotate({ identifier: "TranscriptMatches" })

export class TranscriptsApi extends HttpApiGroup.make("transcripts")
  .add(
    // What is looked for may be confidential: it stands in the body, not in an address that is logged.
    HttpApiEndpoint.post("search", "/search", {
      payload: Schema.Struct({
        text: Schema.NonEmptyString.check(Schema.isMaxLength(TEXT_LENGTH_MAX)),
        ignoreCase: Schema.optionalKey(Schema.Boolean),
        execution: Schema.optionalKey(ExecutionId),
        /** A target's id, or its name as it was then. */
        target: Schema.optionalKey(Schema.String),
        /** Proposed at this instant or later. */
        since: Schema.optionalKey(Instant),
        until: Schema.optionalKey(Instant),
        limit: Schema.optionalKey(limitUpTo(MATCHES_MAX)),
        from: Schema.optionalKey(SearchPosition)
      }),
      success: TranscriptMatches,
      error: problems
    }).annotate(OpenApi.Summary, "Find a text in what runs wrote, newest execution first")
  )
  .add(
    HttpApiEndpoint.get("retention", "/retention", {
      success: TranscriptRetentionResponse,
      error: problems
    }).annotate(OpenApi.Summary, "How long transcripts are kept, and which are past their period")
  )
  .add(
    HttpApiEndpoint.post("purge", "/retention", {
      payload: Schema.Struct({ dryRun: Schema.optionalKey(Schema.Boolean) }),
      success: TranscriptPurgeResponse,
      error: problems
    }).annotate(OpenApi.Summary, "Purge the transcripts that are past their period; executions and decisions stay")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/transcripts") {}
