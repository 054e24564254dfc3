// /api/v1/tokens
import { Scope, TokenId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication } from "./authentication.ts"
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
})

export class TokensApi extends HttpApiGroup.make("tokens")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(TokenSummary), error: problems }))
  .add(
    // `agent` acts for the caller, `person` is the caller, `service` belongs to the organisation. The token is shown once.
    HttpApiEndpoint.post("create", "/", {
      payload: Schema.Struct({
        name: DisplayName,
        kind: Schema.Literals(["person", "agent", "service"]),
        scopes: Schema.Array(Scope),
        /** 1 to 365. */
        expiresInDays: Schema.Int.check(between(1, TOKEN_DAYS_MAX))
      }),
      success: Schema.Struct({ summary: TokenSummary, token: Schema.String }).pipe(created),
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.delete("revoke", "/:id", {
      params: { id: TokenId },
      success: HttpApiSchema.NoContent,
      error: problems
    })
  )
  .middleware(Authentication)
  .prefix("/tokens") {}
