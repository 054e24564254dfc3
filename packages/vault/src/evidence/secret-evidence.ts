// What the audit log says of a secret, against which its row is held: the row can be set back by whoever owns the database, the log
// cannot (docs/decisions/0014-evidence-against-rollback.md). Entries that somebody adds can only raise the numbers.
import type { AuditEntry, AuditLog, OrganisationId } from "@fluxcybers/core"
import { Effect } from "effect"

/** The highest versions that the log tells of; 0 for none. */
export interface SecretEvidence {
  /** Put or rotated. */
  readonly written: number
  /** Destroyed, with every version below. */
  readonly destroyed: number
}

export const NO_EVIDENCE: SecretEvidence = { written: 0, destroyed: 0 }

export const SECRET_ACTIONS = ["secret.put", "secret.rotated", "secret.destroyed"] as const

/** Entries about one secret that a read looks at, the newest first; a verification looks at all. */
const READ_ENTRIES = 100

/** What the newest entries about a secret say. */
export const secretEvidence = (
  log: AuditLog["Service"],
  { organisation, id }: { readonly organisation: OrganisationId; readonly id: string }
): Effect.Effect<SecretEvidence> =>
  Effect.map(log.list({ organisation, object: id, action: SECRET_ACTIONS, limit: READ_ENTRIES }), (entries) =>
    entries.reduce((known, { entry }) => withEntry(known, entry), NO_EVIDENCE)
  )

export const withEntry = (known: SecretEvidence, { action, facts }: AuditEntry): SecretEvidence => {
  const { version: stated } = facts
  const version = typeof stated === "number" ? stated : 0
  return action === "secret.destroyed"
    ? { ...known, destroyed: Math.max(known.destroyed, version) }
    : { ...known, written: Math.max(known.written, version) }
}

/** The version below which nothing new may be written. */
export const lastVersion = ({ written, destroyed }: SecretEvidence): number => Math.max(written, destroyed)

/** An older version stands as the current one, or a destroyed one is there again. */
export const isBehind = (version: number, { written, destroyed }: SecretEvidence): boolean =>
  version < written || version <= destroyed
