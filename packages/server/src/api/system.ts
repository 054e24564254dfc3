// /api/v1: is it there, who am I, and the first owner. This and the other files of this folder are the API as data: the server implements
// it, the command line and other programs derive their client from it.
import { PersonId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Authentication, WhoAmI } from "./authentication.ts"
import { created, DisplayName } from "./limits.ts"
import { problems } from "./problem.ts"

export class SystemApi extends HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: Schema.Struct({ status: Schema.Literal("ok") }),
      error: problems
    })
  )
  .add(
    // The one-time owner link that the first start prints: makes the organisation's owner and their first token.
    HttpApiEndpoint.post("claim", "/claim", {
      payload: Schema.Struct({ code: Schema.String, name: DisplayName }),
      success: Schema.Struct({ person: PersonId, token: Schema.String, expiresAt: Schema.String }).pipe(created),
      error: problems
    })
  ) {}

export class SessionApi extends HttpApiGroup.make("session")
  .add(HttpApiEndpoint.get("whoami", "/whoami", { success: WhoAmI, error: problems }))
  .middleware(Authentication) {}
