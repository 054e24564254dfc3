// /api/v1/policy
import { ExecutionId } from "@fluxcybers/core"
import { Access, Explanation, Review, RuleSetVersion, Simulation } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { problems } from "./problem.ts"

const VersionText = Schema.NumberFromString.check(Schema.isInt())

export class PolicyApi extends HttpApiGroup.make("policy")
  .add(
    HttpApiEndpoint.get("current", "/rules", { success: RuleSetVersion, error: problems }).annotate(
      OpenApi.Summary,
      "The rules in force"
    )
  )
  .add(
    HttpApiEndpoint.put("put", "/rules", {
      payload: Schema.Struct({ document: Schema.Unknown, replaces: Schema.optionalKey(Schema.Int) }),
      success: RuleSetVersion,
      error: problems
    }).annotate(OpenApi.Summary, "Put rules in force, as a whole; only if `replaces` is in force, where it is given")
  )
  .add(
    HttpApiEndpoint.get("history", "/versions", { success: Schema.Array(RuleSetVersion), error: problems }).annotate(
      OpenApi.Summary,
      "The versions of the rules that were put, newest first"
    )
  )
  .add(
    HttpApiEndpoint.get("version", "/versions/:version", {
      params: { version: VersionText },
      success: RuleSetVersion,
      error: problems
    }).annotate(OpenApi.Summary, "One version of the rules")
  )
  .add(
    HttpApiEndpoint.post("simulate", "/simulations", {
      payload: Schema.Struct({ document: Schema.Unknown }),
      success: Simulation,
      error: problems
    }).annotate(OpenApi.Summary, "What these rules would have required of the executions of the last 90 days")
  )
  .add(
    HttpApiEndpoint.post("explain", "/explanations", {
      payload: Schema.Struct({ executor: Schema.String, access: Access, targets: Schema.Array(Schema.String) }),
      success: Explanation,
      error: problems
    }).annotate(OpenApi.Summary, "What would be required of a proposal of yours, and why; nothing is proposed")
  )
  .add(
    HttpApiEndpoint.get("explainExecution", "/explanations/:id", {
      params: { id: ExecutionId },
      success: Explanation,
      error: problems
    }).annotate(OpenApi.Summary, "What was required of an execution, why, and who could satisfy it")
  )
  .add(
    HttpApiEndpoint.get("reviews", "/reviews", {
      query: { all: Schema.optionalKey(Schema.Literals(["true", "false"])) },
      success: Schema.Array(Review),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "What ran because somebody broke the glass and is not reviewed; with `all`, also what is"
    )
  )
  .add(
    HttpApiEndpoint.post("closeReview", "/reviews/:id/close", {
      params: { id: ExecutionId },
      payload: Schema.Struct({ conclusion: Schema.String }),
      success: Review,
      error: problems
    }).annotate(OpenApi.Summary, "Close the review of what another person ran by breaking the glass")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/policy") {}
