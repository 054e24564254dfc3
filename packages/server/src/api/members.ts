// /api/v1/members
import { PersonId, Role } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication } from "./authentication.ts"
import { created, DisplayName } from "./limits.ts"
import { problems } from "./problem.ts"

const Member = Schema.Struct({ person: PersonId, name: Schema.String, roles: Schema.Array(Role) })

export class MembersApi extends HttpApiGroup.make("members")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(Member), error: problems }))
  .add(
    // Answers the new member's first token: it is shown once.
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct({ name: DisplayName, roles: Schema.Array(Role) }),
      success: Schema.Struct({ member: Member, token: Schema.String, expiresAt: Schema.String }).pipe(created),
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.delete("remove", "/:person", {
      params: { person: PersonId },
      success: HttpApiSchema.NoContent,
      error: problems
    })
  )
  .middleware(Authentication)
  .prefix("/members") {}
