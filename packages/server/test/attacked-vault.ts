// A vault whose log has a witness, on either database, and somebody who may write everything in its database and files.
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import {
  AuditLog,
  auditLogLayer,
  Database,
  type NoteSigner,
  newId,
  OrganisationId,
  PersonActor,
  PersonId,
  verifyLog,
  type WitnessPolicy
} from "@fluxcybers/core"
import { erasureJournalFileLayer, KeyRotation, keyRotationLayer, rootKeyFileLayer, vaultLayer } from "@fluxcybers/vault"
import { Effect, Layer } from "effect"
import { type Location, layerAt, type TestDatabase } from "../../../repo/testing/databases.ts"
import { temporaryFolder } from "./test-server.ts"
import { newKey, runWitness, witnessed } from "./witnessed-log.ts"

export const organisation = Effect.runSync(newId(OrganisationId, "org"))
export const actor = new PersonActor({ person: Effect.runSync(newId(PersonId, "person")) })
const NOTES = { table: "app_notes", column: "body", key: ["id"], row: "id" } as const

export interface AttackedVault {
  readonly folder: string
  readonly location: Location
  readonly key: NoteSigner
  readonly policy?: WitnessPolicy
}

export const newVault = Effect.fnUntraced(function* (database: TestDatabase) {
  const vault: AttackedVault = { folder: yield* temporaryFolder, location: yield* database.fresh, key: newKey() }
  yield* onDatabase(vault, ({ sql, dialect }) => {
    const bytes = dialect === "postgres" ? "BYTEA" : "BLOB"
    return sql.unsafe(`CREATE TABLE app_notes (id TEXT PRIMARY KEY, body ${bytes})`)
  })
  return vault
})

export const newWitnessedVault = Effect.fnUntraced(function* (database: TestDatabase) {
  const vault = yield* newVault(database)
  const { policy } = yield* runWitness(vault.key)
  return { ...vault, policy }
})

const servicesOf = ({ folder, location, key, ...witnesses }: AttackedVault) =>
  keyRotationLayer([NOTES]).pipe(
    Layer.provideMerge(vaultLayer),
    Layer.provideMerge(auditLogLayer({ origin: key.name, key, ...witnesses })),
    Layer.provideMerge(rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true })),
    Layer.provideMerge(erasureJournalFileLayer({ path: join(folder, "erasures") })),
    Layer.provideMerge(layerAt(location))
  )

type Services = Layer.Success<ReturnType<typeof servicesOf>>

/** Starts the vault, uses it, and stops it when everything is under a checkpoint. */
export const inVault = <A, E>(vault: AttackedVault, work: Effect.Effect<A, E, Services>) =>
  Effect.provide(
    Effect.tap(work, () => checkpointed),
    Layer.fresh(servicesOf(vault))
  )

/** Stops it only when the witness vouches for everything. */
export const inWitnessedVault = <A, E>(vault: AttackedVault, work: Effect.Effect<A, E, Services>) =>
  inVault(
    vault,
    Effect.tap(work, () => Effect.andThen(checkpointed, witnessed))
  )

const checkpointed = Effect.gen(function* () {
  const log = yield* AuditLog
  const [newest] = yield* log.list({ organisation, limit: 1 })
  if (newest !== undefined) yield* log.awaitCheckpoint(newest.entry.id)
})

/** Everything that a person can verify: the keys and the log, held against each other and against the witness. */
export const verified = ({ key, ...witnesses }: AttackedVault) =>
  Effect.gen(function* () {
    const rotation = yield* KeyRotation
    const keys = yield* rotation.verify({ organisation, actor, isTrial: true, isComplete: true })
    const { problems } = yield* verifyLog({ verifierKey: key.verifier.text, ...witnesses })
    return { keys, log: problems.map(({ kind }) => kind) }
  })

/** Past the vault, over a connection of its own. */
const onDatabase = <A, E>({ location }: AttackedVault, work: (database: Database["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Database, work).pipe(Effect.provide(Layer.fresh(layerAt(location))))

type Sql = Database["Service"]["sql"]

/** Whoever owns the database can take its guards away, and then write what they like. */
export const attack = (vault: AttackedVault, change: (sql: Sql) => Effect.Effect<unknown, unknown>) =>
  onDatabase(vault, ({ sql, dialect }) =>
    Effect.gen(function* () {
      const guards = yield* sql.unsafe<{ guard: string }>(
        dialect === "sqlite"
          ? "SELECT name AS guard FROM sqlite_schema WHERE type = 'trigger'"
          : "SELECT tgname || ' ON ' || tgrelid::regclass AS guard FROM pg_trigger WHERE NOT tgisinternal"
      )
      for (const { guard } of guards) yield* sql.unsafe(`DROP TRIGGER ${guard}`)
      yield* change(sql)
    })
  )

/** The rows of tables as they are now, to be put back later. */
export const copyOf = (vault: AttackedVault, tables: ReadonlyArray<string>) =>
  onDatabase(vault, ({ sql }) =>
    Effect.forEach(tables, (table) =>
      Effect.map(sql<Record<string, unknown>>`SELECT * FROM ${sql(table)}`, (rows) => ({ table, rows }))
    )
  )

export const putBack = (sql: Sql, copies: Effect.Success<ReturnType<typeof copyOf>>) =>
  Effect.gen(function* () {
    for (const { table } of copies.toReversed()) yield* sql`DELETE FROM ${sql(table)}`
    for (const { table, rows } of copies) {
      for (const row of rows) yield* sql`INSERT INTO ${sql(table)} ${sql.insert(row)}`
    }
  })

export const loseJournal = ({ folder }: AttackedVault): void => {
  const journal = join(folder, "erasures")
  if (!existsSync(journal)) throw new Error("there is no journal to lose")
  rmSync(journal)
}
