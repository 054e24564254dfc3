// Whose values a key seals. Each scope has its own random keys, so that destroying them erases exactly that.
import type { OrganisationId } from "@fluxcybers/core"
import { subjectPart } from "../blob/context.ts"
import type { KeyId } from "../blob/sealed-blob.ts"

/** An organisation, its blind indexes, one data subject of it, or the system itself. */
export type KeyScope =
  | { readonly kind: "organisation"; readonly organisation: OrganisationId }
  | { readonly kind: "index"; readonly organisation: OrganisationId }
  | { readonly kind: "subject"; readonly organisation: OrganisationId; readonly subject: string }
  | { readonly kind: "system" }

/** Which key a wrapped key is. All of it is authenticated by whatever wraps it. */
export interface KeyName {
  readonly id: KeyId
  /** 1 to 65,535, counted within the scope. */
  readonly version: number
  readonly scope: KeyScope
}

/** The scope in three columns; what a scope does not have is the empty string. */
export const scopeColumns = (scope: KeyScope) => ({
  scope_kind: scope.kind,
  organisation: scope.kind === "system" ? "" : scope.organisation,
  subject: scope.kind === "subject" ? subjectPart(scope.subject) : ""
})

/** One text for each scope: organisation ids contain no slash. */
export const scopeText = (scope: KeyScope): string => Object.values(scopeColumns(scope)).join("/")

/** The scope whose current key wraps the keys of this one; the root key does when there is none. */
export const parentScope = (scope: KeyScope): KeyScope | undefined =>
  scope.kind === "subject" || scope.kind === "index"
    ? { kind: "organisation", organisation: scope.organisation }
    : undefined

const WRAPPED_KEY_DOMAIN = "fluxcybers/vault/v1/key"

/** The context of a wrapped key, part by part (docs/spec/sealed-blob.md §5). */
export const wrappedKeyParts = ({ id, version, scope }: KeyName): ReadonlyArray<string> => {
  const { scope_kind, organisation, subject } = scopeColumns(scope)
  return [WRAPPED_KEY_DOMAIN, scope_kind, organisation, subject, String(version), id]
}
