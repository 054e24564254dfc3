// /api/v1/runbooks
import { Execution, Rollout, Runbook } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { created, IdempotencyKey } from "./limits.ts"
import { problems } from "./problem.ts"

/** Name or id. */
const params = { runbook: Schema.String }

export class RunbooksApi extends HttpApiGroup.make("runbooks")
  .add(
    HttpApiEndpoint.get("list", "/", {
      query: { all: Schema.optionalKey(Schema.Literals(["true", "false"])) },
      success: Schema.Array(Runbook),
      error: problems
    }).annotate(OpenApi.Summary, "Runbooks in their newest versions, in order of name; with `all`, also those retired")
  )
  .add(
    HttpApiEndpoint.put("put", "/", {
      payload: Schema.Struct({ document: Schema.Unknown, replaces: Schema.optionalKey(Schema.Int) }),
      success: Runbook,
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Put a runbook as the newest version of its name; only if `replaces` is the newest, where it is given"
    )
  )
  .add(
    HttpApiEndpoint.get("show", "/:runbook", {
      params,
      query: { version: Schema.optionalKey(Schema.NumberFromString.check(Schema.isInt())) },
      success: Runbook,
      error: problems
    }).annotate(OpenApi.Summary, "One runbook by name or id, in its newest version or another one")
  )
  .add(
    HttpApiEndpoint.get("history", "/:runbook/versions", {
      params,
      success: Schema.Array(Runbook),
      error: problems
    }).annotate(OpenApi.Summary, "The versions of a runbook, newest first")
  )
  .add(
    HttpApiEndpoint.post("use", "/:runbook/uses", {
      params,
      headers: { "idempotency-key": Schema.optionalKey(IdempotencyKey) },
      payload: Schema.Struct({
        version: Schema.optionalKey(Schema.Int),
        /** Whole numbers as such, or in decimal digits. */
        parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite]))),
        /** Selectors, instead of those that the runbook names. */
        targets: Schema.optionalKey(Schema.Array(Schema.String)),
        rollout: Schema.optionalKey(Rollout),
        reason: Schema.optionalKey(Schema.String),
        ticket: Schema.optionalKey(Schema.String),
        breakGlass: Schema.optionalKey(Schema.Boolean)
      }),
      success: Execution.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Fill a runbook in and propose what comes of it; repeated as a proposal is")
  )
  .add(
    HttpApiEndpoint.delete("retire", "/:runbook", { params, success: Runbook, error: problems }).annotate(
      OpenApi.Summary,
      "Retire a runbook: nobody uses it any more, and its name is free again"
    )
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/runbooks") {}
