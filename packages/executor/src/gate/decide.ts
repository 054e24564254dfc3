// Deciding: one person, once, on the digest that they saw. The last agreement that is needed makes the grant.
import {
  type Actor,
  AuditLog,
  Database,
  type ExecutionId,
  type OrganisationId,
  PersonActor,
  type PersonId
} from "@fluxcybers/core"
import { Effect } from "effect"
import { Changes } from "../changes.ts"
import { type Ballot, ballotRefusal, isApproved, isSelfApproved } from "../decision.ts"
import {
  approvalStatement,
  type DecisionSignature,
  type ProvenSignature,
  proveSignature
} from "../decision-signature.ts"
import type { Decision } from "../execution.ts"
import { instant } from "../instant.ts"
import { occurred } from "../occurrences.ts"
import { Members } from "../ports.ts"
import { findVerdicts, type Header, openExecution } from "../store/execution-reads.ts"
import { insertDecision, lockExecution } from "../store/execution-writes.ts"
import { reasonPlace, sealOptional } from "../store/sealed.ts"
import { closeUnstarted, expireExecution } from "./close.ts"
import { grantExecution } from "./grant.ts"
import { headerOf } from "./look.ts"
import { type DecisionRefused, decisionRefused, REASON_LENGTH_MAX } from "./refusal.ts"
import type { GateSettings } from "./settings.ts"

/** What somebody says about a proposal. */
export interface DecisionInput {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly execution: ExecutionId
  readonly verdict: "approve" | "reject"
  /** The digest of what the person saw. */
  readonly digest: string
  /** At most 1,000 characters; kept sealed under the person's own key. */
  readonly reason?: string
  /** Over `approvalStatement`, with a key that is registered for the person. */
  readonly signature?: DecisionSignature
}

export const decide = Effect.fn("Gate.decide")(function* (input: DecisionInput, settings: GateSettings) {
  const { actor, execution: id, organisation } = input
  if (actor._tag !== "Person") return yield* decisionRefused(id, "not-a-person")
  if ((input.reason?.length ?? 0) > REASON_LENGTH_MAX) return yield* decisionRefused(id, "reason-too-long")
  yield* headerOf(organisation, id)
  const members = yield* (yield* Members).list(organisation)
  const vote = {
    ...input,
    person: actor.person,
    roles: members.find(({ person }) => person === actor.person)?.roles,
    sealedReason: yield* sealReason(input, actor.person)
  }
  const refusal = yield* (yield* Database).transaction(cast(vote, settings))
  yield* (yield* Changes).announce(id)
  if (refusal !== undefined) return yield* decisionRefused(id, refusal)
  return yield* openExecution(yield* headerOf(organisation, id))
})

interface Vote extends DecisionInput {
  readonly person: PersonId
  readonly roles: Ballot["roles"]
  readonly sealedReason: Uint8Array | null
}

/** Answers the refusal instead of failing with it: an expiry that is found here must be committed. */
const cast = Effect.fnUntraced(function* (vote: Vote, settings: GateSettings) {
  const header = (yield* lockExecution(vote.execution))!
  const now = yield* instant()
  if (header.state !== "pending") return "not-pending" satisfies DecisionRefused["reason"]
  if (header.expires_at <= now) {
    yield* expireExecution(header)
    return "expired"
  }
  if (header.digest !== vote.digest) return "digest"
  const decisions = yield* findVerdicts(header.id)
  const { requirement, requester } = header
  const proof = yield* proofOf(header, vote)
  if (typeof proof === "string") return proof
  const refusal = ballotRefusal({ ...vote, ...signedWith(proof), requirement, requester, decisions })
  if (refusal !== undefined) return refusal
  const decision: Decision = {
    person: vote.person,
    verdict: vote.verdict,
    isSelfApproved: isSelfApproved(requester, vote.person),
    decidedAt: now,
    roles: vote.roles ?? [],
    ...signedWith(proof),
    ...(proof === undefined ? {} : { signatureKey: proof.key })
  }
  yield* storeDecision(header, decision, vote.sealedReason)
  if (vote.verdict === "reject") yield* reject(header, vote.person, proof)
  else {
    yield* recordApproval(header, decision, proof)
    const isEnough = isApproved({ requirement, requester, decisions: [...decisions, decision] })
    if (isEnough) {
      yield* grantExecution(header, settings)
      yield* occurred({ organisation: header.organisation, kind: "decision.made", object: header.id })
    }
  }
  return undefined
})

/** Undefined for a decision that is not signed; a refusal for one whose signature proves nothing. */
const proofOf = (header: Header, { signature, organisation, person, verdict }: Vote) => {
  if (signature === undefined) return Effect.undefined
  const execution = { id: header.id, digest: header.digest, expiresAt: header.expires_at }
  const statement = approvalStatement({ organisation, person, verdict, execution })
  return proveSignature({ organisation, person, statement }, signature)
}

const signedWith = (proof: ProvenSignature | undefined) => (proof === undefined ? {} : { signed: proof.signed })

const personalOf = (proof: ProvenSignature | undefined) => (proof === undefined ? {} : { personal: proof.personal })

const sealReason = ({ organisation, execution, reason }: DecisionInput, person: PersonId) =>
  sealOptional(
    reasonPlace({ organisation, execution }, person),
    reason === undefined ? undefined : new TextEncoder().encode(reason)
  )

const storeDecision = (header: Header, decision: Decision, reason: Uint8Array | null) =>
  insertDecision({
    execution: header.id,
    person: decision.person,
    verdict: decision.verdict,
    is_self_approved: decision.isSelfApproved,
    decided_at: decision.decidedAt,
    reason,
    roles: decision.roles,
    signed: decision.signed ?? null,
    signature_key: decision.signatureKey ?? null
  })

const recordApproval = Effect.fnUntraced(function* (
  header: Header,
  decision: Decision,
  proof: ProvenSignature | undefined
) {
  const { requirement, digest } = header
  const required = requirement._tag === "People" && requirement.signature !== "none" ? requirement.signature : undefined
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor: new PersonActor({ person: decision.person }),
    action: "execution.approved",
    object: header.id,
    outcome: "success",
    facts: {
      digest,
      rule: requirement.rule,
      selfApproved: decision.isSelfApproved,
      ...(required === undefined ? {} : { signatureRequired: required }),
      ...proof?.facts
    },
    ...personalOf(proof)
  })
})

const reject = (header: Header, person: PersonId, proof: ProvenSignature | undefined) =>
  closeUnstarted({
    execution: header,
    to: "rejected",
    runs: "skipped",
    actor: new PersonActor({ person }),
    action: "execution.rejected",
    outcome: "success",
    facts: { rule: header.requirement.rule, ...proof?.facts },
    ...personalOf(proof),
    detail: "It was rejected. Nothing ran."
  })
