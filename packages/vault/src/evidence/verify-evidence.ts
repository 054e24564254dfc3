// Holds what the database says against the log: versions of secrets, destroyed keys, shreddings. The log is read first: what changes
// meanwhile is newer in the database, never older.
import { AuditLog, Database, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import type { EvidenceFindings } from "../rotation.ts"
import { SecretRow, SecretVersionRow } from "../rows.ts"
import { KEY_ACTIONS, shreddingsAmong, wrappedAmong } from "./key-evidence.ts"
import { isBehind, NO_EVIDENCE, SECRET_ACTIONS, type SecretEvidence, withEntry } from "./secret-evidence.ts"

/** Entries, and ids in one statement. */
const PAGE = 1_000
/** Ids that a finding names. */
const NAMED_MAX = 20

export const verifyEvidence = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const secrets = yield* verifySecrets(organisation)
  const keys = yield* verifyEntries({ organisation, action: KEY_ACTIONS }, (ids) => wrappedAmong(ids))
  const shreddings = yield* verifyEntries({ organisation, action: ["subject.shredded"] }, (ids) =>
    Effect.map(shreddingsAmong(organisation, ids), (known) => ids.filter((id) => !known.includes(id)))
  )
  const findings: EvidenceFindings = {
    ...secrets,
    keysDestroyed: keys.objects,
    keysBroughtBack: keys.found,
    shreddings: shreddings.objects,
    shreddingsMissing: shreddings.found
  }
  return findings
})

interface Which {
  readonly organisation: OrganisationId
  readonly action: ReadonlyArray<string>
}

/** Every entry of these actions, page by page, the newest first. */
const eachPage = Effect.fnUntraced(function* <A, E, R>(
  which: Which,
  work: (entries: Effect.Success<ReturnType<AuditLog["Service"]["list"]>>) => Effect.Effect<A, E, R>
) {
  const log = yield* AuditLog
  let page = yield* log.list({ ...which, limit: PAGE })
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    yield* work(page)
    page = yield* log.list({ ...which, limit: PAGE, before: last.entry.id })
  }
})

/** How many objects the entries are about, and those that are not as the entries say. */
const verifyEntries = Effect.fnUntraced(function* <R>(
  which: Which,
  wrong: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, never, R>
) {
  const [objects, found] = [new Set<string>(), new Set<string>()]
  yield* eachPage(which, (entries) => {
    const ids = [...new Set(entries.map(({ entry }) => entry.object))]
    for (const id of ids) objects.add(id)
    return Effect.map(wrong(ids), (named) => {
      for (const id of named) found.add(id)
    })
  })
  return { objects: objects.size, found: [...found].slice(0, NAMED_MAX) }
})

const StoredSecrets = Schema.Array(
  Schema.Struct({
    id: SecretRow.fields.id,
    version: SecretRow.fields.version,
    state: SecretRow.fields.state,
    oldest: Schema.NullOr(SecretVersionRow.fields.version)
  })
)
type StoredSecret = (typeof StoredSecrets.Type)[number]

const verifySecrets = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const known = new Map<string, SecretEvidence>()
  yield* eachPage({ organisation, action: SECRET_ACTIONS }, (entries) =>
    Effect.sync(() => {
      for (const { entry } of entries) known.set(entry.object, withEntry(known.get(entry.object) ?? NO_EVIDENCE, entry))
    })
  )
  const { sql } = yield* Database
  const stored = yield* sql`SELECT id, version, state,
      (SELECT MIN(version) FROM vault_secret_versions WHERE secret_id = vault_secrets.id) AS oldest
    FROM vault_secrets WHERE organisation = ${organisation}`.pipe(
    orStorageFailure,
    Effect.flatMap((rows) => Effect.orDie(Schema.decodeUnknownEffect(StoredSecrets)(rows)))
  )
  return judgeSecrets(known, stored)
})

const judgeSecrets = (known: ReadonlyMap<string, SecretEvidence>, stored: ReadonlyArray<StoredSecret>) => {
  const ids = new Set(stored.map(({ id }) => id))
  const gone = [...known].filter(([id, evidence]) => !ids.has(id) && evidence.written > evidence.destroyed)
  const evidenceOf = ({ id }: StoredSecret) => known.get(id) ?? NO_EVIDENCE
  const behind = stored.filter((secret) => isSetBack(secret, evidenceOf(secret)))
  return {
    secrets: stored.length,
    secretsRolledBack: behind.map(({ id }) => id).slice(0, NAMED_MAX),
    secretsMissing: gone.map(([id]) => id).slice(0, NAMED_MAX),
    secretsWithoutEntry: stored.filter((secret) => secret.state === "active" && evidenceOf(secret).written === 0).length
  }
}

/** Its pointer is behind, or there is a value again that was destroyed. */
const isSetBack = ({ version, state, oldest }: StoredSecret, evidence: SecretEvidence): boolean =>
  (state === "active" && isBehind(version, evidence)) || (oldest !== null && oldest <= evidence.destroyed)
