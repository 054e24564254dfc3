// What others know of the log: checkpoints that stand outside of its database, and the witnesses' policy.
import { DateTime, Effect, Result } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts"
import { newestWitnessed } from "./cosignatures.ts"
import type { NoteVerifier } from "./note-key.ts"
import type { Findings } from "./verify-findings.ts"
import type { VerifiedTree } from "./verify-tree.ts"
import type { WitnessPolicy } from "./witness-policy.ts"

/** A checkpoint waits for its cosignatures: younger ones need none yet. */
const WITNESS_GRACE_MINUTES = 10

/** Checkpoints that were seen outside of the database, by size. */
export class SeenCheckpoints {
  readonly #waiting: Array<Checkpoint> = []
  readonly #findings: Findings

  constructor(notes: ReadonlyArray<string>, verifier: NoteVerifier, findings: Findings) {
    this.#findings = findings
    for (const note of notes) {
      const opened = openCheckpoint(note, verifier)
      if (Result.isSuccess(opened)) this.#waiting.push(opened.success)
      else
        findings.report({
          kind: "bad-signature",
          index: 0,
          detail: "a checkpoint kept elsewhere is not signed by the log's key"
        })
    }
    this.#waiting.sort((one, other) => Number(one.size - other.size))
  }

  /** The size of the next one, if it is not beyond this size. */
  nextUpTo(size: bigint): number | undefined {
    const next = this.#waiting[0]
    return next === undefined || next.size > size ? undefined : Number(next.size)
  }

  /** Holds the next one against the tree, which is as large. */
  compare(tree: VerifiedTree): void {
    const { size, root } = this.#waiting.shift()!
    if (tree.hasRoot(root)) return
    const detail = "the log's key signed another tree of this size, which is known outside of this database"
    this.#findings.report({ kind: "fork", index: Number(size), detail })
  }

  /** Those that are left are of a larger log. */
  tellTruncated(size: number): void {
    const last = this.#waiting.at(-1)
    if (last === undefined) return
    const detail = `a checkpoint of ${last.size} entries is known outside of this database, which has ${size}`
    this.#findings.report({ kind: "truncated", index: size, detail })
  }
}

/** Whether the newest checkpoint that had time for it was cosigned as the policy asks. */
export const checkWitnessed = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  policy: WitnessPolicy,
  { findings, size }: { readonly findings: Findings; readonly size: number }
) {
  const due = yield* newestDue(sql, size)
  if (due === 0) return
  const witnessed = (yield* newestWitnessed(sql, 0, policy))?.size ?? 0
  if (witnessed >= due) return
  const detail = `the witnesses that the policy asks for vouch for ${witnessed} of ${due} entries`
  findings.report({ kind: "unwitnessed", index: due, detail })
})

/** A time that cannot be, as in the future, gives nobody a respite. */
const newestDue = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, size: number) {
  const now = yield* DateTime.now
  const recent = DateTime.formatIso(DateTime.subtract(now, { minutes: WITNESS_GRACE_MINUTES }))
  const rows = yield* sql<{ size: number | bigint }>`SELECT coalesce(max(size), 0) AS size FROM core_audit_checkpoints
    WHERE size <= ${size} AND NOT (time > ${recent} AND time <= ${DateTime.formatIso(now)})`
  return Number(rows[0]?.size ?? 0)
}, orStorageFailure)
