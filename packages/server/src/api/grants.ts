// /api/v1/grants
import { BoundedGrantId } from "@fluxcybers/core"
import { BoundedGrant } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { created } from "./limits.ts"
import { problems } from "./problem.ts"

const params = { id: BoundedGrantId }

export class GrantsApi extends HttpApiGroup.make("grants")
  .add(
    HttpApiEndpoint.post("request", "/", {
      payload: Schema.Struct({
        executor: Schema.String,
        targets: Schema.Array(Schema.String),
        /** The executor's inputs; none for a window in which everything that only reads may run. */
        commands: Schema.Array(Schema.Unknown),
        usesMax: Schema.optionalKey(Schema.Int),
        expiresInMs: Schema.Int,
        /** Each command again and again, up to `usesMax`. */
        repeat: Schema.optionalKey(Schema.Boolean)
      }),
      success: BoundedGrant.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Ask for exact commands on exact targets, once each, or for a window for reads")
  )
  .add(
    HttpApiEndpoint.post("requestRunbook", "/runbooks", {
      payload: Schema.Struct({
        runbook: Schema.String,
        version: Schema.optionalKey(Schema.Int),
        parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite]))),
        targets: Schema.optionalKey(Schema.Array(Schema.String)),
        usesMax: Schema.optionalKey(Schema.Int),
        expiresInMs: Schema.Int,
        repeat: Schema.optionalKey(Schema.Boolean)
      }),
      success: BoundedGrant.pipe(created),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Ask for one use of a runbook with these values, once on each target or again and again"
    )
  )
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(BoundedGrant), error: problems }).annotate(
      OpenApi.Summary,
      "Bounded grants, newest first"
    )
  )
  .add(
    HttpApiEndpoint.get("show", "/:id", { params, success: BoundedGrant, error: problems }).annotate(
      OpenApi.Summary,
      "One bounded grant with everything that it allows"
    )
  )
  .add(
    HttpApiEndpoint.post("decide", "/:id/decisions", {
      params,
      payload: Schema.Struct({ verdict: Schema.Literals(["approve", "reject"]), digest: Schema.String }),
      success: BoundedGrant,
      error: problems
    }).annotate(OpenApi.Summary, "Approve or reject exactly the bounded grant with this digest")
  )
  .add(
    HttpApiEndpoint.post("revoke", "/:id/revoke", { params, success: BoundedGrant, error: problems }).annotate(
      OpenApi.Summary,
      "Take a bounded grant back: what has not started under it will not run"
    )
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/grants") {}
