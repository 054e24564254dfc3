// The signatures of decisions, checked along the log with the keys that were registered when they were made: docs/spec/signed-approval.md §5.
import { aliasesIn } from "./alias.ts"
import { APPROVAL_NAMESPACE, type ApprovalStatement, statementBytes, statementChallenge } from "./approval-statement.ts"
import { assertionFault } from "./passkey-assertion.ts"
import { isSshSigned } from "./ssh-signature.ts"
import { Malformed } from "./ssh-wire.ts"

/** The members of an entry that this needs. */
export interface SignedEntry {
  readonly time?: unknown
  readonly org?: unknown
  readonly actor?: unknown
  readonly action?: unknown
  readonly object?: unknown
  readonly facts?: Readonly<Record<string, unknown>>
}

interface Registered {
  readonly organisation: unknown
  readonly person: unknown
  readonly kind: unknown
  readonly publicKey: Buffer
  readonly rpId: string
  readonly origin: string
  isRevoked: boolean
}

/** What the entries speak of; the others need not be read. */
export const SIGNATURE_ACTIONS: ReadonlyArray<unknown> = [
  "approval-key.added",
  "approval-key.revoked",
  "execution.approved",
  "execution.rejected",
  "subject.shredded"
]

const CLOSED_MAX = 1_000
const CLOSED = "the decision is signed, and who made it cannot be told, though nobody was erased since"

/** Give it every entry of `SIGNATURE_ACTIONS`, in order, with what its aliases stand for. */
export class ApprovalSignatures {
  readonly #keys = new Map<unknown, Registered>()
  /** Signed decisions with aliases that could not be opened, since the last erasure; 1,000 at most. */
  #closed: Array<number> = []
  /** Signed decisions that were not checked: whose they are was erased, or never told to whoever verifies. */
  unchecked = 0

  /** What is wrong with the entry's signature. A key of before the entries that were purged cannot be checked any more. */
  fault(index: number, entry: SignedEntry, isPurged: boolean): string | undefined {
    const facts = entry.facts ?? {}
    if (entry.action === "subject.shredded") this.#closed = []
    else if (entry.action === "approval-key.added") this.#keys.set(entry.object, registered(entry, facts))
    else if (entry.action === "approval-key.revoked") this.#revoke(entry.object)
    else return this.#decisionFault(index, entry, { facts, isPurged })
    return undefined
  }

  /** To whoever was given all that was not erased: what he could not open although nothing was erased since. */
  get closedFaults(): ReadonlyArray<readonly [index: number, detail: string]> {
    return this.#closed.map((index) => [index, CLOSED])
  }

  #revoke(id: unknown): void {
    const key = this.#keys.get(id)
    if (key !== undefined) key.isRevoked = true
  }

  #decisionFault(
    index: number,
    entry: SignedEntry,
    { facts, isPurged }: { readonly facts: Readonly<Record<string, unknown>>; readonly isPurged: boolean }
  ): string | undefined {
    const required = entry.action === "execution.approved" ? facts["signatureRequired"] : undefined
    if (facts["signed"] === undefined) {
      return required === undefined ? undefined : "the decision is not signed, though its rule demands that"
    }
    if (required === "passkey" && facts["signed"] !== "passkey")
      return "the decision is not signed with a passkey, though its rule demands that"
    if (isClosed(entry)) {
      this.unchecked++
      if (this.#closed.length < CLOSED_MAX) this.#closed.push(index)
      return undefined
    }
    const key = this.#keys.get(facts["signatureKey"])
    if (key === undefined)
      return isPurged ? undefined : "the decision is signed with a key that was not registered before"
    if (key.isRevoked) return "the decision is signed with a key that was revoked before"
    const isTheirs = key.organisation === entry.org && key.person === entry.actor && key.kind === facts["signed"]
    if (!isTheirs) return "the decision is signed with somebody else's key"
    return signatureFault(statementOf(entry, facts), key, facts)
  }
}

/** An alias stands where the person, their key or the signature should. */
const isClosed = ({ actor, facts = {} }: SignedEntry): boolean =>
  [actor, ...Object.values(facts)].some((value) => typeof value === "string" && aliasesIn(value).length > 0)

const text = (value: unknown): string => (typeof value === "string" ? value : "")
const bytes = (value: unknown): Buffer => Buffer.from(text(value), "base64")

const registered = (entry: SignedEntry, facts: Readonly<Record<string, unknown>>): Registered => ({
  organisation: entry.org,
  person: entry.actor,
  kind: facts["kind"],
  publicKey: bytes(facts["publicKey"]),
  rpId: text(facts["rpId"]),
  origin: text(facts["origin"]),
  isRevoked: false
})

const statementOf = (
  entry: SignedEntry,
  facts: Readonly<Record<string, unknown>>
): ApprovalStatement & { readonly time: string } => ({
  digest: text(facts["digest"]),
  execution: text(entry.object),
  expires: text(facts["signatureExpires"]),
  organisation: text(entry.org),
  person: text(entry.actor),
  scope: text(facts["signatureScope"]),
  verdict: entry.action === "execution.approved" ? "approve" : "reject",
  time: text(entry.time)
})

const signatureFault = (
  statement: ApprovalStatement & { readonly time: string },
  key: Registered,
  facts: Readonly<Record<string, unknown>>
): string | undefined => {
  if (statement.time > statement.expires) return "the decision was made after its signature had expired"
  if (key.kind === "ssh-key") return isSshKeys(statement, key, facts) ? undefined : "the signature is not the key's"
  const assertion = {
    authenticatorData: bytes(facts["authenticatorData"]),
    clientDataJson: bytes(facts["clientDataJson"]),
    signature: bytes(facts["signature"])
  }
  const fault = assertionFault(key, assertion, statementChallenge(statement))
  return fault === undefined ? undefined : `the passkey's answer does not fit: ${fault}`
}

const isSshKeys = (
  statement: ApprovalStatement,
  { publicKey }: Registered,
  facts: Readonly<Record<string, unknown>>
) => {
  const digest = facts["signatureDigest"] === "sha256" ? "sha256" : "sha512"
  const signature = { publicKey, namespace: APPROVAL_NAMESPACE, digest, signature: bytes(facts["signature"]) } as const
  try {
    return isSshSigned(statementBytes(statement), signature)
  } catch (error) {
    if (error instanceof Malformed) return false
    throw error
  }
}
