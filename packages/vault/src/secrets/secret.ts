// What writing and reading secrets share: where a value belongs, what is told of a secret, and why there is none.
import type { Actor, OrganisationId } from "@fluxcybers/core"
import { DateTime, Effect } from "effect"
import type { RecordContext } from "../blob/context.ts"
import type { SecretSummary } from "../secret-summary.ts"
import { SecretError } from "../secrets.ts"
import type { ActiveSecret, SecretKey, SecretStore, SecretVersion } from "./secret-store.ts"

export const nowText = Effect.map(DateTime.now, DateTime.formatIso)

/** Names have no leading slash and ids and versions none at all, so no two places have the same row. */
export const secretPlace = ({ organisation, name }: SecretKey, { id, version }: SecretVersion): RecordContext => ({
  organisation,
  purpose: "secret",
  table: "vault_secret_versions",
  column: "sealed",
  row: `${id}/${name}/${version}`
})

export const summary = (row: ActiveSecret): SecretSummary => ({
  name: row.name,
  version: row.version,
  createdAt: row.created_at,
  ...(row.rotated_at === null ? {} : { rotatedAt: row.rotated_at }),
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  ...(row.last_revealed_at === null ? {} : { lastRevealedAt: row.last_revealed_at })
})

export const acting = ({ organisation, actor }: { readonly organisation: OrganisationId; readonly actor: Actor }) => ({
  organisation,
  actor
})

export const refused = (secret: string, reason: SecretError["reason"]): Effect.Effect<never, SecretError> =>
  Effect.fail(new SecretError({ secret, reason }))

/** Why there is no active secret of that name. */
export const absence = Effect.fnUntraced(function* (store: SecretStore, key: SecretKey) {
  const secret = yield* store.find(key)
  return yield* refused(key.name, secret === undefined ? "unknown" : "destroyed")
})
