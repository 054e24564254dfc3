// `witness`: runs a witness for the logs of others.

import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { parseVerifierKey } from "@fluxcybers/core"
import { labelled } from "@fluxcybers/executor/view"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { CliFailure, usageFailure } from "./failure.ts"
import { answer } from "./output.ts"
import { untilStopped } from "./serve-command.ts"

const DEFAULT_PORT = 4681
const PORT_MAX = 65_535

export const witness = Command.make(
  "witness",
  {
    dataDir: Flag.String("data-dir").pipe(
      Flag.withMetavar("FOLDER"),
      Flag.withDescription("Where its key is and what it cosigned last; made with mode 0700 if missing"),
      Flag.optional
    ),
    name: Flag.String("name").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription(
        "What it is called, as witness.example.com; counts when its key is made, at the first start"
      ),
      Flag.withDefault("fluxcybers.local/witness")
    ),
    log: Flag.String("log").pipe(
      Flag.withMetavar("VKEY"),
      Flag.withDescription("The verifier key of a log that it watches; can be repeated"),
      Flag.atLeast(1)
    ),
    port: Flag.Int("port").pipe(
      Flag.withMetavar("PORT"),
      Flag.filter(
        (port) => port >= 0 && port <= PORT_MAX,
        () => `Expected a port from 0 to ${PORT_MAX}`
      ),
      Flag.withDescription(`Port on this machine; ${DEFAULT_PORT} unless told, 0 lets the system choose`),
      Flag.withDefault(DEFAULT_PORT)
    )
  },
  Effect.fnUntraced(function* ({ dataDir, name, log, port }) {
    const logs = yield* Effect.forEach(log, (key) =>
      Effect.mapError(Effect.fromResult(parseVerifierKey(key)), ({ message }) => usageFailure(message))
    )
    const directory = resolve(Option.getOrElse(dataDir, () => join(homedir(), ".local", "share", "fluxcybers-witness")))
    yield* untilStopped(running({ directory, name, logs, host: "127.0.0.1", port }))
  })
).pipe(
  Command.withDescription(
    "Watch the logs of others: cosign checkpoints of what only grew, refuse forks and roll-backs"
  ),
  Command.withShortDescription("Watch other logs and cosign their checkpoints"),
  Command.withExamples([
    { command: "fluxcybers witness --name witness.example.com --log 'fluxcybers.local/…+1a2b3c4d+AbC…'" }
  ])
)

const running = Effect.fnUntraced(function* (
  settings: Parameters<typeof import("../witness/witness.ts").startWitness>[0]
) {
  const { startWitness } = yield* Effect.promise(() => import("../witness/witness.ts"))
  const started = yield* Effect.mapError(
    startWitness(settings),
    ({ message }) => new CliFailure({ exit: "failure", code: "not-started", title: "Not started", detail: message })
  )
  const { directory } = settings
  yield* answer({ ...started, directory }, () =>
    labelled([
      ["Address", started.url],
      ["Verifier key", started.verifierKey],
      ["Directory", directory],
      ["Policy line", `witness w1 ${started.verifierKey} ${started.url}`]
    ])
  )
  return yield* Effect.never
}, Effect.scoped)
