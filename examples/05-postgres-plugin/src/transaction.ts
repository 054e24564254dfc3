// A statement in a transaction that is committed only when it stayed within its limit.
import type { AsyncRunContext, AsyncRunResult } from "@fluxcybers/executor/sdk"
import pg from "pg"

/** What a transaction is given. */
export interface Statement extends Pick<AsyncRunContext, "output" | "signal"> {
  readonly sql: string
  /** The most rows that it may change, and that it may return. */
  readonly rowsMax: number
}

/** Every change of this transaction, those by triggers and in subqueries too; what a command says of itself is only its own. */
const CHANGED = `
  SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint AS changed FROM pg_stat_xact_all_tables`

/**
 * Runs it and commits, or rolls back and says why. Whatever ends before the COMMIT was sent has changed nothing; if the connection breaks
 * while the COMMIT is on its way, nobody knows, and this throws.
 */
export const inTransaction = async (client: pg.Client, statement: Statement): Promise<AsyncRunResult> => {
  const { output, signal, rowsMax } = statement
  const touched = await attempted(client, statement).catch((cause: Error) => cause)
  if (touched instanceof Error) return rolledBack(client, output, touched.message)
  const within = `${touched} row${touched === 1 ? "" : "s"} touched, ${rowsMax} approved`
  if (signal.aborted) return rolledBack(client, output, "It was told to stop.")
  if (touched > rowsMax) return rolledBack(client, output, `${within}.`)
  await output("stderr", `${within}: committing.\n`)
  const refused = await client.query("COMMIT").then(() => undefined, refusalOf)
  if (refused !== undefined) return rolledBack(client, output, refused)
  await output("stderr", "Committed.\n")
  return { exitCode: 0 }
}

const attempted = async (client: pg.Client, { sql, rowsMax, output }: Statement): Promise<number> => {
  await client.query("BEGIN")
  const { command, rows, count } = await answered(client, sql, rowsMax)
  const { rows: counted } = await client.query<{ readonly changed: string }>(CHANGED)
  for (const row of rows) await output("stdout", `${JSON.stringify(row)}\n`)
  await output("stderr", `${command}: ${count}.\n`)
  return Math.max(count, Number(counted[0]?.changed))
}

interface Answer {
  readonly command: string
  readonly rows: ReadonlyArray<unknown>
  readonly count: number
}

/** A named statement is one statement: the server refuses a second behind a semicolon, a COMMIT for one. Rows beyond the limit are not kept. */
const answered = (client: pg.Client, sql: string, rowsMax: number): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const rows: Array<unknown> = []
    const config: pg.QueryArrayConfig = { name: "statement", text: sql, rowMode: "array" }
    const query = new pg.Query(config)
    query.on("row", (row: unknown) => {
      if (rows.length < rowsMax) rows.push(row)
    })
    query.on("error", reject)
    query.on("end", ({ command, rowCount }) => resolve({ command, rows, count: rowCount ?? 0 }))
    client.query(query)
  })

/** The server's own refusal has a code, and then it has rolled back; anything else leaves it open. */
const refusalOf = (cause: unknown): string => {
  if (cause instanceof pg.DatabaseError && cause.code !== undefined) return cause.message
  throw cause
}

const rolledBack = async (client: pg.Client, output: Statement["output"], why: string): Promise<AsyncRunResult> => {
  // Without a connection the server rolls back by itself.
  await client.query("ROLLBACK").catch(() => {})
  await output("stderr", `${why} Rolled back: nothing was changed.\n`).catch(() => {})
  return { exitCode: 1 }
}
