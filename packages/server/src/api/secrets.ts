// /api/v1/secrets
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { created } from "./limits.ts"
import { problems } from "./problem.ts"

const SecretSummaryResponse = Schema.Struct({
  name: Schema.String,
  version: Schema.Int,
  createdAt: Schema.String,
  rotatedAt: Schema.optionalKey(Schema.String),
  expiresAt: Schema.optionalKey(Schema.String),
  lastRevealedAt: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Secret" })

const RevealedSecret = Schema.Struct({ name: Schema.String, version: Schema.Int, value: Schema.String }).annotate({
  identifier: "RevealedSecret"
})

const secretValue = {
  name: Schema.String,
  /** The bytes in base64. */
  value: Schema.String,
  expiresAt: Schema.optionalKey(Schema.String)
}

// Names may contain slashes, so they travel in bodies and never in paths.
export class SecretsApi extends HttpApiGroup.make("secrets")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(SecretSummaryResponse), error: problems }).annotate(
      OpenApi.Summary,
      "All secrets, without their values"
    )
  )
  .add(
    HttpApiEndpoint.post("put", "/", {
      payload: Schema.Struct(secretValue),
      success: SecretSummaryResponse.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Seal a new secret")
  )
  .add(
    HttpApiEndpoint.post("rotate", "/rotate", {
      payload: Schema.Struct(secretValue),
      success: SecretSummaryResponse,
      error: problems
    }).annotate(OpenApi.Summary, "Seal a new version of a secret")
  )
  .add(
    HttpApiEndpoint.post("reveal", "/reveal", {
      payload: Schema.Struct({
        name: Schema.String,
        purpose: Schema.String,
        version: Schema.optionalKey(Schema.Int)
      }),
      success: RevealedSecret,
      error: problems
    }).annotate(OpenApi.Summary, "Open a secret for a purpose; the audit log records it before the value is answered")
  )
  .add(
    HttpApiEndpoint.post("destroy", "/destroy", {
      payload: Schema.Struct({ name: Schema.String }),
      success: HttpApiSchema.NoContent,
      error: problems
    }).annotate(OpenApi.Summary, "Destroy a secret with all its versions, for ever")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/secrets") {}
