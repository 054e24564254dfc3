// The canonical JSON of an entry, written in one go. Schema and serialiser together take longer than the database does, and every
// change waits for its entry; so an entry in which nothing is unusual is checked and written here. Everything else is left to them.
import { Schema } from "effect"
import { OrganisationId } from "../ids.ts"
import { ACTION_PATTERN, AuditOutcome, FACT_LENGTH_MAX } from "./event.ts"

/** What is to become an entry. The log itself made id and time; everything else may hold anything, whatever its type says. */
export interface EntryDraft {
  readonly v: 1
  readonly id: string
  readonly time: string
  readonly org: unknown
  readonly actor: unknown
  readonly action: unknown
  readonly object: unknown
  readonly outcome: unknown
  readonly facts: unknown
  readonly sealed: unknown
}

/** The canonical JSON (RFC 8785) of a well-formed entry; `undefined` when the schema has to look at it. */
export const plainEntryJson = (draft: EntryDraft): string | undefined => {
  const { id, time, org, actor, action, object, outcome } = draft
  if (!(isOrganisation(org) && isAction(action) && isOutcome(outcome) && isText(actor) && isText(object)))
    return undefined
  const facts = membersJson(draft.facts, factJson)
  const sealed = membersJson(draft.sealed, textJson)
  if (facts === undefined || sealed === undefined) return undefined
  // RFC 8785 §3.2.3: the names in this order.
  return `{"action":"${action}","actor":${JSON.stringify(actor)},"facts":${facts},"id":"${id}","object":${JSON.stringify(object)},"org":"${org}","outcome":"${outcome}","sealed":${sealed},"time":"${time}","v":1}`
}

const isOrganisation = Schema.is(OrganisationId)
const isOutcome = Schema.is(AuditOutcome)
const isAction = (value: unknown): value is string => typeof value === "string" && ACTION_PATTERN.test(value)
const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed()

const textJson = (value: unknown): string | undefined => (isText(value) ? JSON.stringify(value) : undefined)

const factJson = (value: unknown): string | undefined => {
  if (typeof value === "string") return value.length <= FACT_LENGTH_MAX ? textJson(value) : undefined
  return typeof value === "boolean" || Number.isSafeInteger(value) ? String(value) : undefined
}

/** The canonical JSON of a plain object whose members all have one. */
const membersJson = (value: unknown, memberJson: (member: unknown) => string | undefined): string | undefined => {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return undefined
  let json = ""
  for (const name of Object.keys(value).sort()) {
    const member = memberJson((value as Readonly<Record<string, unknown>>)[name])
    if (member === undefined || !isText(name) || name === "__proto__") return undefined
    json += `${json === "" ? "" : ","}${JSON.stringify(name)}:${member}`
  }
  return `{${json}}`
}
