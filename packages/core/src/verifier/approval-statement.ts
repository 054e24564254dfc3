// What an approver signs. Format and vectors: docs/spec/signed-approval.md.
import { hash } from "node:crypto"

/** The namespace of SSH signatures over statements. */
export const APPROVAL_NAMESPACE = "fluxcybers-approval"

/** What the signature is good for: this one execution, once. */
export const EXECUTION_SCOPE = "execution"

/** Who says what about which plan, where, and until when. */
export interface ApprovalStatement {
  /** SHA-256 (hex) of the plan. */
  readonly digest: string
  readonly execution: string
  /** ISO instant: a decision after it is none. */
  readonly expires: string
  readonly organisation: string
  readonly person: string
  readonly scope: string
  readonly verdict: "approve" | "reject"
}

/** Says what is signed, so that no other document can be made to be a statement. */
const PREFIX = "fluxcybers-approval-v1\n"

/** The bytes that are signed. Every member is ASCII, so that this is RFC 8785 JSON. */
export const statementBytes = (statement: ApprovalStatement): Buffer => {
  const { digest, execution, expires, organisation, person, scope, verdict } = statement
  return Buffer.from(PREFIX + JSON.stringify({ digest, execution, expires, organisation, person, scope, verdict }))
}

/** What a passkey signs: SHA-256 of those bytes, as the assertion's challenge. */
export const statementChallenge = (statement: ApprovalStatement): Buffer =>
  hash("sha256", statementBytes(statement), "buffer")
