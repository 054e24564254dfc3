// What `audit list` and `audit watch` narrow to.
import { AuditOutcome } from "@fluxcybers/core"
import { Flag } from "effect/cli"

export const objectFlag = Flag.String("object").pipe(
  Flag.withMetavar("ID"),
  Flag.withDescription("Only what was done to this: an execution, target, secret, member…"),
  Flag.optional
)

export const actionFlag = Flag.String("action").pipe(
  Flag.withMetavar("ACTION"),
  Flag.withDescription("Only this action, as in execution.approved"),
  Flag.optional
)

export const actorFlag = Flag.String("actor").pipe(
  Flag.withMetavar("ACTOR"),
  Flag.withDescription("Only what this one did: person_01…, agent_01…/person_01…, token_01…, system/…"),
  Flag.optional
)

export const outcomeFlag = Flag.Literals("outcome", AuditOutcome.literals).pipe(
  Flag.withDescription("Only what went like this"),
  Flag.optional
)
