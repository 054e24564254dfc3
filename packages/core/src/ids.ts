// Identifiers: a prefix that says what it names, then a UUIDv7 (RFC 9562 §5.7) in Crockford base32, so that ids sort by time of
// birth and can be read aloud.
import { Clock, Effect, Schema } from "effect"
import { ALPHABET, BODY_LENGTH, IdRandom, newIdBody } from "./id-birth.ts"

/** The text of one kind of id: `<prefix>_` and 26 characters of lower-case Crockford base32. Brand it to make it a type. */
export const idText = (prefix: string) =>
  Schema.String.check(
    Schema.isPattern(new RegExp(`^${prefix}_[0-7][${ALPHABET}]{${BODY_LENGTH - 1}}$`), {
      expected: `an id like ${prefix}_${"0".repeat(BODY_LENGTH)}`
    })
  )

/** The id of an organisation: `org_…`. */
export const OrganisationId = idText("org").pipe(Schema.brand("org"))
export type OrganisationId = typeof OrganisationId.Type
/** The id of a person: `person_…`. */
export const PersonId = idText("person").pipe(Schema.brand("person"))
export type PersonId = typeof PersonId.Type
/** The id of a program that acts for a person: `agent_…`. */
export const AgentId = idText("agent").pipe(Schema.brand("agent"))
export type AgentId = typeof AgentId.Type
/** The id of a bearer token (never the token itself): `token_…`. */
export const TokenId = idText("token").pipe(Schema.brand("token"))
export type TokenId = typeof TokenId.Type
/** The id of a place where commands run: `target_…`. */
export const TargetId = idText("target").pipe(Schema.brand("target"))
export type TargetId = typeof TargetId.Type
/** The id of an execution, from its proposal on: `exec_…`. */
export const ExecutionId = idText("exec").pipe(Schema.brand("exec"))
export type ExecutionId = typeof ExecutionId.Type
/** The id of a bounded grant: `bound_…`. */
export const BoundedGrantId = idText("bound").pipe(Schema.brand("bound"))
export type BoundedGrantId = typeof BoundedGrantId.Type
/** The id of an execution's run on one target: `run_…`. */
export const RunId = idText("run").pipe(Schema.brand("run"))
export type RunId = typeof RunId.Type
/** The id of an entry of the audit log: `audit_…`. */
export const AuditEntryId = idText("audit").pipe(Schema.brand("audit"))
export type AuditEntryId = typeof AuditEntryId.Type
/** The id of a key that a person signs decisions with: `approvalkey_…`. */
export const ApprovalKeyId = idText("approvalkey").pipe(Schema.brand("approvalkey"))
export type ApprovalKeyId = typeof ApprovalKeyId.Type
/** The id of a saved plan template: `runbook_…`. */
export const RunbookId = idText("runbook").pipe(Schema.brand("runbook"))
export type RunbookId = typeof RunbookId.Type
/** The id of a schedule, which uses a runbook again and again: `schedule_…`. */
export const ScheduleId = idText("schedule").pipe(Schema.brand("schedule"))
export type ScheduleId = typeof ScheduleId.Type

export { IdRandom } from "./id-birth.ts"

/**
 * A new id of the given kind: `newId(ExecutionId, "exec")`. Time comes from the Clock, the 74 random bits from `IdRandom`. The ids
 * of one process sort in the order of their birth, also within a millisecond and while the clock steps back by up to ten seconds.
 */
export const newId = <Id extends string>(kind: IdKind<Id>, prefix: string): Effect.Effect<Id> =>
  Effect.withFiber((fiber) => {
    const timeMs = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    return Effect.succeed(kind.make(`${prefix}_${newIdBody(timeMs, fiber.getRef(IdRandom))}`))
  })

type IdKind<Id extends string> = { readonly make: (text: string) => Id }
