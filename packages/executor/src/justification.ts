// Why somebody proposes something: their reason, and the ticket that it belongs to.
import { Schema } from "effect"
import { fits } from "./rules/wildcard.ts"
import type { Requirement } from "./rules.ts"

const PROPOSAL_REASON_LENGTH_MAX = 1_000
const TICKET_LENGTH_MAX = 100

/** As it is given with a proposal and stored, sealed. */
export const Justification = Schema.Struct({
  reason: Schema.optionalKey(Schema.String),
  ticket: Schema.optionalKey(Schema.String)
})
export type Justification = typeof Justification.Type

/** What is wrong with it, whatever the rules say. */
export const invalidJustification = ({ reason = "", ticket = "" }: Justification): string | undefined => {
  if (reason.length > PROPOSAL_REASON_LENGTH_MAX) {
    return `The reason has more than ${PROPOSAL_REASON_LENGTH_MAX} characters.`
  }
  return /^[\x21-\x7e]*$/.test(ticket) && ticket.length <= TICKET_LENGTH_MAX
    ? undefined
    : `A ticket has at most ${TICKET_LENGTH_MAX} letters, digits and signs, without blanks.`
}

/** What the requirement wants of it that is not there. */
export const missingJustification = (
  requirement: Requirement,
  { reason = "", ticket = "" }: Justification
): "missing-reason" | "missing-ticket" | undefined => {
  if (requirement._tag !== "People") return undefined
  if (requirement.reason === "required" && reason.trim() === "") return "missing-reason"
  const isTicket = requirement.ticket?.some((pattern) => fits(pattern, ticket)) ?? true
  return isTicket ? undefined : "missing-ticket"
}
