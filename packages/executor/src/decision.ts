// Who may decide on an execution, and when it is decided. Pure. Only people appear here: an agent or a service has no `PersonId`
// to decide with.
import { type Actor, type PersonId, personBehind, type Role } from "@fluxcybers/core"
import { type Decision } from "./execution.ts"
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
}

/** Why a person's say does not count. */
export type BallotRefusal =
  | "not-a-member"
  | "not-pending"
  | "role"
  | "own-proposal"
  | "requester-must-confirm"
  | "already-decided"

/** Why this person cannot decide so; `undefined` when they can. */
export const ballotRefusal = ({ requirement, ...ballot }: Ballot): BallotRefusal | undefined => {
  if (ballot.roles === undefined) return "not-a-member"
  if (requirement._tag !== "People") return "not-pending"
  if (!ballot.roles.some((role) => requirement.roles.includes(role))) return "role"
  if (ballot.decisions.some(({ person }) => person === ballot.person)) return "already-decided"
  const isRequester = ballot.person === personBehind(ballot.requester)
  if (requirement.requester === "must-not-decide" && isRequester) return "own-proposal"
  // Anybody with the role may stop it; only agreeing is the requester's own.
  const isOnlyRequesterMissing = requirement.count === 1 && requirement.requester === "must-confirm"
  if (ballot.verdict === "approve" && isOnlyRequesterMissing && !isRequester) return "requester-must-confirm"
  return undefined
}

/** Have all agreed who must? */
export const isApproved = (ballots: Pick<Ballot, "requirement" | "requester" | "decisions">): boolean => {
  const { requirement } = ballots
  if (requirement._tag !== "People") return requirement._tag === "Nobody"
  const requester = personBehind(ballots.requester)
  const agreed = new Set(
    ballots.decisions.filter(({ verdict }) => verdict === "approve").map(({ person }) => person as string)
  )
  if (requirement.requester === "must-not-decide" && requester !== undefined) agreed.delete(requester)
  if (requirement.requester === "must-confirm" && (requester === undefined || !agreed.has(requester))) return false
  return agreed.size >= requirement.count
}

/** Did the person decide on what they proposed themselves? */
export const isSelfApproved = (requester: Actor, person: PersonId): boolean =>
  requester._tag === "Person" && requester.person === person
