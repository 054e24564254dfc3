// Who may decide on an execution, and when it is decided. Pure. Only people appear here: an agent or a service has no `PersonId`
// to decide with.
import { type Actor, type PersonId, personBehind, type Role } from "@fluxcybers/core"
import type { Decision } from "./execution.ts"
import { isComplete } from "./rules/quorum.ts"
import type { Requirement } from "./rules.ts"

/** One person's say, and everything that decides whether it counts. */
export interface Ballot {
  readonly requirement: Requirement
  readonly requester: Actor
  readonly decisions: ReadonlyArray<Decision>
  readonly person: PersonId
  /** The person's roles; `undefined` when they do not belong to the organisation. */
  readonly roles: ReadonlyArray<Role> | undefined
  readonly verdict: Decision["verdict"]
  /** How it was signed, and proven to be; absent when it was not. */
  readonly signed?: Decision["signed"]
}

/** Why a person's say does not count. */
export type BallotRefusal =
  | "not-a-member"
  | "not-pending"
  | "role"
  | "own-proposal"
  | "requester-must-confirm"
  | "already-decided"
  | "signature-required"
  | "passkey-required"

/** Why this person cannot decide so; `undefined` when they can. */
export const ballotRefusal = ({ requirement, ...ballot }: Ballot): BallotRefusal | undefined => {
  if (ballot.roles === undefined) return "not-a-member"
  if (requirement._tag !== "People") return "not-pending"
  const allowed = requirement.groups.flatMap(({ roles }) => roles)
  if (!ballot.roles.some((role) => allowed.includes(role))) return "role"
  if (ballot.decisions.some(({ person }) => person === ballot.person)) return "already-decided"
  const isRequester = ballot.person === personBehind(ballot.requester)
  if (requirement.requester === "must-not-decide" && isRequester) return "own-proposal"
  // Anybody with the role may stop it, signed or not; only agreeing is the requester's own.
  if (ballot.verdict === "reject") return undefined
  if (requirement.requester === "must-confirm" && peopleOf(requirement) === 1 && !isRequester) {
    return "requester-must-confirm"
  }
  return signatureRefusal(requirement, ballot.signed)
}

/** Have all agreed who must? A person counts in one group only, with the roles that they had when they decided. */
export const isApproved = (ballots: Pick<Ballot, "requirement" | "requester" | "decisions">): boolean => {
  const { requirement } = ballots
  if (requirement._tag !== "People") return requirement._tag !== "Refused"
  const requester = personBehind(ballots.requester)
  const agreed = new Map<string, Decision>(
    ballots.decisions
      .filter(({ verdict, signed }) => verdict === "approve" && signatureRefusal(requirement, signed) === undefined)
      .map((decision) => [decision.person, decision])
  )
  if (requirement.requester === "must-not-decide" && requester !== undefined) agreed.delete(requester)
  if (requirement.requester === "must-confirm" && (requester === undefined || !agreed.has(requester))) return false
  return isComplete(requirement.groups, [...agreed.values()])
}

/** How many people a requirement wants in all. */
export const peopleOf = ({ groups }: Extract<Requirement, { readonly _tag: "People" }>): number =>
  groups.reduce((sum, { count }) => sum + count, 0)

/** Did the person decide on what they proposed themselves? */
export const isSelfApproved = (requester: Actor, person: PersonId): boolean =>
  requester._tag === "Person" && requester.person === person

const signatureRefusal = (
  { signature }: Extract<Requirement, { readonly _tag: "People" }>,
  signed: Decision["signed"]
): BallotRefusal | undefined => {
  if (signature === "none") return undefined
  if (signature === "passkey") return signed === "passkey" ? undefined : "passkey-required"
  return signed === undefined ? "signature-required" : undefined
}
