// /api/v1/secrets
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication } from "./authentication.ts"
import { created } from "./limits.ts"
import { problems } from "./problem.ts"

const SecretSummaryResponse = Schema.Struct({
  name: Schema.String,
  version: Schema.Int,
  createdAt: Schema.String,
  rotatedAt: Schema.optionalKey(Schema.String),
  expiresAt: Schema.optionalKey(Schema.String),
  lastRevealedAt: Schema.optionalKey(Schema.String)
})

const secretValue = {
  name: Schema.String,
  /** The bytes in base64. */
  value: Schema.String,
  expiresAt: Schema.optionalKey(Schema.String)
}

// Names may contain slashes, so they travel in bodies and never in paths.
export class SecretsApi extends HttpApiGroup.make("secrets")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(SecretSummaryResponse), error: problems }))
  .add(
    HttpApiEndpoint.post("put", "/", {
      payload: Schema.Struct(secretValue),
      success: SecretSummaryResponse.pipe(created),
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.post("rotate", "/rotate", {
      payload: Schema.Struct(secretValue),
      success: SecretSummaryResponse,
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.post("reveal", "/reveal", {
      payload: Schema.Struct({
        name: Schema.String,
        purpose: Schema.String,
        version: Schema.optionalKey(Schema.Int)
      }),
      success: Schema.Struct({ name: Schema.String, version: Schema.Int, value: Schema.String }),
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.post("destroy", "/destroy", {
      payload: Schema.Struct({ name: Schema.String }),
      success: HttpApiSchema.NoContent,
      error: problems
    })
  )
  .middleware(Authentication)
  .prefix("/secrets") {}
