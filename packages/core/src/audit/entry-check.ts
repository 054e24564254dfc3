// Whether a stored row is a well-formed entry: canonical JSON, with list columns that repeat it.
import { Exit, Schema } from "effect"
import { canonicalJson } from "../canonical-json.ts"
import { AuditEntry } from "./event.ts"
import { LISTED } from "./plain-entry.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const decodeEntry = Schema.decodeUnknownExit(AuditEntry, { onExcessProperty: "error" })

/** The columns `id, org, actor, action, object, time` as the database returned them: after tampering they may hold anything. */
export type ListColumns = ReadonlyArray<unknown>

/** What is wrong with the row, or nothing. Names columns, never their values. */
export const entryFault = (columns: ListColumns, leaf: Uint8Array): string | undefined => {
  const entry = decodedEntry(leaf)
  return typeof entry === "string"
    ? entry
    : columnFault(
        columns,
        LISTED.map((member) => entry[member])
      )
}

/** The entry in these bytes, or what is wrong with them. */
export const decodedEntry = (leaf: Uint8Array): AuditEntry | string => {
  const parsed = parseLeaf(leaf)
  if (parsed === undefined) return "not JSON in UTF-8"
  if (!parsed.isCanonical) return "not in canonical form"
  const entry = decodeEntry(parsed.value)
  return Exit.isFailure(entry) ? "not an entry of this version" : entry.value
}

/** Which list columns do not repeat these members of the entry. */
export const columnFault = (columns: ListColumns, members: ReadonlyArray<string>): string | undefined => {
  for (let i = 0; i < LISTED.length; i++) {
    if (columns[i] !== members[i]) {
      return `list column differs from the entry: ${LISTED.filter((_, at) => columns[at] !== members[at]).join(", ")}`
    }
  }
  return undefined
}

const parseLeaf = (leaf: Uint8Array): { readonly value: unknown; readonly isCanonical: boolean } | undefined => {
  try {
    const json = utf8.decode(leaf)
    const value: unknown = JSON.parse(json)
    return { value, isCanonical: isCanonical(value, json) }
  } catch {
    return undefined
  }
}

const isCanonical = (value: unknown, json: string): boolean => {
  try {
    return canonicalJson(value) === json
  } catch {
    return false
  }
}
