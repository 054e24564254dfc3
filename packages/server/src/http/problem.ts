// The one table that turns what went wrong into the problem that the caller reads: status, stable code, and the error's own words.
import type { AuditEntryNotFound, CheckpointTimeout, Forbidden } from "@fluxcybers/core"
import type {
  BoundedGrantRefused,
  DecisionRefused,
  ExecutionNotFound,
  FileUnavailable,
  KnownHostsRefused,
  ProposalRefused,
  ReviewRefused,
  RulesRefused,
  RunbookRefused,
  RunError,
  ScheduleRefused,
  SettlementRefused,
  TargetError,
  TargetUnreachable,
  TranscriptPurged
} from "@fluxcybers/executor"
import type { KeyUnavailable, RootKeyFailed, RotationRefused, SecretError } from "@fluxcybers/vault"
import { Effect } from "effect"
import type * as Api from "../api/problem.ts"
import type { ApprovalKeyError } from "../data/approval-keys.ts"
import type { TokenRefused } from "../data/callers.ts"
import type { IdempotencyRefused } from "../data/idempotency.ts"
import type { MemberError } from "../data/members.ts"
import type { ClaimRefused } from "../data/owner-link.ts"
import type { TokenError } from "../data/token-policy.ts"
import type { EgressRefused } from "../egress/egress.ts"
import type { SubscriptionError } from "../notify/subscription.ts"
import type { NoDeadMessage } from "../outbox/outbox.ts"
import { problem, type Status } from "./problem-class.ts"
import { SETTLEMENT_PROBLEM } from "./settlement-problem.ts"

export { problem } from "./problem-class.ts"

export type DomainError =
  | ApprovalKeyError
  | AuditEntryNotFound
  | BoundedGrantRefused
  | CheckpointTimeout
  | ClaimRefused
  | DecisionRefused
  | EgressRefused
  | ExecutionNotFound
  | FileUnavailable
  | Forbidden
  | IdempotencyRefused
  | KeyUnavailable
  | KnownHostsRefused
  | MemberError
  | NoDeadMessage
  | ProposalRefused
  | RootKeyFailed
  | ReviewRefused
  | SettlementRefused
  | RotationRefused
  | RulesRefused
  | RunbookRefused
  | ScheduleRefused
  | RunError
  | SecretError
  | SubscriptionError
  | TargetError
  | TargetUnreachable
  | TokenError
  | TokenRefused
  | TranscriptPurged

type Row<E> = E extends { readonly reason: infer Reason extends string }
  ? { readonly code: string; readonly statuses: Readonly<Record<Reason, Status>> }
  : { readonly code: string; readonly status: Status }

/** The problem of an expected failure. */
export const problemOf = (error: DomainError): Api.Problem => {
  const row: { code: string; status?: Status; statuses?: Readonly<Record<string, Status>> } = TABLE[error._tag]
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : ""
  const code = reason === "" ? row.code : `${row.code}-${reason}`
  return problem(row.status ?? row.statuses![reason]!, code, error.message)
}

/** Turns the expected failures of a service into their problems. */
export const asProblem = <A, E extends DomainError, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.mapError(effect, problemOf)

const TABLE: { readonly [Tag in DomainError["_tag"]]: Row<Extract<DomainError, { readonly _tag: Tag }>> } = {
  ApprovalKeyError: {
    code: "approval-key",
    statuses: { unknown: 404, exists: 409, invalid: 422, "not-a-person": 403, "passkey-refused": 422 }
  },
  AuditEntryNotFound: { code: "audit-entry-unknown", status: 404 },
  BoundedGrantRefused: {
    code: "bounded-grant",
    statuses: {
      invalid: 422,
      "refused-by-rule": 403,
      signature: 403,
      unknown: 404,
      "not-a-person": 403,
      role: 403,
      "not-pending": 409,
      digest: 409,
      ended: 409
    }
  },
  CheckpointTimeout: { code: "checkpoint-timeout", status: 503 },
  ClaimRefused: { code: "owner-link", statuses: { unknown: 403, expired: 403, used: 403 } },
  DecisionRefused: {
    code: "decision",
    statuses: {
      "not-a-person": 403,
      "not-a-member": 403,
      role: 403,
      "own-proposal": 403,
      "requester-must-confirm": 403,
      "already-decided": 409,
      "not-pending": 409,
      "reason-too-long": 422,
      "signature-invalid": 422,
      "key-unknown": 403,
      "signature-required": 403,
      "passkey-required": 403,
      digest: 409,
      expired: 409
    }
  },
  EgressRefused: {
    code: "address",
    statuses: { "invalid-url": 422, credentials: 422, "not-https": 422, "forbidden-address": 422 }
  },
  ExecutionNotFound: { code: "execution-unknown", status: 404 },
  FileUnavailable: {
    code: "file",
    statuses: { "no-download": 404, "no-upload": 404, "which-run": 422, "unknown-run": 404, "not-fetched": 409 }
  },
  Forbidden: { code: "forbidden", statuses: { role: 403, scope: 403, "person-only": 403 } },
  IdempotencyRefused: { code: "idempotency-key", statuses: { reused: 409 } },
  KeyUnavailable: { code: "key", statuses: { unknown: 404, destroyed: 409, altered: 409 } },
  MemberError: { code: "member", statuses: { unknown: 404, "last-owner": 409, "owner-only": 403, "no-roles": 422 } },
  NoDeadMessage: { code: "message-unknown", status: 404 },
  ProposalRefused: {
    code: "proposal",
    statuses: {
      "unknown-executor": 422,
      "invalid-input": 422,
      "unknown-target": 422,
      "unknown-secret": 422,
      limit: 422,
      "refused-by-rule": 403,
      "missing-reason": 422,
      "missing-ticket": 422,
      "break-glass": 403,
      "review-overdue": 409
    }
  },
  RootKeyFailed: {
    code: "root-key",
    statuses: { "other-root-key": 409, altered: 409, unavailable: 503, denied: 503, unusable: 503 }
  },
  RotationRefused: {
    code: "rotation",
    statuses: {
      running: 409,
      "no-key": 409,
      changed: 409,
      "last-version": 409,
      "unknown-key": 404,
      current: 409,
      "in-use": 409,
      "too-soon": 409
    }
  },
  ReviewRefused: {
    code: "review",
    statuses: { none: 404, "not-a-person": 403, role: 403, own: 403, running: 409, closed: 409, conclusion: 422 }
  },
  RulesRefused: {
    code: "rules",
    statuses: {
      invalid: 422,
      examples: 422,
      "too-large": 413,
      changed: 409,
      "not-a-person": 403,
      "unknown-version": 404
    }
  },
  RunbookRefused: {
    code: "runbook",
    statuses: {
      invalid: 422,
      unknown: 404,
      "unknown-version": 404,
      "unknown-executor": 422,
      changed: 409,
      "not-a-person": 403,
      parameters: 422
    }
  },
  ScheduleRefused: {
    code: "schedule",
    statuses: { invalid: 422, unknown: 404, exists: 409, "not-a-person": 403, grant: 422, state: 409 }
  },
  KnownHostsRefused: { code: "known-hosts", statuses: { invalid: 422, revoked: 409, limit: 413 } },
  RunError: { code: "target-not-usable", status: 422 },
  SecretError: {
    code: "secret",
    statuses: {
      exists: 409,
      unknown: 404,
      destroyed: 409,
      expired: 409,
      "version-unknown": 404,
      "too-large": 413,
      empty: 422,
      "invalid-name": 422,
      "invalid-purpose": 422,
      "invalid-expiry": 422,
      "too-many": 409,
      "cannot-open": 409,
      "rolled-back": 409
    }
  },
  SubscriptionError: {
    code: "subscription",
    statuses: {
      unknown: 404,
      "administrators-only": 403,
      "too-many": 409,
      "invalid-address": 422,
      "no-secret": 422,
      "not-a-person": 403
    }
  },
  SettlementRefused: SETTLEMENT_PROBLEM,
  TargetError: { code: "target", statuses: { unknown: 404, exists: 409, invalid: 422, "in-use": 409 } },
  TargetUnreachable: { code: "target-unreachable", status: 422 },
  TokenError: {
    code: "token",
    statuses: {
      unknown: 404,
      "no-scopes": 422,
      "wider-than-own": 403,
      "program-scope": 422,
      "administrators-only": 403
    }
  },
  TranscriptPurged: { code: "transcript-purged", status: 410 },
  TokenRefused: { code: "token", statuses: { missing: 401, malformed: 401, unknown: 401, revoked: 401, expired: 401 } }
}
