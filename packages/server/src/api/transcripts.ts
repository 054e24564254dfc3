// /api/v1/transcripts
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
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

export class TranscriptsApi extends HttpApiGroup.make("transcripts")
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
