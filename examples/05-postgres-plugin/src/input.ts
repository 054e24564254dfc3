// What people propose, and what of it stands in the plan.
import { hostText } from "@fluxcybers/executor/sdk"

/** A statement and where it runs. */
export interface Input {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  /** Name of the secret with the password. */
  readonly password: string
  /** True unless told: the server must show a certificate for `host`. */
  readonly tls: boolean
  readonly sql: string
  /** The most rows that it may touch; with 0 it only says how many there would be. */
  readonly rowsMax: number
  readonly timeoutMs: number
}

const KINDS = {
  host: "string",
  port: "number",
  database: "string",
  user: "string",
  password: "string",
  tls: "boolean",
  sql: "string",
  rowsMax: "number",
  timeoutMs: "number"
} as const satisfies Record<keyof Input, string>
const DEFAULTS = { port: 5432, tls: true, timeoutMs: 60_000 }
const ROWS_MAX = 100_000

/** Throws when something is missing, too much, or of another kind. */
export const parse = (input: unknown): Input => {
  if (typeof input !== "object" || input === null) throw new Error("An object is wanted.")
  const fields: Readonly<Record<string, unknown>> = { ...DEFAULTS, ...input }
  const names = Object.keys(KINDS)
  const unknown = Object.keys(fields).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`There is no field "${unknown}". There are: ${names.join(", ")}.`)
  const wrong = Object.entries(KINDS).find(([name, kind]) => typeof fields[name] !== kind || fields[name] === "")
  if (wrong !== undefined) throw new Error(`${wrong[0]} must be a ${wrong[1]}.`)
  const { port, rowsMax, timeoutMs } = fields
  if (!isWhole(port, 1, 65_535)) throw new Error("port must be one from 1 to 65535.")
  if (!isWhole(rowsMax, 0, ROWS_MAX)) throw new Error(`rowsMax must be a whole number up to ${ROWS_MAX}.`)
  if (!isWhole(timeoutMs, 1, 86_400_000)) throw new Error("timeoutMs must be at most a day.")
  return fields as unknown as Input
}

const isWhole = (value: unknown, from: number, to: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= from && value <= to

/** All of it as words: what people approve is what the run reads again with `readWords`. */
export const wordsOf = ({ host, port, database, user, tls, sql, rowsMax }: Input) =>
  ["postgres", hostText({ host, port }), user, database, tls ? "tls" : "no-tls", String(rowsMax), sql] as const

/** The other way round. */
export const readWords = (words: ReadonlyArray<string>) => {
  const [, place = "", user = "", database = "", tls = "", rowsMax = "", sql = ""] = words
  return { place, user, database, tls: tls === "tls", rowsMax: Number(rowsMax), sql }
}
