// What an attacker with the database file could do: change one byte of what happened.
import { readFileSync, writeFileSync } from "node:fs"
import Database from "better-sqlite3"

/** A consistent copy of a database that others are writing to. */
export const copyDatabase = async (from: string, to: string): Promise<void> => {
  const database = new Database(from, { readonly: true })
  try {
    await database.backup(to)
  } finally {
    database.close()
  }
}

/** Changes one byte within the entry of an action, in the file itself: who approved becomes somebody else. */
export const changeOneByte = (file: string, action: string): string => {
  const bytes = readFileSync(file)
  const entry = bytes.indexOf(`{"action":"${action}","actor":"`)
  if (entry < 0) throw new Error(`${file} has no entry ${action}`)
  const actorEnd = bytes.indexOf('",', bytes.indexOf('"actor":"', entry)) - 1
  const before = String.fromCharCode(bytes[actorEnd] ?? 0)
  const after = before === "0" ? "1" : "0"
  bytes[actorEnd] = after.charCodeAt(0)
  writeFileSync(file, bytes)
  return `byte ${actorEnd}: "${before}" became "${after}"`
}
