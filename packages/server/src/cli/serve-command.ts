// `serve`: starts a server and runs it until it is told to stop.
import { Effect, Option, Queue, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import type { Settings } from "../configuration.ts"
import { INTERRUPTED_STATUS } from "./exit-codes.ts"
import { CliFailure } from "./failure.ts"
import { Json } from "./global-flags.ts"
import { readBytes } from "./input.ts"
import { answer, note } from "./output.ts"
import { StopSignals } from "./signals.ts"

const URL_BYTES_MAX = 4_096
const PORT_MAX = 65_535

export const serverFlags = {
  dataDir: Flag.String("data-dir").pipe(
    Flag.withMetavar("FOLDER"),
    Flag.withDescription("Where keys and data are; made with mode 0700 if missing. Also FLUXCYBERS_HOME"),
    Flag.optional
  ),
  databaseUrlFile: Flag.String("database-url-file").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "File with the URL of a PostgreSQL database, in place of SQLite. Also FLUXCYBERS_DATABASE_URL"
    ),
    Flag.optional
  )
}

export const serve = Command.make(
  "serve",
  {
    ...serverFlags,
    port: Flag.Int("port").pipe(
      Flag.withMetavar("PORT"),
      Flag.filter(
        (port) => port >= 0 && port <= PORT_MAX,
        () => `Expected a port from 0 to ${PORT_MAX}`
      ),
      Flag.withDescription("Port on this machine; 4680 unless told, 0 lets the system choose. Also FLUXCYBERS_PORT"),
      Flag.optional
    ),
    localExecutor: Flag.Boolean("local-executor").pipe(
      Flag.withDescription("Let approved commands run on this machine too, as this account"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    plugins: Flag.String("plugins").pipe(
      Flag.withMetavar("FOLDER"),
      Flag.withDescription("Load the plugins in this folder, each into processes of its own. Also FLUXCYBERS_PLUGINS"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ dataDir, databaseUrlFile, port, localExecutor, plugins }) {
    const found = yield* serverSettings({
      directory: Option.getOrUndefined(dataDir),
      databaseUrlFile: Option.getOrUndefined(databaseUrlFile),
      port: Option.getOrUndefined(port),
      localExecutor: localExecutor ? true : undefined,
      plugins: Option.getOrUndefined(plugins)
    })
    yield* untilStopped(serving(found))
  })
).pipe(
  Command.withDescription("Start a server on this machine and run it until Ctrl-C"),
  Command.withExamples([
    { command: "fluxcybers serve" },
    { command: "fluxcybers serve --data-dir /var/lib/fluxcybers --port 8080" },
    { command: "fluxcybers serve --database-url-file /run/secrets/database-url" },
    { command: "fluxcybers serve --plugins /etc/fluxcybers/plugins" }
  ])
)

/** The server's settings from flags and environment. */
export const serverSettings = Effect.fnUntraced(function* (flags: {
  readonly directory?: string | undefined
  readonly databaseUrlFile?: string | undefined
  readonly port?: number | undefined
  readonly localExecutor?: boolean | undefined
  readonly plugins?: string | undefined
}) {
  const { databaseUrlFile, ...rest } = flags
  const databaseUrl = databaseUrlFile === undefined ? undefined : yield* urlFrom(databaseUrlFile)
  const { settings } = yield* Effect.promise(() => import("../configuration.ts"))
  return yield* settings({ flags: { ...rest, databaseUrl }, environment: process.env }).pipe(
    Effect.mapError((error) => notStarted(error, "usage"))
  )
})

/** Runs the server, or says why it does not start. */
const serving = Effect.fnUntraced(function* (settings: Settings) {
  const { serve: runServer, logLayer } = yield* Effect.promise(() => import("../serve.ts"))
  const isJson = yield* Json
  const server = isJson ? Effect.provide(announced(settings), logLayer) : runServer(settings)
  return yield* Effect.mapError(server, (error) => notStarted(error, "failure"))
})

/** With `--json`: the address and the owner link as a document. */
const announced = Effect.fnUntraced(function* (settings: Settings) {
  const { startServer } = yield* Effect.promise(() => import("../start.ts"))
  const { url, organisation, ownerLink } = yield* startServer(settings)
  const link = ownerLink === undefined ? {} : { ownerLink: Redacted.value(ownerLink) }
  yield* answer({ url, organisation, directory: settings.directory, ...link }, () => "")
  return yield* Effect.never
}, Effect.scoped)

/** The first signal stops the server politely, which is a success; the second does not wait for it. */
export const untilStopped = <E, R>(server: Effect.Effect<never, E, R>) =>
  Effect.gen(function* () {
    const stops = yield* (yield* StopSignals).listen
    const stopped = Effect.gen(function* () {
      yield* Queue.take(stops)
      yield* note("Stopping…")
      yield* Effect.forkDetach(
        Effect.andThen(
          Queue.take(stops),
          Effect.sync(() => process.exit(INTERRUPTED_STATUS))
        )
      )
    })
    yield* Effect.raceFirst(server, stopped)
  }).pipe(Effect.scoped)

const urlFrom = (file: string) =>
  Effect.map(readBytes(file, URL_BYTES_MAX), (bytes) => Redacted.make(new TextDecoder().decode(bytes).trim()))

const notStarted = (error: { readonly _tag: string; readonly message: string }, exit: "usage" | "failure") =>
  new CliFailure({ exit, code: kebab(error._tag), title: "Not started", detail: error.message })

const kebab = (tag: string): string => tag.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
