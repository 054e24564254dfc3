// Checks keys and sealed columns: every value names a key that is there, values open where they belong, and nothing was set back to
// before what the audit log tells of.
import { AuditLog, closeBy, Database } from "@fluxcybers/core"
import { Effect } from "effect"
import { BLOB_OVERHEAD_BYTES, SUITES } from "../blob/sealed-blob.ts"
import { verifyEvidence } from "../evidence/verify-evidence.ts"
import { KeyStore } from "../keys/key-store.ts"
import { Keyring } from "../keys/keyring.ts"
import type { ColumnFindings, EvidenceFindings, KeyFindings, KeyVerificationRequest } from "../rotation.ts"
import { counted, type SealedColumn } from "./sealed-column.ts"
import { keyIdOf, openEvery, openSample } from "./verify-values.ts"

export const verifyKeys = Effect.fnUntraced(function* (
  request: KeyVerificationRequest,
  columns: ReadonlyArray<SealedColumn>
) {
  const findings = Effect.gen(function* () {
    const found = yield* verifyColumns(request, columns)
    const keys = yield* verifyVersions(request)
    const evidence = yield* verifyEvidence(request.organisation)
    const areValuesSound = found.every((each) => each.malformed + each.keyUnknown + each.altered === 0)
    const isSound = areValuesSound && keys.keysAltered === 0 && agrees(evidence)
    return { columns: found, ...keys, evidence, isSound } satisfies KeyFindings
  })
  return yield* request.isTrial === true ? findings : recorded(request, findings)
})

const agrees = (evidence: EvidenceFindings): boolean =>
  [evidence.secretsRolledBack, evidence.secretsMissing, evidence.keysBroughtBack, evidence.shreddingsMissing].every(
    ({ length }) => length === 0
  )

/** It takes time: what is cut off says so. */
const recorded = Effect.fnUntraced(function* <E, R>(
  { organisation, actor }: KeyVerificationRequest,
  findings: Effect.Effect<KeyFindings, E, R>
) {
  const action = yield* (yield* AuditLog).begin({ organisation, actor, action: "key.verified", object: organisation })
  return yield* Effect.onExit(findings, (exit) => {
    if (exit._tag === "Failure") return closeBy(action, exit)
    const values = exit.value.columns.reduce((sum, each) => sum + each.values, 0)
    return exit.value.isSound ? action.succeed({ values }) : action.fail({ values })
  })
})

const verifyVersions = Effect.fnUntraced(function* ({ organisation }: KeyVerificationRequest) {
  const keyring = yield* Keyring
  const scope = { kind: "organisation", organisation } as const
  const versions = (yield* (yield* KeyStore).versions(scope)).filter(({ state }) => state !== "destroyed")
  const altered = yield* Effect.filter(versions, ({ id }) =>
    keyring.get(scope, id).pipe(
      Effect.as(false),
      Effect.orElseSucceed(() => true)
    )
  )
  return { keysOpened: versions.length, keysAltered: altered.length }
})

/** Counts first: whoever waits is told of how much. */
const verifyColumns = Effect.fnUntraced(function* (
  { isComplete = false, onProgress = () => {} }: KeyVerificationRequest,
  columns: ReadonlyArray<SealedColumn>
) {
  const counts = yield* Effect.forEach(columns, countColumn)
  const of = counts.reduce((sum, { values }) => sum + values, 0)
  const found: Array<ColumnFindings> = []
  let before = 0
  for (const [i, column] of columns.entries()) {
    const begun = before
    const opened = yield* isComplete
      ? openEvery(column, (values) => onProgress({ values: Math.min(begun + values, of), of }))
      : openSample(column)
    before += counts[i]!.values
    if (!isComplete && counts[i]!.values > 0) onProgress({ values: before, of })
    found.push({ table: column.table, column: column.column, ...counts[i]!, ...opened })
  }
  return found
})

const countColumn = Effect.fnUntraced(function* ({ table, column }: SealedColumn) {
  const { sql, dialect } = yield* Database
  const name = sql.literal(`v.${column}`)
  const bytes = sql.literal(dialect === "postgres" ? "octet_length" : "length")
  const keyId = sql.literal(keyIdOf(dialect, `v.${column}`))
  const isBlob = sql`${bytes}(${name}) >= ${BLOB_OVERHEAD_BYTES} AND substr(${name}, 1, 2) = ${Buffer.from([SUITES.record, 0])}`
  const from = sql`SELECT COUNT(*) AS n FROM ${sql(table)} v`
  const ofKey = sql`SELECT 1 FROM vault_keys k WHERE k.id = ${keyId}`
  return {
    values: yield* counted(sql`${from} WHERE ${name} IS NOT NULL`),
    malformed: yield* counted(sql`${from} WHERE ${name} IS NOT NULL AND NOT (${isBlob})`),
    keyUnknown: yield* counted(sql`${from} WHERE ${isBlob} AND NOT EXISTS (${ofKey})`),
    keyDestroyed: yield* counted(sql`${from} WHERE ${isBlob} AND EXISTS (${ofKey} AND k.wrapped IS NULL)`)
  }
})
