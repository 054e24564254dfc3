// Whether a stored row is a well-formed entry: canonical JSON, with list columns that repeat it.
import { Exit, Schema } from "effect"
import { canonicalJson } from "../canonical-json.ts"
import { AuditEntry } from "./event.ts"

/** A row as the database returned it: after tampering its columns may hold anything. */
export type UncheckedRow = Readonly<Record<string, unknown>>

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const decodeEntry = Schema.decodeUnknownExit(AuditEntry, { onExcessProperty: "error" })
const LISTED = ["id", "org", "actor", "action", "object", "time"] as const

/** What is wrong with the row, or nothing. Names columns, never their values. */
export const entryFault = (row: UncheckedRow, leaf: Uint8Array): string | undefined => {
  const parsed = parseLeaf(leaf)
  if (parsed === undefined) return "not JSON in UTF-8"
  if (!parsed.isCanonical) return "not in canonical form"
  const entry = decodeEntry(parsed.value)
  if (Exit.isFailure(entry)) return "not an entry of this version"
  const differing = LISTED.filter((column) => row[column] !== entry.value[column])
  return differing.length === 0 ? undefined : `list column differs from the entry: ${differing.join(", ")}`
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
