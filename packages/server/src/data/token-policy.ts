// Which tokens a caller may make: never a wider one than their own, and never one that lets a program decide.
import type { Role, Scope } from "@fluxcybers/core"
import { Schema } from "effect"
import type { TokenKind } from "./tables.ts"

/** What a program's token may carry. Deciding and administering is for people. */
const PROGRAM_SCOPES: ReadonlyArray<Scope> = ["read", "propose"]

/** A token was not made or not revoked. Nothing was changed. */
export class TokenError extends Schema.TaggedError<TokenError>()("TokenError", {
  reason: Schema.Literals(["unknown", "no-scopes", "wider-than-own", "program-scope", "administrators-only"])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} Nothing was changed.`
  }
}

const EXPLANATIONS = {
  unknown: "You have no such token.",
  "no-scopes": "A token needs at least one scope.",
  "wider-than-own": "A token cannot have a scope that the token which makes it has not.",
  "program-scope": `The token of an agent or a service can only have the scopes ${PROGRAM_SCOPES.join(" and ")}.`,
  "administrators-only": "Only an owner or an administrator may make or revoke a service token."
} as const

interface Asking {
  readonly roles: ReadonlyArray<Role>
  readonly scopes: ReadonlyArray<Scope>
}

/** Why the caller may not make the token; `undefined` when they may. */
export const tokenRefusal = (
  caller: Asking,
  wanted: { readonly kind: TokenKind; readonly scopes: ReadonlyArray<Scope> }
): TokenError | undefined => {
  if (wanted.scopes.length === 0) return new TokenError({ reason: "no-scopes" })
  if (wanted.scopes.some((scope) => !caller.scopes.includes(scope))) return new TokenError({ reason: "wider-than-own" })
  if (wanted.kind === "person") return undefined
  if (wanted.scopes.some((scope) => !PROGRAM_SCOPES.includes(scope))) return new TokenError({ reason: "program-scope" })
  const needsAdministrator = wanted.kind === "service" && !isAdministrator(caller.roles)
  return needsAdministrator ? new TokenError({ reason: "administrators-only" }) : undefined
}

export const isAdministrator = (roles: ReadonlyArray<Role>): boolean =>
  roles.includes("owner") || roles.includes("admin")
