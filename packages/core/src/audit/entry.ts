// From an event to the entry of the log, its canonical bytes, and the row it is written to.
import { Schema } from "effect"
import { actorName } from "../actor.ts"
import { canonicalJson } from "../canonical-json.ts"
import { newIdBody } from "../id-birth.ts"
import { AuditEntryId } from "../ids.ts"
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

/** The row of an event. An event that is not as its type says is a defect of the program: this throws. */
export const entryRow = (event: AuditEvent, birth: Birth): EntryRow => {
  const { id, time } = birth
  const { organisation: org, action, object, outcome } = event
  const actor = actorName(event.actor)
  const entry = {
    v: 1 as const,
    id,
    time,
    org,
    actor,
    action,
    object,
    outcome,
    facts: event.facts ?? {},
    sealed: event.sealed ?? {}
  }
  const leaf = Buffer.from(plainEntryJson(entry) ?? checkedJson(entry), "utf8")
  if (leaf.length > LEAF_BYTES_MAX) throw new EntryTooLarge({ action, bytes: leaf.length })
  return { id, org, actor, action, object, time, leaf }
}
