// Serving until told to stop: what `npm start` and `fluxcybers serve` do.
import { join } from "node:path"
import { Console, Effect, Logger, Redacted } from "effect"
import type { Settings } from "./configuration.ts"
import { startServer } from "./start.ts"

/** One JSON object a line on standard error; standard output is for people. */
export const logLayer = Logger.layer([Logger.withConsoleError(Logger.formatJson)])

/**
 * Starts a server, prints its address (and the owner link, while nobody has used it) and runs until it is interrupted: `NodeRuntime.runMain`
 * does so on SIGINT and SIGTERM. Then it stops politely.
 */
export const serve = Effect.fn("serve")(
  function* (settings: Settings) {
    const { url, ownerLink } = yield* startServer(settings)
    yield* Console.log(`FluxCybers is listening on ${url}. Its data is in ${settings.directory}.`)
    if (settings.outgoing.mail.smtp === undefined) {
      const folder = join(settings.directory, "mail")
      yield* Console.log(`No mail server is set (FLUXCYBERS_SMTP_URL): mails are written to files in ${folder}.`)
    }
    if (ownerLink !== undefined) {
      const link = Redacted.value(ownerLink)
      yield* Console.log(
        `Nobody owns it yet. Become its owner with this link; it works once, for 24 hours:\n\n  ${link}\n`
      )
      yield* Console.log(`  npx fluxcybers login --link '${link}'\n`)
    }
    return yield* Effect.never
  },
  Effect.scoped,
  Effect.provide(logLayer)
)
