// The tables beside the log: how far it was purged, what is held back from that, and the secrets of sealed slots.
import { Schema } from "effect"
import { BytesColumn, IntegerColumn } from "../database/column.ts"
import type { ColumnTypes, Migration } from "../database/migrate.ts"
import { column, declareTable, type TableDeclaration, technicalColumn } from "../inventory.ts"

const APPEND_ONLY = "the audit log is append-only"

/** What a purge needs before it deletes: its entry, under a checkpoint, behind everything that goes. */
const LOGGED = `EXISTS (SELECT 1 FROM core_audit_entries WHERE id = NEW.entry AND action = 'audit-log.purged'
    AND leaf_index >= NEW.end_index AND leaf_index < (SELECT max(size) FROM core_audit_checkpoints))`
const PURGED = "EXISTS (SELECT 1 FROM core_audit_purges WHERE end_index > OLD.leaf_index)"

const SQLITE_GUARDS = [
  "DROP TRIGGER core_audit_entries_delete",
  `CREATE TRIGGER core_audit_entries_delete BEFORE DELETE ON core_audit_entries WHEN NOT (${PURGED})
    BEGIN SELECT RAISE(ABORT, '${APPEND_ONLY}'); END`,
  `CREATE TRIGGER core_audit_purges_insert BEFORE INSERT ON core_audit_purges WHEN NOT (${LOGGED})
    BEGIN SELECT RAISE(ABORT, 'a purge is logged before it happens'); END`,
  ...["UPDATE", "DELETE"].map(
    (event) => `CREATE TRIGGER core_audit_purges_${event.toLowerCase()} BEFORE ${event} ON core_audit_purges
    BEGIN SELECT RAISE(ABORT, '${APPEND_ONLY}'); END`
  )
]

const postgresGuard = (name: string, { unless, reason }: { readonly unless: string; readonly reason: string }) =>
  `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT (${unless}) THEN RAISE EXCEPTION '${reason}' USING ERRCODE = 'restrict_violation'; END IF;
    RETURN coalesce(NEW, OLD); END $$`

const POSTGRES_GUARDS = [
  "DROP TRIGGER core_audit_entries_fixed ON core_audit_entries",
  `CREATE TRIGGER core_audit_entries_fixed BEFORE UPDATE OR TRUNCATE ON core_audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()`,
  postgresGuard("core_audit_purged", { unless: PURGED, reason: APPEND_ONLY }),
  `CREATE TRIGGER core_audit_entries_kept BEFORE DELETE ON core_audit_entries
    FOR EACH ROW EXECUTE FUNCTION core_audit_purged()`,
  postgresGuard("core_audit_purge_logged", { unless: LOGGED, reason: "a purge is logged before it happens" }),
  `CREATE TRIGGER core_audit_purges_logged BEFORE INSERT ON core_audit_purges
    FOR EACH ROW EXECUTE FUNCTION core_audit_purge_logged()`,
  `CREATE TRIGGER core_audit_purges_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON core_audit_purges
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()`
]

const statements = ({ dialect, bytes, integer }: ColumnTypes): ReadonlyArray<string> => [
  `CREATE TABLE core_audit_purges (entry TEXT PRIMARY KEY, end_index ${integer} NOT NULL)`,
  `CREATE TABLE core_audit_holds (id TEXT PRIMARY KEY, org TEXT NOT NULL, object TEXT, ground TEXT NOT NULL,
    until TEXT, created_at TEXT NOT NULL)`,
  `CREATE TABLE core_audit_subjects (org TEXT NOT NULL, subject TEXT NOT NULL, secret ${bytes} NOT NULL,
    PRIMARY KEY (org, subject))`,
  ...(dialect === "sqlite" ? SQLITE_GUARDS : POSTGRES_GUARDS)
]

export const retentionMigration: Migration = { version: 3, name: "audit log: retention and sealed slots", statements }

/** A hold ends in the log before it ends here: the entry of its release is written by the same transaction. */
const RELEASED = `EXISTS (SELECT 1 FROM core_audit_pending WHERE object = OLD.id AND action = 'audit-hold.released')
    OR EXISTS (SELECT 1 FROM core_audit_entries WHERE object = OLD.id AND action = 'audit-hold.released')`

const BESIDE_SQLITE = [
  `CREATE TRIGGER core_audit_holds_update BEFORE UPDATE ON core_audit_holds
    BEGIN SELECT RAISE(ABORT, 'a hold stays as it was placed'); END`,
  `CREATE TRIGGER core_audit_holds_delete BEFORE DELETE ON core_audit_holds WHEN NOT (${RELEASED})
    BEGIN SELECT RAISE(ABORT, 'the release of a hold is logged before it happens'); END`,
  `CREATE TRIGGER core_audit_subjects_update BEFORE UPDATE OF org, subject ON core_audit_subjects
    BEGIN SELECT RAISE(ABORT, '${APPEND_ONLY}'); END`,
  `CREATE TRIGGER core_audit_subjects_delete BEFORE DELETE ON core_audit_subjects
    BEGIN SELECT RAISE(ABORT, '${APPEND_ONLY}'); END`
]

const BESIDE_POSTGRES = [
  postgresGuard("core_audit_hold_released", {
    unless: RELEASED,
    reason: "the release of a hold is logged before it happens"
  }),
  `CREATE TRIGGER core_audit_holds_released BEFORE DELETE ON core_audit_holds
    FOR EACH ROW EXECUTE FUNCTION core_audit_hold_released()`,
  `CREATE TRIGGER core_audit_holds_fixed BEFORE UPDATE OR TRUNCATE ON core_audit_holds
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()`,
  `CREATE TRIGGER core_audit_subjects_named BEFORE UPDATE OF org, subject ON core_audit_subjects
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()`,
  `CREATE TRIGGER core_audit_subjects_fixed BEFORE DELETE OR TRUNCATE ON core_audit_subjects
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()`
]

/** The guards of what stands beside the log: a secret of slots is sealed anew by rotations, and otherwise stays; a release is logged. */
export const besideMigration: Migration = {
  version: 5,
  name: "guards of holds and slot secrets",
  statements: ({ dialect }) => (dialect === "sqlite" ? BESIDE_SQLITE : BESIDE_POSTGRES)
}

export const retentionTables: ReadonlyArray<TableDeclaration> = [
  declareTable(
    "core_audit_purges",
    Schema.Struct({ entry: technicalColumn(Schema.String), end_index: technicalColumn(IntegerColumn) })
  ),
  declareTable(
    "core_audit_holds",
    Schema.Struct({
      id: technicalColumn(Schema.String),
      org: technicalColumn(Schema.String),
      object: technicalColumn(Schema.NullOr(Schema.String)),
      ground: technicalColumn(Schema.String),
      until: technicalColumn(Schema.NullOr(Schema.String)),
      created_at: technicalColumn(Schema.String)
    })
  ),
  declareTable(
    "core_audit_subjects",
    Schema.Struct({
      org: technicalColumn(Schema.String),
      subject: column(Schema.String, {
        category: "history",
        protection: "pseudonymous",
        purposes: ["service-delivery", "security-monitoring"],
        basis: "legitimate-interest",
        retention: "log",
        subject: "subject"
      }),
      secret: column(BytesColumn, {
        category: "history",
        protection: "sealed",
        purposes: ["service-delivery", "security-monitoring"],
        basis: "legitimate-interest",
        retention: "log",
        subject: "subject"
      })
    })
  )
]
