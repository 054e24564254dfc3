// /api/v1: is it there, who am I, and the first owner. This and the other files of this folder are the API as data: the server implements
// it, the command line and other programs derive their client from it.
import { PersonId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authentication, Problems, WhoAmI } from "./authentication.ts"
import { created, DisplayName } from "./limits.ts"
import { problems } from "./problem.ts"

const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotate({ identifier: "Health" })
const Owner = Schema.Struct({ person: PersonId, token: Schema.String, expiresAt: Schema.String }).annotate({
  identifier: "Owner"
})

export class SystemApi extends HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: Health,
      error: problems
    }).annotate(OpenApi.Summary, "Whether the service answers")
  )
  .add(
    HttpApiEndpoint.post("claim", "/claim", {
      payload: Schema.Struct({ code: Schema.String, name: DisplayName }),
      success: Owner.pipe(created),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Become the owner, with the code of the one-time owner link; answers the first token, shown once"
    )
  )
  .middleware(Problems)
  .prefix("/api/v1") {}

export class SessionApi extends HttpApiGroup.make("session")
  .add(
    HttpApiEndpoint.get("whoami", "/whoami", { success: WhoAmI, error: problems }).annotate(
      OpenApi.Summary,
      "Whom the token belongs to, and what it may do"
    )
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1") {}
