// Every column of sealed values but the vault's own: what the rotation of keys seals anew, counts and checks. A test compares the list
// with the inventory. The row of a value's place is what the owner of the table seals it for.
import type { SealedColumn } from "@fluxcybers/vault"

export const sealedColumns: ReadonlyArray<SealedColumn> = [
  { table: "core_audit_subjects", column: "secret", key: ["org", "subject"], row: "subject" },
  { table: "executor_executions", column: "plan", key: ["id"], row: "id" },
  { table: "executor_executions", column: "stdin", key: ["id"], row: "id" },
  { table: "executor_executions", column: "justification", key: ["id"], row: "id" },
  { table: "executor_decisions", column: "reason", key: ["execution", "person"], row: "execution || '/' || person" },
  { table: "executor_reviews", column: "conclusion", key: ["execution"], row: "execution" },
  { table: "executor_bounded_grants", column: "scope", key: ["id"], row: "id" },
  {
    table: "executor_runbook_versions",
    column: "document",
    key: ["runbook", "version"],
    row: "runbook || '/' || version"
  },
  { table: "executor_schedules", column: "use", key: ["id"], row: "id" },
  {
    table: "executor_transcript_chunks",
    column: "bytes",
    key: ["execution", "sequence"],
    row: "execution || '/' || sequence"
  },
  { table: "server_members", column: "name", key: ["person"], row: "person" },
  { table: "server_approval_keys", column: "name", key: ["id"], row: "id" },
  { table: "server_tokens", column: "name", key: ["id"], row: "id" },
  { table: "server_outbox", column: "body", key: ["id"], row: "id" },
  { table: "server_subscriptions", column: "details", key: ["id"], row: "id" }
]
