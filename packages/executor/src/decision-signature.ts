// A decision's signature: how it comes in, and what is kept of it once it is proven. Format: docs/spec/signed-approval.md.
import {
  APPROVAL_NAMESPACE,
  type ApprovalKeyId,
  type ApprovalStatement,
  assertionCounter,
  assertionFault,
  EXECUTION_SCOPE,
  isSshSigned,
  Malformed,
  type OrganisationId,
  type PersonalFacts,
  type PersonId,
  parseSshSignature,
  type SshSignature,
  statementBytes,
  statementChallenge
} from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { ApprovalKeys } from "./approval-keys.ts"
import type { Decision } from "./execution.ts"

const SIGNATURE_LENGTH_MAX = 8_192
const Base64Url = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9_-]+$/, { expected: "base64url" }),
  Schema.isMaxLength(SIGNATURE_LENGTH_MAX)
)

/** Made over the statement of `approvalStatement`: a file of `ssh-keygen -Y sign`, or what a passkey answered. */
export const DecisionSignature = Schema.Union([
  Schema.TaggedStruct("SshKey", { signature: Schema.String.check(Schema.isMaxLength(SIGNATURE_LENGTH_MAX)) }),
  Schema.TaggedStruct("Passkey", {
    /** The id of the passkey. */
    credential: Base64Url,
    authenticatorData: Base64Url,
    clientDataJson: Base64Url,
    signature: Base64Url
  })
])
export type DecisionSignature = typeof DecisionSignature.Type

/** A signature that was checked with a key of the person who decides. */
export interface ProvenSignature {
  readonly signed: NonNullable<Decision["signed"]>
  readonly key: ApprovalKeyId
  /** For the audit entry: with `personal`, enough to check it again, offline. */
  readonly facts: Readonly<Record<string, string>>
  /** The signature itself: whoever knows the person's public key could tell it from others. */
  readonly personal: PersonalFacts
}

/** What somebody signs to decide on an execution: good for it alone, once, and as long as it can be decided. */
export const approvalStatement = (decision: {
  readonly organisation: OrganisationId
  readonly person: PersonId
  readonly verdict: Decision["verdict"]
  readonly execution: { readonly id: string; readonly digest: string; readonly expiresAt: string }
}): ApprovalStatement => ({
  digest: decision.execution.digest,
  execution: decision.execution.id,
  expires: decision.execution.expiresAt,
  organisation: decision.organisation,
  person: decision.person,
  scope: EXECUTION_SCOPE,
  verdict: decision.verdict
})

interface Signing {
  readonly organisation: OrganisationId
  readonly person: PersonId
  readonly statement: ApprovalStatement
}

export type SignatureRefusal = "signature-invalid" | "key-unknown"

/** Checks a signature with the person's registered keys; call it inside the transaction of the decision. */
export const proveSignature = Effect.fnUntraced(function* (signing: Signing, signature: DecisionSignature) {
  return signature._tag === "SshKey" ? yield* proveSsh(signing, signature) : yield* provePasskey(signing, signature)
})

const proveSsh = Effect.fnUntraced(function* (
  { organisation, person, statement }: Signing,
  { signature: file }: Extract<DecisionSignature, { readonly _tag: "SshKey" }>
) {
  const parsed = readSignature(file)
  if (parsed === undefined || parsed.namespace !== APPROVAL_NAMESPACE) return INVALID
  const { find } = yield* ApprovalKeys
  const key = yield* find({ organisation, person, key: { publicKey: parsed.publicKey } })
  if (key?.kind !== "ssh-key") return UNKNOWN
  if (!isSshSigned(statementBytes(statement), parsed)) return INVALID
  const facts = { ...statementFacts(statement), signatureDigest: parsed.digest }
  const signed = { signature: parsed.signature.toString("base64") }
  return proven("ssh-key", key.id, { facts, personal: { subject: person, facts: signed } })
})

const provePasskey = Effect.fnUntraced(function* (
  { organisation, person, statement }: Signing,
  answer: Extract<DecisionSignature, { readonly _tag: "Passkey" }>
) {
  const { find, count } = yield* ApprovalKeys
  const key = yield* find({ organisation, person, key: { credential: answer.credential } })
  if (key?.kind !== "passkey") return UNKNOWN
  const assertion = {
    authenticatorData: Buffer.from(answer.authenticatorData, "base64url"),
    clientDataJson: Buffer.from(answer.clientDataJson, "base64url"),
    signature: Buffer.from(answer.signature, "base64url")
  }
  const signed = Object.fromEntries(Object.entries(assertion).map(([name, bytes]) => [name, bytes.toString("base64")]))
  if (Object.values(signed).some((fact) => fact.length > FACT_LENGTH_MAX)) return INVALID
  if (assertionFault(key, assertion, statementChallenge(statement)) !== undefined) return INVALID
  if (!(yield* count(key.id, assertionCounter(assertion.authenticatorData)))) return INVALID
  return proven("passkey", key.id, { facts: statementFacts(statement), personal: { subject: person, facts: signed } })
})

/** What an entry of the log can hold in one fact. */
const FACT_LENGTH_MAX = 1_024

const INVALID: SignatureRefusal = "signature-invalid"
const UNKNOWN: SignatureRefusal = "key-unknown"

/** The rest of the statement stands in the entry anyway. */
const statementFacts = ({ expires, scope }: ApprovalStatement) => ({ signatureExpires: expires, signatureScope: scope })

const proven = (
  signed: ProvenSignature["signed"],
  key: ApprovalKeyId,
  { facts, personal }: Pick<ProvenSignature, "facts" | "personal">
): ProvenSignature => ({ signed, key, facts: { ...facts, signed, signatureKey: key }, personal })

const readSignature = (file: string): SshSignature | undefined => {
  try {
    return parseSshSignature(file)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}
