// /api/v1/tokens
import { Scope, TokenId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { between, created, DisplayName, TOKEN_DAYS_MAX } from "./limits.ts"
import { problems } from "./problem.ts"

const TokenSummary = Schema.Struct({
  id: TokenId,
  name: Schema.String,
  kind: Schema.Literals(["person", "agent", "service"]),
  scopes: Schema.Array(Scope),
  createdAt: Schema.String,
  expiresAt: Schema.String,
  lastUsedAt: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Token" })
const NewToken = Schema.Struct({ summary: TokenSummary, token: Schema.String }).annotate({ identifier: "NewToken" })

export class TokensApi extends HttpApiGroup.make("tokens")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(TokenSummary), error: problems }).annotate(
      OpenApi.Summary,
      "Your tokens"
    )
  )
  .add(
    // `agent` acts for the caller, `person` is the caller, `service` belongs to the organisation.
    HttpApiEndpoint.post("create", "/", {
      payload: Schema.Struct({
        name: DisplayName,
        kind: Schema.Literals(["person", "agent", "service"]),
        scopes: Schema.Array(Scope),
        /** 1 to 365. */
        expiresInDays: Schema.Int.check(between(1, TOKEN_DAYS_MAX))
      }),
      success: NewToken.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Make a token for a person, for an agent of theirs, or for a service; shown once")
  )
  .add(
    HttpApiEndpoint.delete("revoke", "/:id", {
      params: { id: TokenId },
      success: HttpApiSchema.NoContent,
      error: problems
    }).annotate(OpenApi.Summary, "Revoke a token")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/tokens") {}
