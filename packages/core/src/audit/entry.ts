// From an event to the entry of the log, its canonical bytes, and the row it is written to.
import { Schema } from "effect"
import { actorName } from "../actor.ts"
import { canonicalJson } from "../canonical-json.ts"
import type { AuditEntryId } from "../ids.ts"
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

/** The row of an event. An event that is not as its type says is a defect of the program: this throws. */
export const entryRow = (event: AuditEvent, birth: { readonly id: AuditEntryId; readonly time: string }): EntryRow => {
  const entry = checkEntry({
    v: 1,
    id: birth.id,
    time: birth.time,
    org: event.organisation,
    actor: actorName(event.actor),
    action: event.action,
    object: event.object,
    outcome: event.outcome,
    facts: event.facts ?? {},
    sealed: event.sealed ?? {}
  })
  const leaf = Buffer.from(canonicalJson(entry), "utf8")
  if (leaf.length > LEAF_BYTES_MAX) throw new EntryTooLarge({ action: event.action, bytes: leaf.length })
  const { id, org, actor, action, object, time } = entry
  return { id, org, actor, action, object, time, leaf }
}
