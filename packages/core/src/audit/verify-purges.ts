// Whether a purge that the log tells of can have been one: it says that everything below an index was older than an instant. Entries that
// are still there, and the times at which witnesses saw a smaller log, may say otherwise.
import { DateTime, Effect, Option, Result } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { openCheckpoint } from "./checkpoint.ts"
import { cosignaturesBelow } from "./cosignatures.ts"
import { cosignedAtS } from "./cosigner.ts"
import { openNote } from "./note.ts"
import type { NoteVerifier } from "./note-key.ts"
import type { Findings } from "./verify-findings.ts"
import type { Purge } from "./verify-reads.ts"
import type { WitnessPolicy } from "./witness-policy.ts"

/** Purges that are looked at, the newest ones. */
const PURGES_MAX = 1_000
/** Clocks differ, and an entry is as old as its event, not as its commit. */
const TOLERANCE_MINUTES = 60

interface Evidence {
  readonly findings: Findings
  readonly verifier: NoteVerifier
  readonly policy: WitnessPolicy | undefined
  /** Checkpoints that were kept elsewhere, with their cosignatures. */
  readonly seen: ReadonlyArray<string>
}

/** How large a log a witness saw, and when. */
interface Sight {
  readonly size: number
  readonly timeS: number
}

/** Reports `bad-purge` for every purge that something contradicts. */
export const checkPurges = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  purges: ReadonlyArray<Purge>,
  evidence: Evidence
) {
  for (const purge of purges.slice(-PURGES_MAX)) {
    const detail = (yield* stillThere(sql, purge)) ?? (yield* seenTooLate(sql, purge, evidence))
    if (detail !== undefined) evidence.findings.report({ kind: "bad-purge", index: purge.index, detail })
  }
})

/** A purge ends before the first entry that is not old enough. */
const stillThere = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, { end, before }: Purge) {
  const rows = yield* sql<{ leaf_index: unknown }>`SELECT leaf_index FROM core_audit_entries
    WHERE leaf_index < ${end} AND time >= ${before} ORDER BY leaf_index LIMIT 1`
  const first = rows[0]
  return first === undefined
    ? undefined
    : `it says that everything below ${end} was older than ${before}; entry ${Number(first.leaf_index)} is not`
}, orStorageFailure)

/** What came after a witness saw a smaller log is younger than that. */
const seenTooLate = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, purge: Purge, evidence: Evidence) {
  const { policy, verifier, seen } = evidence
  const before = Option.getOrUndefined(DateTime.make(purge.before))
  if (policy === undefined || before === undefined) return undefined
  const stored = yield* cosignaturesBelow(sql, purge.end)
  const lastS = DateTime.toEpochMillis(DateTime.add(before, { minutes: TOLERANCE_MINUTES })) / 1_000
  const late = [...stored, ...seen]
    .flatMap((note) => sightsIn(note, verifier, policy))
    .find(({ size, timeS }) => size < purge.end && timeS > lastS)
  if (late === undefined) return undefined
  const time = new Date(late.timeS * 1_000).toISOString()
  return `it says that everything below ${purge.end} was older than ${purge.before}; a witness saw only ${late.size} entries at ${time}`
})

const sightsIn = (note: string, log: NoteVerifier, policy: WitnessPolicy): ReadonlyArray<Sight> => {
  const checkpoint = Result.getOrUndefined(openCheckpoint(note, log))
  if (checkpoint === undefined) return []
  return policy.witnesses.flatMap(({ verifier }) =>
    Result.match(openNote(note, [verifier]), {
      onFailure: () => [],
      onSuccess: ({ signatures }) =>
        signatures
          .filter(({ name, keyId }) => name === verifier.name && keyId === verifier.keyId)
          .map(({ signature }) => ({ size: Number(checkpoint.size), timeS: cosignedAtS(signature) }))
    })
  )
}
