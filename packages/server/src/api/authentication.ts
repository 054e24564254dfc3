// Who calls: a bearer token, looked up by its hash.
import { type Actor, OrganisationId, PersonId, Role, Scope, type TokenId } from "@fluxcybers/core"
import { Context, Schema } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { problems } from "./problem.ts"

/** The caller of a request. */
export interface CallerIdentity {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly kind: "person" | "agent" | "service"
  readonly roles: ReadonlyArray<Role>
  readonly scopes: ReadonlyArray<Scope>
  readonly token: TokenId
  readonly tokenExpiresAt: string
}

export class Caller extends Context.Service<Caller, CallerIdentity>()("fluxcybers/server/Caller") {}

/** Resolves the bearer token (401 when it is missing, unknown, revoked or expired) and asks whether the caller may use the endpoint (403). */
export class Authentication extends HttpApiMiddleware.Service<Authentication, { provides: Caller }>()(
  "fluxcybers/server/Authentication",
  { security: { bearer: HttpApiSecurity.bearer }, error: problems }
) {}

/** Around every endpoint: whatever goes wrong inside leaves as problem details. */
export class Problems extends HttpApiMiddleware.Service<Problems>()("fluxcybers/server/Problems", {
  error: problems
}) {}

export const WhoAmI = Schema.Struct({
  organisation: OrganisationId,
  kind: Schema.Literals(["person", "agent", "service"]),
  person: Schema.optionalKey(PersonId),
  name: Schema.String,
  roles: Schema.Array(Role),
  scopes: Schema.Array(Scope),
  /** With one member the rule set is *solo*, from the second on it is *team*. */
  members: Schema.Int,
  tokenExpiresAt: Schema.String
}).annotate({ identifier: "WhoAmI" })
