// /api/v1/executions
import { ExecutionId, RunId } from "@fluxcybers/core"
import { DecisionSignature, Execution, ExecutionState, FaithfulView, Rollout, RunState } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { created, EXECUTIONS_A_PAGE_MAX, IdempotencyKey, limitUpTo } from "./limits.ts"
import { problems } from "./problem.ts"

const executionParams = { id: ExecutionId }
const decisionPayload = Schema.Struct({
  digest: Schema.String,
  reason: Schema.optionalKey(Schema.String),
  signature: Schema.optionalKey(DecisionSignature)
})

/** The challenge is the hash of the statement: whoever shows the plan should compute it themselves. */
const PasskeyRequest = Schema.Struct({
  challenge: Schema.String,
  rpId: Schema.String,
  allowCredentials: Schema.Array(Schema.Struct({ id: Schema.String, type: Schema.Literal("public-key") })),
  userVerification: Schema.Literal("required"),
  /** Milliseconds. */
  timeout: Schema.Int
}).annotate({ identifier: "PasskeyRequest" })

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
  // Of an execution on several targets: the runs that have changed.
  Schema.TaggedStruct("Runs", { runs: Schema.Array(Schema.Struct({ run: Schema.String, state: RunState })) }),
  // The stream cannot go on; it may be opened again, after the last sequence that was seen.
  Schema.TaggedStruct("Problem", { code: Schema.String, detail: Schema.String })
])

export class ExecutionsApi extends HttpApiGroup.make("executions")
  .add(
    HttpApiEndpoint.post("propose", "/", {
      headers: { "idempotency-key": Schema.optionalKey(IdempotencyKey) },
      payload: Schema.Struct({
        executor: Schema.String,
        input: Schema.Unknown,
        /** Names, ids, `tag:web`, or `tag:web+eu` for targets with both tags; resolved now. */
        targets: Schema.Array(Schema.String),
        rollout: Schema.optionalKey(Rollout),
        /** Why, and the ticket that it belongs to: rules may demand them. */
        reason: Schema.optionalKey(Schema.String),
        ticket: Schema.optionalKey(Schema.String),
        /** Run it now, without the people whom the rules want; another person must review it. */
        breakGlass: Schema.optionalKey(Schema.Boolean)
      }),
      success: Execution.pipe(created),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Propose an execution; with the same Idempotency-Key and body, the execution that the first request made"
    )
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
    }).annotate(OpenApi.Summary, "Executions, newest first")
  )
  .add(
    HttpApiEndpoint.get("show", "/:id", { params: executionParams, success: Execution, error: problems }).annotate(
      OpenApi.Summary,
      "One execution with its plan, decisions and runs"
    )
  )
  .add(
    HttpApiEndpoint.get("view", "/:id/view", {
      params: executionParams,
      success: FaithfulView,
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Everything that an approver must see of an execution, escaped, with what each part would do and what changed"
    )
  )
  .add(
    HttpApiEndpoint.get("passkeyOptions", "/:id/passkey-options", {
      params: executionParams,
      query: { verdict: Schema.Literals(["approve", "reject"]), digest: Schema.String },
      success: PasskeyRequest,
      error: problems
    }).annotate(OpenApi.Summary, "What your passkey has to sign to decide (PublicKeyCredentialRequestOptionsJSON)")
  )
  .add(
    HttpApiEndpoint.post("approve", "/:id/approve", {
      params: executionParams,
      payload: decisionPayload,
      success: Execution,
      error: problems
    }).annotate(OpenApi.Summary, "Approve exactly the plan with this digest")
  )
  .add(
    HttpApiEndpoint.post("reject", "/:id/reject", {
      params: executionParams,
      payload: decisionPayload,
      success: Execution,
      error: problems
    }).annotate(OpenApi.Summary, "Reject the plan with this digest")
  )
  .add(
    HttpApiEndpoint.post("cancel", "/:id/cancel", {
      params: executionParams,
      success: Execution,
      error: problems
    }).annotate(OpenApi.Summary, "Cancel an execution: withdraw it, or end its runs")
  )
  .add(
    HttpApiEndpoint.post("settle", "/:id/settle", {
      params: executionParams,
      payload: Schema.Struct({
        /** May be left out when only one is unknown. */
        run: Schema.optionalKey(RunId),
        /** `ask`: the target of a recoverable run says it. */
        found: Schema.Literals(["succeeded", "failed", "not-run", "ask"]),
        /** How the person knows: 1 to 1,000 characters. */
        reason: Schema.String
      }),
      success: Execution,
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Say what became of an unknown run, by what you found or by what its target answers now"
    )
  )
  .add(
    HttpApiEndpoint.get("events", "/:id/events", {
      params: executionParams,
      query: { after: Schema.optionalKey(Schema.Int) },
      success: HttpApiSchema.StreamSse({ data: ExecutionEventMessage }),
      error: problems
    }).annotate(OpenApi.Summary, "Live output and states as server-sent events")
  )
  .add(
    HttpApiEndpoint.get("transcript", "/:id/transcript", {
      params: executionParams,
      query: { run: Schema.optionalKey(Schema.String), version: Schema.optionalKey(Schema.Literals(["2", "3"])) },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "application/x-asciicast" })),
      error: problems
    }).annotate(OpenApi.Summary, "The transcript as asciicast v2 or v3, of one run or of all runs together")
  )
  .add(
    HttpApiEndpoint.get("file", "/:id/file", {
      params: executionParams,
      query: { run: Schema.optionalKey(Schema.String) },
      success: HttpApiSchema.StreamUint8Array({ contentType: "application/octet-stream" }),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "The file that a run has fetched, as it was on its target; that it was opened is logged"
    )
  )
  .add(
    HttpApiEndpoint.get("uploaded", "/:id/uploaded", {
      params: executionParams,
      success: HttpApiSchema.StreamUint8Array({ contentType: "application/octet-stream" }),
      error: problems
    }).annotate(OpenApi.Summary, "The content of the file that an execution puts on its targets")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/executions") {}
