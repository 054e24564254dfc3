// One SQL statement on PostgreSQL: it runs in a transaction, says how many rows it touched, and commits only up to the number that people approved.
import { type AsyncRunContext, defineExecutor, hostPlace, hostText, StartRefused } from "@fluxcybers/executor/sdk"
import pg from "pg"
import { parse, readWords, wordsOf } from "./input.ts"
import { inTransaction } from "./transaction.ts"

const CONNECT_MS = 10_000

export const executor = defineExecutor({
  id: "example.postgres",
  version: "1",
  sdk: "^0.1.0",
  summary: "Runs one SQL statement in a transaction, and commits it only within an approved number of rows.",
  needs: { hosts: ["*:*"], secrets: ["db/*"] },
  parse,
  plan: (input) => ({
    command: { _tag: "Argv", argv: [...wordsOf(input)] },
    // A SELECT may call a function that writes: what a statement does is not known from its words.
    access: "unknown",
    sentence: `Runs a statement on the database ${input.database} as ${input.user}, and commits it if at most ${input.rowsMax} rows are touched.`,
    hosts: [hostText({ host: input.host, port: input.port })],
    secrets: [input.password],
    timeoutMs: input.timeoutMs
  }),
  run: async (context) => {
    const words = readWords(context.plan.command._tag === "Argv" ? context.plan.command.argv : [])
    const settings = await connectionOf(context, words)
    const client = await connected(settings)
    const stop = () => void cancelled(settings, client)
    context.signal.addEventListener("abort", stop, { once: true })
    try {
      return await inTransaction(client, { ...words, output: context.output, signal: context.signal })
    } finally {
      context.signal.removeEventListener("abort", stop)
      await client.end().catch(() => {})
    }
  }
})

const connectionOf = async (
  { plan, secret }: AsyncRunContext,
  { place, user, database, tls }: ReturnType<typeof readWords>
): Promise<pg.ClientConfig> => {
  const found = hostPlace(place)
  const [password] = plan.secrets
  if (found === undefined || !("host" in found) || password === undefined) {
    throw new StartRefused({ detail: "the plan names no host, or no password." })
  }
  return {
    ...found,
    user,
    database,
    password: Buffer.from(await secret(password.name)).toString(),
    ssl: tls,
    connectionTimeoutMillis: CONNECT_MS,
    // The server itself ends a statement whose client is gone.
    statement_timeout: plan.timeoutMs,
    application_name: "fluxcybers"
  }
}

/** Until here nothing was started. */
const connected = async (settings: pg.ClientConfig): Promise<pg.Client> => {
  const client = new pg.Client(settings)
  // What breaks a connection breaks its query too, and is seen there.
  client.on("error", () => {})
  await client.connect().catch(({ message }: Error) => {
    throw new StartRefused({ detail: message })
  })
  return client
}

/** Ends the statement on the server, over a connection of its own; the transaction is rolled back by whoever waits for it. */
const cancelled = async (settings: pg.ClientConfig, running: pg.Client): Promise<void> => {
  const { processID } = running as pg.Client & { readonly processID?: number }
  try {
    const client = await connected(settings)
    await client.query("SELECT pg_cancel_backend($1)", [processID])
    await client.end()
  } catch {
    // Without an answer to that, the connection goes; the server then rolls back.
    await running.end().catch(() => {})
  }
}
