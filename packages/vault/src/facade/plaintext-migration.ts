// The way from a column of plaintext to a sealed one while the application goes on: until a day, what is not sealed yet is still read,
// and whoever reads it is given what to store instead. Afterwards plaintext is refused.
import { CipherFailed } from "@fluxcybers/core"
import { Schema } from "effect"
import { isSealedText } from "../blob/text.ts"
import type { Place } from "./place.ts"

/** What seals: a sealer, or a vault. */
export interface ColumnCipher {
  seal(place: Place, value: string): string | Promise<string>
  openText(place: Place, sealed: string): string | Promise<string>
}

/** The column, and until when its plaintext is still read. */
export interface MigrationOptions {
  readonly table: string
  readonly column: string
  /** ISO 8601 instant. From then on plaintext is refused: nobody can put a value of their own in the place of a sealed one any more. */
  readonly until: string
  /** Who the value in this row is about, for a vault that seals for data subjects. */
  readonly subject?: (row: string) => string
  /** Milliseconds since 1970; the system's clock unless told. */
  readonly now?: () => number
}

/** A column's value as it was stored. */
export interface StoredText {
  /** The row's primary key, as text. */
  readonly row: string
  readonly stored: string
}

/** A value, and what belongs in the column instead when it was plaintext. */
export interface MigratedText {
  readonly value: string
  /** Absent when the stored value was sealed already. */
  readonly replacement?: string
}

/** What a pass over the column did. */
export interface MigrationReport {
  readonly read: number
  /** Were sealed before. */
  readonly alreadySealed: number
  /** Were plaintext and are sealed now. */
  readonly sealed: number
  /** Are still plaintext: they changed meanwhile, or the time was up. */
  readonly left: number
  /** The first thousand of those rows. */
  readonly leftRows: ReadonlyArray<string>
  /** Are sealed and do not open in their place. They were not touched. */
  readonly unreadable: number
  /** The first thousand of those rows. */
  readonly unreadableRows: ReadonlyArray<string>
}

/** The rows of the column, from a query or a cursor. */
export type Rows = AsyncIterable<StoredText> | Iterable<StoredText>

/** Replaces the value of one row if it is still the one that was read, and says whether it was. */
export type ReplaceText = (change: {
  readonly row: string
  readonly stored: string
  readonly sealed: string
}) => boolean | Promise<boolean>

/** A column on its way from plaintext to sealed. */
export interface PlaintextMigration {
  /** Reads a value, sealed or not. Throws `PlaintextRefused` when it is not and the time is up. */
  read(value: StoredText): Promise<MigratedText>
  /** Seals every plaintext among the rows, one after the other; may be stopped and repeated at any time. */
  sealAll(rows: Rows, replace: ReplaceText): Promise<MigrationReport>
  /** The same report, and nothing is changed. */
  survey(rows: Rows): Promise<MigrationReport>
}

/** The value is not sealed, and the time in which that was allowed is over. Nothing was read or changed. */
export class PlaintextRefused extends Schema.TaggedError<PlaintextRefused>()("PlaintextRefused", {
  table: Schema.String,
  column: Schema.String,
  row: Schema.String,
  until: Schema.String
}) {
  override get message() {
    return `The value in ${this.table}.${this.column}, row ${this.row}, is not sealed, and plaintext was read until ${this.until} only. Nothing was changed. If it is a value of yours, seal it by hand; if not, somebody put it there.`
  }
}

const ROWS_NAMED_MAX = 1_000

/**
 * Begins the migration of one column of text, with a sealer or a vault. A plaintext that has itself the form of a sealed value (`fv1.`
 * and a blob in base64url) counts as sealed, and is reported as unreadable. Throws a `RangeError` when `until` is no instant.
 */
export const plaintextMigration = (cipher: ColumnCipher, options: MigrationOptions): PlaintextMigration => {
  const column = migratedColumn(cipher, options)
  return {
    read: async ({ row, stored }) => {
      if (isSealedText(stored)) return { value: await cipher.openText(column.place(row), stored) }
      if (!column.isOpen()) throw column.refusal(row)
      return { value: stored, replacement: await cipher.seal(column.place(row), stored) }
    },
    sealAll: (rows, replace) =>
      pass(column, rows, async ({ row, stored }) => {
        if (!column.isOpen()) return "left"
        const sealed = await cipher.seal(column.place(row), stored)
        return (await replace({ row, stored, sealed })) ? "sealed" : "left"
      }),
    survey: (rows) => pass(column, rows, async () => "left")
  }
}

interface MigratedColumn {
  readonly place: (row: string) => Place
  readonly isOpen: () => boolean
  readonly opens: (value: StoredText) => Promise<boolean>
  readonly refusal: (row: string) => PlaintextRefused
}

const migratedColumn = (cipher: ColumnCipher, options: MigrationOptions): MigratedColumn => {
  const { table, column, subject, until, now = Date.now } = options
  const end = Date.parse(until)
  if (Number.isNaN(end)) throw new RangeError(`"${until}" is no instant; write it as 2027-03-01T00:00:00Z.`)
  const place = (row: string): Place => ({ table, column, row, ...(subject ? { subject: subject(row) } : {}) })
  return {
    place,
    isOpen: () => now() < end,
    opens: async ({ row, stored }) => {
      try {
        await cipher.openText(place(row), stored)
        return true
      } catch (cause) {
        if (cause instanceof CipherFailed) return false
        throw cause
      }
    },
    refusal: (row) => new PlaintextRefused({ table, column, row, until })
  }
}

const pass = async (
  column: MigratedColumn,
  rows: Rows,
  plaintext: (value: StoredText) => Promise<"sealed" | "left">
): Promise<MigrationReport> => {
  const report = { read: 0, alreadySealed: 0, sealed: 0, left: 0, unreadable: 0 }
  const leftRows: Array<string> = []
  const unreadableRows: Array<string> = []
  for await (const value of rows) {
    report.read++
    const found = isSealedText(value.stored)
      ? (await column.opens(value))
        ? "alreadySealed"
        : "unreadable"
      : await plaintext(value)
    report[found]++
    const named = found === "left" ? leftRows : found === "unreadable" ? unreadableRows : undefined
    if (named !== undefined && named.length < ROWS_NAMED_MAX) named.push(value.row)
  }
  return { ...report, leftRows, unreadableRows }
}
