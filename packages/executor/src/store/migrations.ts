// The executor's tables.
import type { Migration } from "@fluxcybers/core"

/** For `migrate("executor", executorMigrations)`. */
export const executorMigrations: ReadonlyArray<Migration> = [
  {
    version: 1,
    name: "targets, executions, transcripts, nodes",
    statements: ({ bytes, integer }) => [
      `CREATE TABLE executor_targets (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL, port ${integer} NOT NULL,
        account TEXT NOT NULL, host_key TEXT NOT NULL, credential TEXT NOT NULL, tags TEXT NOT NULL,
        added_at TEXT NOT NULL, removed_at TEXT)`,
      `CREATE UNIQUE INDEX executor_targets_name ON executor_targets (organisation, name) WHERE removed_at IS NULL`,
      `CREATE TABLE executor_executions (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL, state TEXT NOT NULL, revision ${integer} NOT NULL,
        digest TEXT NOT NULL, requester TEXT NOT NULL, requirement TEXT NOT NULL,
        proposed_at TEXT NOT NULL, expires_at TEXT NOT NULL, grant_nonce TEXT, claimed_by TEXT, claimed_boot TEXT,
        cancel_requested_at TEXT, settled_at TEXT, detail TEXT, plan ${bytes} NOT NULL, stdin ${bytes})`,
      `CREATE INDEX executor_executions_list ON executor_executions (organisation, id)`,
      `CREATE INDEX executor_executions_open ON executor_executions (state, id)
        WHERE state IN ('pending', 'granted', 'running')`,
      `CREATE TABLE executor_decisions (
        execution TEXT NOT NULL REFERENCES executor_executions (id), person TEXT NOT NULL, verdict TEXT NOT NULL,
        is_self_approved ${integer} NOT NULL, decided_at TEXT NOT NULL, reason ${bytes}, PRIMARY KEY (execution, person))`,
      `CREATE TABLE executor_runs (
        id TEXT PRIMARY KEY, execution TEXT NOT NULL REFERENCES executor_executions (id), position ${integer} NOT NULL,
        target TEXT, target_name TEXT NOT NULL, state TEXT NOT NULL, started_at TEXT, ended_at TEXT,
        exit_code ${integer}, signal TEXT, output_bytes ${integer}, detail TEXT)`,
      `CREATE UNIQUE INDEX executor_runs_execution ON executor_runs (execution, position)`,
      `CREATE TABLE executor_transcript_chunks (
        execution TEXT NOT NULL REFERENCES executor_executions (id), sequence ${integer} NOT NULL,
        run TEXT NOT NULL REFERENCES executor_runs (id), at_ms ${integer} NOT NULL, stream TEXT NOT NULL,
        bytes ${bytes} NOT NULL, PRIMARY KEY (execution, sequence))`,
      `CREATE INDEX executor_transcript_chunks_run ON executor_transcript_chunks (run, sequence)`,
      `CREATE TABLE executor_nodes (
        node TEXT PRIMARY KEY, boot TEXT NOT NULL, started_at TEXT NOT NULL, heartbeat_at TEXT NOT NULL)`
    ]
  },
  {
    version: 2,
    name: "rules",
    statements: ({ bytes, integer }) => [
      `ALTER TABLE executor_executions ADD COLUMN subject TEXT`,
      `ALTER TABLE executor_executions ADD COLUMN rule_set TEXT`,
      `ALTER TABLE executor_executions ADD COLUMN justification ${bytes}`,
      `ALTER TABLE executor_decisions ADD COLUMN roles TEXT NOT NULL DEFAULT '[]'`,
      `CREATE TABLE executor_rule_sets (
        organisation TEXT NOT NULL, version ${integer} NOT NULL, digest TEXT NOT NULL, document TEXT NOT NULL,
        put_by TEXT NOT NULL, put_at TEXT NOT NULL, PRIMARY KEY (organisation, version))`,
      `CREATE TABLE executor_reviews (
        execution TEXT PRIMARY KEY REFERENCES executor_executions (id), organisation TEXT NOT NULL,
        opened_by TEXT NOT NULL, opened_at TEXT NOT NULL, due_at TEXT NOT NULL,
        closed_by TEXT, closed_at TEXT, conclusion ${bytes})`,
      `CREATE INDEX executor_reviews_organisation ON executor_reviews (organisation, execution)`
    ]
  },
  {
    version: 3,
    name: "signed decisions",
    statements: () => [
      `ALTER TABLE executor_decisions ADD COLUMN signed TEXT`,
      `ALTER TABLE executor_decisions ADD COLUMN signature_key TEXT`,
      // For the last approved plan of the same targets.
      `CREATE INDEX executor_executions_approved ON executor_executions (organisation, id)
        WHERE state NOT IN ('pending', 'rejected', 'expired', 'withdrawn')`
    ]
  },
  {
    version: 4,
    name: "bounded grants",
    statements: ({ bytes, integer }) => [
      `CREATE TABLE executor_bounded_grants (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL, requester TEXT NOT NULL, requester_name TEXT NOT NULL,
        state TEXT NOT NULL, digest TEXT NOT NULL, requirements TEXT NOT NULL, rule_set TEXT NOT NULL,
        uses ${integer} NOT NULL, uses_max ${integer} NOT NULL, requested_at TEXT NOT NULL, expires_at TEXT NOT NULL,
        scope ${bytes} NOT NULL)`,
      `CREATE INDEX executor_bounded_grants_requester ON executor_bounded_grants (organisation, requester_name, id)`,
      `CREATE TABLE executor_bounded_decisions (
        bounded_grant TEXT NOT NULL REFERENCES executor_bounded_grants (id), person TEXT NOT NULL, verdict TEXT NOT NULL,
        is_self_approved ${integer} NOT NULL, decided_at TEXT NOT NULL, roles TEXT NOT NULL,
        PRIMARY KEY (bounded_grant, person))`,
      `CREATE TABLE executor_bounded_cells (
        bounded_grant TEXT NOT NULL REFERENCES executor_bounded_grants (id), digest TEXT NOT NULL, execution TEXT,
        PRIMARY KEY (bounded_grant, digest))`
    ]
  },
  {
    version: 5,
    name: "jump hosts",
    statements: () => [`ALTER TABLE executor_targets ADD COLUMN jump TEXT`]
  },
  {
    version: 6,
    name: "purged transcripts",
    statements: () => [
      `CREATE TABLE executor_transcript_purges (
        execution TEXT PRIMARY KEY REFERENCES executor_executions (id), entry TEXT NOT NULL, purged_at TEXT NOT NULL)`
    ]
  },
  {
    version: 7,
    name: "fleets",
    statements: ({ integer }) => [
      `ALTER TABLE executor_runs ADD COLUMN revision ${integer} NOT NULL DEFAULT 0`,
      `ALTER TABLE executor_runs ADD COLUMN claimed_by TEXT`,
      `ALTER TABLE executor_runs ADD COLUMN claimed_boot TEXT`,
      `CREATE INDEX executor_runs_revision ON executor_runs (execution, revision)`,
      `CREATE INDEX executor_runs_open ON executor_runs (execution) WHERE state IN ('waiting', 'running')`
    ]
  },
  {
    version: 8,
    name: "revoked host keys, passphrases",
    statements: () => [
      `ALTER TABLE executor_targets ADD COLUMN revoked_keys TEXT`,
      `ALTER TABLE executor_targets ADD COLUMN passphrase TEXT`
    ]
  },
  {
    version: 9,
    name: "runbooks",
    statements: ({ bytes, integer }) => [
      `CREATE TABLE executor_runbooks (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL, name TEXT NOT NULL, version ${integer} NOT NULL,
        created_at TEXT NOT NULL, retired_at TEXT)`,
      `CREATE UNIQUE INDEX executor_runbooks_name ON executor_runbooks (organisation, name) WHERE retired_at IS NULL`,
      `CREATE TABLE executor_runbook_versions (
        runbook TEXT NOT NULL REFERENCES executor_runbooks (id), version ${integer} NOT NULL, digest TEXT NOT NULL,
        document ${bytes} NOT NULL, put_by TEXT NOT NULL, put_at TEXT NOT NULL, PRIMARY KEY (runbook, version))`,
      `ALTER TABLE executor_executions ADD COLUMN runbook TEXT`,
      // For the last approved use.
      `CREATE INDEX executor_executions_runbook ON executor_executions (runbook, id) WHERE runbook IS NOT NULL`
    ]
  },
  {
    version: 10,
    name: "recoverable runs",
    statements: ({ integer }) => [
      `ALTER TABLE executor_runs ADD COLUMN stdout_position ${integer} NOT NULL DEFAULT 0`,
      `ALTER TABLE executor_runs ADD COLUMN stderr_position ${integer} NOT NULL DEFAULT 0`
    ]
  },
  {
    version: 11,
    name: "fetched files",
    statements: ({ integer }) => [
      `ALTER TABLE executor_runs ADD COLUMN file_bytes ${integer}`,
      `ALTER TABLE executor_runs ADD COLUMN file_digest TEXT`
    ]
  },
  {
    version: 12,
    name: "schedules",
    statements: ({ bytes, integer }) => [
      `CREATE TABLE executor_schedules (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL,
        runbook TEXT NOT NULL REFERENCES executor_runbooks (id), runbook_name TEXT NOT NULL, version ${integer} NOT NULL,
        use ${bytes} NOT NULL, bounded_grant TEXT NOT NULL, timing TEXT NOT NULL, missed TEXT NOT NULL, overlap TEXT NOT NULL,
        added_at TEXT NOT NULL, next_at TEXT)`,
      `CREATE UNIQUE INDEX executor_schedules_name ON executor_schedules (organisation, name) WHERE state <> 'removed'`,
      `CREATE INDEX executor_schedules_due ON executor_schedules (next_at) WHERE state = 'active'`,
      `CREATE TABLE executor_firings (
        schedule TEXT NOT NULL REFERENCES executor_schedules (id), instant TEXT NOT NULL, fired_at TEXT NOT NULL,
        execution TEXT, why TEXT, missed ${integer} NOT NULL, PRIMARY KEY (schedule, instant))`
    ]
  }
]
