// The vault's tables.
import type { Migration } from "@fluxcybers/core"

/** For `migrate("vault", vaultMigrations)`. */
export const vaultMigrations: ReadonlyArray<Migration> = [
  {
    version: 1,
    name: "keys and secrets",
    statements: ({ bytes, integer }) => [
      `CREATE TABLE vault_keys (
        id TEXT PRIMARY KEY, scope_kind TEXT NOT NULL, organisation TEXT NOT NULL, subject TEXT NOT NULL,
        version ${integer} NOT NULL, state TEXT NOT NULL, wrapped_by TEXT NOT NULL, wrapped ${bytes}, created_at TEXT NOT NULL,
        UNIQUE (scope_kind, organisation, subject, version))`,
      "CREATE INDEX vault_keys_wrapped_by ON vault_keys (wrapped_by)",
      `CREATE TABLE vault_secrets (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL, name TEXT NOT NULL, version ${integer} NOT NULL, state TEXT NOT NULL,
        created_at TEXT NOT NULL, rotated_at TEXT, destroyed_at TEXT, last_revealed_at TEXT,
        UNIQUE (organisation, name))`,
      `CREATE TABLE vault_secret_versions (
        secret_id TEXT NOT NULL REFERENCES vault_secrets (id), version ${integer} NOT NULL, sealed ${bytes} NOT NULL,
        created_at TEXT NOT NULL, expires_at TEXT,
        PRIMARY KEY (secret_id, version))`
    ]
  },
  {
    version: 2,
    name: "blind index",
    statements: () => [
      `CREATE TABLE vault_blind_index (
        organisation TEXT NOT NULL, table_name TEXT NOT NULL, column_name TEXT NOT NULL, row_id TEXT NOT NULL,
        subject TEXT NOT NULL, token TEXT NOT NULL, created_at TEXT NOT NULL,
        PRIMARY KEY (organisation, table_name, column_name, row_id))`,
      "CREATE INDEX vault_blind_index_token ON vault_blind_index (organisation, table_name, column_name, token)",
      "CREATE INDEX vault_blind_index_subject ON vault_blind_index (organisation, subject)"
    ]
  },
  {
    version: 3,
    name: "shredding",
    statements: ({ integer }) => [
      `CREATE TABLE vault_shreddings (
        id TEXT PRIMARY KEY, number ${integer} UNIQUE, organisation TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
        intended_at TEXT NOT NULL, destroyed_at TEXT, completed_at TEXT, keys ${integer} NOT NULL, key_ids TEXT NOT NULL,
        tokens ${integer} NOT NULL, receipt_entry TEXT,
        UNIQUE (organisation, subject))`,
      "CREATE INDEX vault_shreddings_state ON vault_shreddings (state)"
    ]
  },
  {
    version: 4,
    name: "rotation",
    statements: ({ integer }) => [
      `CREATE TABLE vault_rotations (
        id TEXT PRIMARY KEY, scope_kind TEXT NOT NULL, organisation TEXT NOT NULL, subject TEXT NOT NULL,
        from_key TEXT NOT NULL, to_key TEXT NOT NULL, state TEXT NOT NULL, total ${integer} NOT NULL, done ${integer} NOT NULL,
        failed ${integer} NOT NULL, started_at TEXT NOT NULL, completed_at TEXT)`,
      `CREATE UNIQUE INDEX vault_rotations_running ON vault_rotations (scope_kind, organisation, subject)
        WHERE state = 'running'`,
      // Pages of a million keys are read in the order of their ids, and counted without a look at the keys.
      "DROP INDEX vault_keys_wrapped_by",
      "CREATE INDEX vault_keys_wrapped_by ON vault_keys (wrapped_by, id) WHERE wrapped IS NOT NULL"
    ]
  }
]
