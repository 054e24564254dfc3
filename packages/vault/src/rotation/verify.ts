// Checks keys and sealed columns: every value names a key that is there, and a sample of each column opens.
import { AuditLog, Database, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { recordParts } from "../blob/context.ts"
import { BLOB_OVERHEAD_BYTES, KeyId, openBlob, SUITES } from "../blob/sealed-blob.ts"
import { KeyStore, type StoredKey } from "../keys/key-store.ts"
import { Keyring } from "../keys/keyring.ts"
import type { ColumnFindings, KeyFindings, KeyRotation } from "../rotation.ts"
import { contextOf } from "./reseal.ts"
import { counted, type SealedColumn, sealedColumns } from "./sealed-column.ts"

/** Values of a column that are opened, over all keys; and keys that they are looked for under. */
const SAMPLE = 100
const SAMPLE_KEYS = 20

type Request = Parameters<KeyRotation["Service"]["verify"]>[0]

export const verifyKeys = Effect.fnUntraced(function* (request: Request, columns: ReadonlyArray<SealedColumn>) {
  const found = yield* Effect.forEach(columns, verifyColumn)
  const keys = yield* verifyVersions(request)
  const isSound = keys.keysAltered === 0 && found.every((each) => each.malformed + each.keyUnknown + each.altered === 0)
  const findings: KeyFindings = { columns: found, ...keys, isSound }
  if (request.isTrial !== true) yield* record(request, findings)
  return findings
})

const record = Effect.fnUntraced(function* ({ organisation, actor }: Request, { isSound, columns }: KeyFindings) {
  const log = yield* AuditLog
  const values = columns.reduce((sum, each) => sum + each.values, 0)
  const outcome = isSound ? "success" : "failure"
  const event = {
    organisation,
    actor,
    action: "key.verified",
    object: organisation,
    outcome,
    facts: { values }
  } as const
  yield* (yield* Database).transaction(log.record(event))
})

const verifyVersions = Effect.fnUntraced(function* ({ organisation }: Request) {
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

const verifyColumn = Effect.fnUntraced(function* (column: SealedColumn) {
  const counts = yield* countColumn(column)
  const sample = yield* openSample(column)
  return { table: column.table, column: column.column, ...counts, ...sample } satisfies ColumnFindings
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

/** The key that a blob names, as SQL. */
const keyIdOf = (dialect: Database["Service"]["dialect"], column: string): string =>
  dialect === "postgres" ? `encode(substr(${column}, 5, 12), 'hex')` : `lower(hex(substr(${column}, 5, 12)))`

const KeyIds = Schema.Array(Schema.Struct({ id: Schema.String }))

/** Values under the first keys that the column names. */
const openSample = Effect.fnUntraced(function* (column: SealedColumn) {
  const { sql, dialect } = yield* Database
  const keyId = sql.literal(keyIdOf(dialect, column.column))
  const rows = yield* sql`SELECT DISTINCT ${keyId} AS id FROM ${sql(column.table)} LIMIT ${SAMPLE_KEYS}`.pipe(
    orStorageFailure,
    Effect.flatMap((found) => Effect.orDie(Schema.decodeUnknownEffect(KeyIds)(found)))
  )
  let [opened, altered] = [0, 0]
  for (const { id } of rows) {
    const key = KEY_ID.test(id) ? yield* (yield* KeyStore).byId(KeyId.make(id)) : undefined
    if (key?.wrapped === undefined || opened >= SAMPLE) continue
    const wrong = yield* openUnder(column, key, SAMPLE - opened)
    opened += wrong.length
    altered += wrong.filter((isAltered) => isAltered).length
  }
  return { opened, altered }
})

const KEY_ID = /^[0-9a-f]{24}$/

/** For each value whether it did not open. */
const openUnder = Effect.fnUntraced(function* (column: SealedColumn, key: StoredKey, limit: number) {
  const { scope } = key
  if (scope.kind !== "organisation" && scope.kind !== "subject") return []
  const values = yield* sealedColumns(yield* Database).page(column, key.id, { after: undefined, limit })
  const found = yield* Effect.result((yield* Keyring).get(scope, key.id))
  return values.map((value) => {
    if (found._tag === "Failure") return true
    const opened = openBlob(
      { suite: "record", key: found.success, parts: recordParts(contextOf(scope, column, value)) },
      value.sealed
    )
    if (typeof opened !== "string") opened.fill(0)
    return typeof opened === "string"
  })
})
