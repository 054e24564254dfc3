// Aliases in the database: written with the entry that needs them, opened for who may read, erased with the key of whom they stand for.
import { createHash } from "node:crypto"
import { Array as Arr, Effect, Option, Schema, Stream } from "effect"
import type { Database } from "../database/database.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import type { OrganisationId } from "../ids.ts"
import { type AliasOpening, aliasesIn, isOpening, openedEntry } from "../verifier/alias.ts"
import type { NewAlias } from "./aliasing.ts"
import type { AuditEntry } from "./event.ts"

type Sql = SqlClient.SqlClient

/** Keeps a statement well below the 32,766 parameters that SQLite takes. */
const ALIASES_A_STATEMENT_MAX = 500

/** In the transaction of their entries. What stands for somebody who was erased is not written: nobody can open it. */
export const insertAliases = Effect.fnUntraced(function* (
  database: Database["Service"],
  aliases: ReadonlyArray<NewAlias>
) {
  const { sql } = database
  for (const { alias, org, subject, day, salt, text } of aliases) {
    const digests = digestsOf([text, subject])
    yield* lockNames(database, digests, "shared")
    yield* sql`INSERT INTO core_audit_aliases (alias, org, subject, day, salt, text)
      SELECT ${alias}, ${org}, ${subject}, ${day}, ${salt}, ${text} WHERE NOT EXISTS
        (SELECT 1 FROM core_audit_erased WHERE org = ${org} AND ${sql.in("digest", digests)})
      ON CONFLICT (alias) DO NOTHING`
  }
}, orStorageFailure)

/** Who is to be forgotten: all ids that stand for one data subject. */
export interface ErasedSubject {
  readonly organisation: OrganisationId
  readonly ids: ReadonlyArray<string>
}

/** In a transaction. Nobody can say any more what the aliases of these ids stood for, and what is written from now on cannot be opened either. */
export const eraseAliases = Effect.fnUntraced(function* (
  database: Database["Service"],
  { organisation: org, ids }: ErasedSubject
) {
  const { sql } = database
  const digests = digestsOf(ids)
  // Waits for entries that are being written about them.
  yield* lockNames(database, digests, "exclusive")
  let erased = 0
  for (const digest of digests) {
    yield* sql`INSERT INTO core_audit_erased ${sql.insert({ org, digest })} ON CONFLICT (org, digest) DO NOTHING`
  }
  for (const some of Arr.chunksOf(ids, ALIASES_A_STATEMENT_MAX)) {
    const gone = yield* sql`DELETE FROM core_audit_aliases
      WHERE org = ${org} AND (${sql.in("text", some)} OR ${sql.in("subject", some)}) RETURNING alias`
    erased += gone.length
  }
  return erased
}, orStorageFailure)

const digestsOf = (ids: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(ids)]
    .filter((id) => id !== "")
    .map((id) => createHash("sha256").update(id, "utf8").digest("hex"))
    .sort()

/** SQLite's writers take turns anyway. */
const lockNames = Effect.fnUntraced(function* (
  { sql, dialect }: Database["Service"],
  digests: ReadonlyArray<string>,
  mode: "shared" | "exclusive"
) {
  if (dialect === "sqlite") return
  const lock = sql.literal(mode === "shared" ? "pg_advisory_xact_lock_shared" : "pg_advisory_xact_lock")
  for (const digest of digests) yield* sql`SELECT ${lock}(('x' || ${digest.slice(0, 16)})::bit(64)::bigint)`
})

const ALIASES_A_PAGE = 1_000

/** All openings of an organisation, in the order of their aliases. */
export const streamAliases = (sql: Sql, organisation: OrganisationId): Stream.Stream<AliasOpening> =>
  Stream.paginate("", (after: string) =>
    Effect.gen(function* () {
      const rows = yield* sql`SELECT org, alias, salt, text FROM core_audit_aliases
        WHERE org = ${organisation} AND alias > ${after} ORDER BY alias LIMIT ${ALIASES_A_PAGE}`
      const openings = yield* Effect.orDie(decodeOpenings(rows))
      const last = openings.length < ALIASES_A_PAGE ? undefined : openings.at(-1)
      return [openings, Option.fromNullishOr(last?.alias)] as const
    }).pipe(orStorageFailure)
  )

const OpeningRow = Schema.Struct({
  org: Schema.String,
  alias: Schema.String,
  salt: Schema.String,
  text: Schema.String
})
const decodeOpenings = Schema.decodeUnknownEffect(Schema.Array(OpeningRow))

/** What these entries' aliases stand for, by organisation. A row that does not fit its alias opens nothing: `verify` tells. */
export const openAliases = Effect.fnUntraced(function* (sql: Sql, texts: ReadonlyArray<string>) {
  const aliases = [...new Set(texts.flatMap(aliasesIn))]
  const opened = new Map<string, Map<string, string>>()
  for (const some of Arr.chunksOf(aliases, ALIASES_A_STATEMENT_MAX)) {
    const rows = yield* sql`SELECT org, alias, salt, text FROM core_audit_aliases WHERE ${sql.in("alias", some)}`
    for (const row of (yield* Effect.orDie(decodeOpenings(rows))).filter(isOpening)) {
      const ofOrganisation = opened.get(row.org) ?? new Map<string, string>()
      opened.set(row.org, ofOrganisation.set(row.alias, row.text))
    }
  }
  return (organisation: string): ReadonlyMap<string, string> => opened.get(organisation) ?? NOTHING
}, orStorageFailure)

const NOTHING: ReadonlyMap<string, string> = new Map()

/** An entry with what its aliases stand for, and its bytes in the log where those say something else. */
export const openEntry = (entry: AuditEntry, json: string, opened: ReadonlyMap<string, string>) =>
  aliasesIn(json).some((alias) => opened.has(alias)) ? { entry: openedEntry(entry, opened), leaf: json } : { entry }
