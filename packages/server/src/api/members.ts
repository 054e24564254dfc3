// /api/v1/members
import { PersonId, Role } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { created, DisplayName } from "./limits.ts"
import { problems } from "./problem.ts"

const Member = Schema.Struct({ person: PersonId, name: Schema.String, roles: Schema.Array(Role) }).annotate({
  identifier: "Member"
})
const NewMember = Schema.Struct({ member: Member, token: Schema.String, expiresAt: Schema.String }).annotate({
  identifier: "NewMember"
})

export class MembersApi extends HttpApiGroup.make("members")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(Member), error: problems }).annotate(
      OpenApi.Summary,
      "Members of the organisation and their roles"
    )
  )
  .add(
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct({ name: DisplayName, roles: Schema.Array(Role) }),
      success: NewMember.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Add a member; answers their first token, shown once")
  )
  .add(
    HttpApiEndpoint.delete("remove", "/:person", {
      params: { person: PersonId },
      success: HttpApiSchema.NoContent,
      error: problems
    }).annotate(OpenApi.Summary, "Remove a member; their tokens end")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/members") {}
