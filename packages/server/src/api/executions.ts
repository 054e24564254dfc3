// /api/v1/executions
import { ExecutionId } from "@fluxcybers/core"
import { Execution, ExecutionState } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication } from "./authentication.ts"
import { created, EXECUTIONS_A_PAGE_MAX, limitUpTo } from "./limits.ts"
import { problems } from "./problem.ts"

/** 1 to 255 printable ASCII characters; remembered for 24 hours, for the token that sent it. */
const IdempotencyKey = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,255}$/, { expected: "an Idempotency-Key of 1 to 255 printable ASCII characters" })
)

const executionParams = { id: ExecutionId }
const decisionPayload = Schema.Struct({ digest: Schema.String, reason: Schema.optionalKey(Schema.String) })

/** One event of the live view. Output bytes are base64, already masked. */
export const ExecutionEventMessage = Schema.Union([
  Schema.TaggedStruct("Output", {
    sequence: Schema.Int,
    run: Schema.String,
    atMs: Schema.Int,
    stream: Schema.Literals(["stdout", "stderr"]),
    bytes: Schema.String
  }),
  Schema.TaggedStruct("State", { state: ExecutionState }),
  // The stream cannot go on; it may be opened again, after the last sequence that was seen.
  Schema.TaggedStruct("Problem", { code: Schema.String, detail: Schema.String })
])

export class ExecutionsApi extends HttpApiGroup.make("executions")
  .add(
    // With the same key and the same body, a repeated request gets the execution that the first one made.
    HttpApiEndpoint.post("propose", "/", {
      headers: { "idempotency-key": Schema.optionalKey(IdempotencyKey) },
      payload: Schema.Struct({
        executor: Schema.String,
        input: Schema.Unknown,
        targets: Schema.Array(Schema.String)
      }),
      success: Execution.pipe(created),
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.get("list", "/", {
      query: {
        state: Schema.optionalKey(ExecutionState),
        before: Schema.optionalKey(ExecutionId),
        limit: Schema.optionalKey(limitUpTo(EXECUTIONS_A_PAGE_MAX))
      },
      success: Schema.Struct({ items: Schema.Array(Execution), next: Schema.optionalKey(ExecutionId) }),
      error: problems
    })
  )
  .add(HttpApiEndpoint.get("show", "/:id", { params: executionParams, success: Execution, error: problems }))
  .add(
    HttpApiEndpoint.post("approve", "/:id/approve", {
      params: executionParams,
      payload: decisionPayload,
      success: Execution,
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.post("reject", "/:id/reject", {
      params: executionParams,
      payload: decisionPayload,
      success: Execution,
      error: problems
    })
  )
  .add(HttpApiEndpoint.post("cancel", "/:id/cancel", { params: executionParams, success: Execution, error: problems }))
  .add(
    HttpApiEndpoint.get("events", "/:id/events", {
      params: executionParams,
      query: { after: Schema.optionalKey(Schema.Int) },
      success: HttpApiSchema.StreamSse({ data: ExecutionEventMessage }),
      error: problems
    })
  )
  .add(
    // asciicast v2 of one run, for players.
    HttpApiEndpoint.get("transcript", "/:id/transcript", {
      params: executionParams,
      query: { run: Schema.optionalKey(Schema.String) },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "application/x-asciicast" })),
      error: problems
    })
  )
  .middleware(Authentication)
  .prefix("/executions") {}
