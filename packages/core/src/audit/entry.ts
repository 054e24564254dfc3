// From an event to the entry of the log, its canonical bytes, and the row it is written to.
import { Schema } from "effect"
import { type Actor, actorName, personBehind } from "../actor.ts"
import { canonicalJson } from "../canonical-json.ts"
import { ALPHABET, BODY_LENGTH, newIdBody } from "../id-birth.ts"
import { AuditEntryId } from "../ids.ts"
import type { Naming, NewAlias } from "./aliasing.ts"
import { plainEntryJson } from "./entry-json.ts"
import { AuditEntry, type AuditEvent } from "./event.ts"

/** What an entry bundle can hold: its lengths have 16 bits (C2SP tlog-tiles). */
const LEAF_BYTES_MAX = 65_535

/** An entry is longer than 65,535 bytes. It was not recorded, and neither was the change it belongs to. */
class EntryTooLarge extends Schema.TaggedError<EntryTooLarge>()("EntryTooLarge", {
  action: Schema.String,
  bytes: Schema.Int
}) {
  override get message() {
    return `The audit entry ${this.action} has ${this.bytes} bytes; ${LEAF_BYTES_MAX} are possible. Nothing was changed.`
  }
}

/** What is written for one entry: the columns that lists are made from, and the leaf. */
export type EntryRow = {
  readonly id: AuditEntryId
  readonly org: string
  readonly actor: string
  readonly action: string
  readonly object: string
  readonly time: string
  /** Canonical JSON (RFC 8785) of the entry in UTF-8. */
  readonly leaf: Uint8Array
  /** What its aliases stand for, where that is not written yet. */
  readonly aliases: ReadonlyArray<NewAlias>
}

const checkEntry = Schema.decodeUnknownSync(AuditEntry)

/** An event that is not as its type says is refused by the schema, which names the place. */
const checkedJson = (entry: unknown): string => canonicalJson(checkEntry(entry))

/** What an entry gets when it is born. */
export interface Birth {
  readonly id: AuditEntryId
  readonly time: string
}

/** Id and time of a new entry. */
export const birth = (timeMs: number, fill: (bytes: Uint8Array) => void): Birth => ({
  id: AuditEntryId.make(`audit_${newIdBody(timeMs, fill)}`, { disableChecks: true }),
  time: isoTime(timeMs)
})

let latest = { timeMs: 0, iso: "" }

/** Many entries are born in one millisecond. */
const isoTime = (timeMs: number): string => {
  if (latest.timeMs !== timeMs || latest.iso === "") latest = { timeMs, iso: new Date(timeMs).toISOString() }
  return latest.iso
}

/** The row of an event, with aliases for people. An event that is not as its type says is a defect of the program: this throws. */
export const entryRow = (event: AuditEvent, birth: Birth, naming: Naming): EntryRow => {
  const { id, time } = birth
  const { organisation: org, action, outcome } = event
  const actor = aliasedActor(event.actor, naming)
  const object = aliased(event.object, naming)
  const facts = aliasedFacts(event, naming)
  const entry = { v: 1 as const, id, time, org, actor, action, object, outcome, facts, sealed: event.sealed ?? {} }
  const leaf = Buffer.from(plainEntryJson(entry) ?? checkedJson(entry), "utf8")
  if (leaf.length > LEAF_BYTES_MAX) throw new EntryTooLarge({ action, bytes: leaf.length })
  return { id, org, actor, action, object, time, leaf, aliases: naming.made }
}

/** A service's token is nobody's, and so is a component of the system. */
const aliasedActor = (actor: Actor, naming: Naming): string => {
  const person = personBehind(actor)
  return person === undefined ? actorName(actor) : naming.ofId(actorName(actor), person)
}

/** What stands for one person: themself, and what was made for them. */
const SUBJECT_ID = new RegExp(
  `\\b(?:person|agent|token|approvalkey)_[0-7][${ALPHABET}]{${BODY_LENGTH - 1}}(?![0-9a-z_])`,
  "g"
)

/** Whether aliases may stand for this in entries: an id of a person, or an actor's name with one. */
export const isOfSubject = (text: string): boolean => text.search(SUBJECT_ID) === 0

/** Whatever its type says, it may be anything: what is no text is left to the check of the entry. */
const aliased = <A>(value: A, naming: Naming): A =>
  typeof value === "string" && value.includes("_")
    ? (value.replace(SUBJECT_ID, (id) => naming.ofId(id, id.startsWith("person_") ? id : "")) as A & string)
    : value

const aliasedFacts = (event: AuditEvent, naming: Naming) => {
  const { personal } = event
  const facts = event.facts ?? {}
  let named: Record<string, unknown> | undefined
  for (const [name, value] of Object.entries(facts)) {
    const said = aliased(value, naming)
    if (said !== value) named = { ...(named ?? facts), [name]: said }
  }
  for (const [name, text] of Object.entries(personal?.facts ?? {})) {
    named = { ...(named ?? facts), [name]: naming.ofText(text, personal!.subject) }
  }
  return named ?? facts
}
