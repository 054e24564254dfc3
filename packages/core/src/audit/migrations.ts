// How the audit log stands in the database, and the triggers that keep it append-only. They guard against mistakes; whoever owns
// the database can remove them, and then `verify` tells.
import type { ColumnTypes, Migration } from "../database/migrate.ts"
import { aliasMigration } from "./alias-tables.ts"
import { besideMigration, retentionMigration } from "./retention-tables.ts"

const APPEND_ONLY = "the audit log is append-only"

/** Core's own tables. */
export const coreMigrations: ReadonlyArray<Migration> = [
  {
    version: 1,
    name: "audit log",
    statements: (types) => [...tables(types), ...(types.dialect === "sqlite" ? SQLITE_TRIGGERS : POSTGRES_TRIGGERS)]
  },
  {
    version: 2,
    name: "cosignatures of witnesses",
    statements: (types) => [
      `CREATE TABLE core_audit_cosignatures (
        size ${types.integer} NOT NULL, witness TEXT NOT NULL, time TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (size, witness))`,
      ...(types.dialect === "sqlite"
        ? ["UPDATE", "DELETE"].map((event) => sqliteTrigger({ table: "core_audit_cosignatures", event }))
        : [postgresTrigger({ table: "core_audit_cosignatures", event: "UPDATE OR DELETE OR TRUNCATE" })])
    ]
  },
  retentionMigration,
  {
    version: 4,
    name: "open actions",
    statements: (types) => [
      `CREATE TABLE core_audit_open (entry TEXT PRIMARY KEY, node TEXT NOT NULL, boot TEXT NOT NULL, beat ${types.integer} NOT NULL,
        org TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, facts TEXT NOT NULL)`
    ]
  },
  besideMigration,
  aliasMigration
]

const ENTRY = ({ bytes }: ColumnTypes) =>
  `org TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, time TEXT NOT NULL, leaf ${bytes} NOT NULL`

const tables = (types: ColumnTypes): ReadonlyArray<string> => [
  `CREATE TABLE core_audit_pending (
    seq ${types.dialect === "sqlite" ? "INTEGER" : "BIGINT GENERATED ALWAYS AS IDENTITY"} PRIMARY KEY,
    id TEXT NOT NULL, ${ENTRY(types)})`,
  `CREATE TABLE core_audit_entries (leaf_index ${types.integer} PRIMARY KEY, id TEXT NOT NULL UNIQUE, ${ENTRY(types)})`,
  "CREATE INDEX core_audit_entries_by_org ON core_audit_entries (org, id)",
  "CREATE INDEX core_audit_entries_by_object ON core_audit_entries (org, object, id)",
  "CREATE INDEX core_audit_entries_by_action ON core_audit_entries (org, action, id)",
  `CREATE TABLE core_audit_tiles (
    level ${types.integer} NOT NULL, tile_index ${types.integer} NOT NULL, hashes ${types.bytes} NOT NULL,
    PRIMARY KEY (level, tile_index))`,
  `CREATE TABLE core_audit_checkpoints (size ${types.integer} PRIMARY KEY, time TEXT NOT NULL, note TEXT NOT NULL)`
]

// A tile that is not full grows at its end; everything else stays as it is.
const GROWN = `NEW.level = OLD.level AND NEW.tile_index = OLD.tile_index AND length(NEW.hashes) > length(OLD.hashes)
    AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes`

interface Trigger {
  readonly table: string
  readonly event: string
  readonly unless?: string
}

const sqliteTrigger = ({ table, event, unless }: Trigger): string =>
  `CREATE TRIGGER ${table}_${event.toLowerCase()} BEFORE ${event} ON ${table}${unless === undefined ? "" : ` WHEN NOT (${unless})`}
    BEGIN SELECT RAISE(ABORT, '${APPEND_ONLY}'); END`

const SQLITE_TRIGGERS: ReadonlyArray<string> = [
  { table: "core_audit_entries", event: "UPDATE" },
  { table: "core_audit_entries", event: "DELETE" },
  { table: "core_audit_checkpoints", event: "UPDATE" },
  { table: "core_audit_checkpoints", event: "DELETE" },
  { table: "core_audit_tiles", event: "UPDATE", unless: GROWN },
  { table: "core_audit_tiles", event: "DELETE" },
  { table: "core_audit_pending", event: "UPDATE" },
  {
    table: "core_audit_pending",
    event: "DELETE",
    unless: "EXISTS (SELECT 1 FROM core_audit_entries WHERE id = OLD.id)"
  }
].map(sqliteTrigger)

const postgresFunction = (name: string, body: string): string =>
  `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`

const REFUSE = `RAISE EXCEPTION '${APPEND_ONLY}' USING ERRCODE = 'restrict_violation';`

const postgresTrigger = ({ table, event, unless }: Trigger): string =>
  `CREATE TRIGGER ${table}_fixed BEFORE ${event} ON ${table}
    FOR EACH ${unless === undefined ? "STATEMENT" : `ROW WHEN (NOT (${unless}))`} EXECUTE FUNCTION core_audit_refuse()`

const POSTGRES_TRIGGERS: ReadonlyArray<string> = [
  postgresFunction("core_audit_refuse", REFUSE),
  postgresTrigger({ table: "core_audit_entries", event: "UPDATE OR DELETE OR TRUNCATE" }),
  postgresTrigger({ table: "core_audit_checkpoints", event: "UPDATE OR DELETE OR TRUNCATE" }),
  postgresTrigger({ table: "core_audit_pending", event: "UPDATE OR TRUNCATE" }),
  postgresTrigger({ table: "core_audit_tiles", event: "DELETE OR TRUNCATE" }),
  postgresTrigger({ table: "core_audit_tiles", event: "UPDATE", unless: GROWN }).replace("_fixed", "_grown"),
  postgresFunction(
    "core_audit_sequenced",
    `IF EXISTS (SELECT 1 FROM removed WHERE NOT EXISTS (SELECT 1 FROM core_audit_entries WHERE id = removed.id)) THEN
      ${REFUSE} END IF; RETURN NULL;`
  ),
  `CREATE TRIGGER core_audit_pending_sequenced AFTER DELETE ON core_audit_pending
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION core_audit_sequenced()`
]
