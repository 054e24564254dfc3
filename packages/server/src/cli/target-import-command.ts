// `target import-known-hosts`: pins the host keys that a file of OpenSSH knows.
import type { KnownHostsImport } from "@fluxcybers/executor"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { readBytes } from "./input.ts"
import { answer, note, writeError } from "./output.ts"
import { confirmed } from "./questions.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

/** What the server takes in one request. */
const FILE_BYTES_MAX = 900 * 1024

export const importHostKeys = Command.make(
  "import-known-hosts",
  {
    file: Argument.String("file").pipe(Argument.withDescription("A known_hosts file of OpenSSH; - is standard input")),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDescription("Say what would change, and change nothing"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    yes: Flag.Boolean("yes").pipe(Flag.withDescription("Do not ask"), Flag.withoutNegation, Flag.withDefault(false))
  },
  Effect.fnUntraced(function* ({ file, dryRun, yes }) {
    const text = new TextDecoder().decode(yield* readBytes(file, FILE_BYTES_MAX))
    const api = yield* connect
    const planned = yield* api((client) => client.targets.importKnownHosts({ payload: { text, dryRun: true } }))
    if (dryRun || planned.changed.length === 0) return yield* answer(planned, () => report(planned))
    if (!yes) {
      yield* writeError(report(planned))
      yield* confirmed("Pin these keys?")
    }
    const done = yield* api((client) => client.targets.importKnownHosts({ payload: { text } }))
    yield* answer(done, () => report(done))
    yield* note("What was approved for these targets before will be refused: approve it again.")
  })
).pipe(
  Command.withDescription("Pin the host keys that a known_hosts file has for your targets"),
  Command.withExamples([
    {
      command: "fluxcybers target import-known-hosts ~/.ssh/known_hosts --dry-run",
      description: "What would change; hashed names, @cert-authority and @revoked are understood"
    },
    {
      command: "fluxcybers target import-known-hosts ~/.ssh/known_hosts",
      description: "The same, then asks, and pins all of them or none"
    }
  ])
)

const report = ({ changed, unchanged, unknown, isDryRun }: KnownHostsImport): string => {
  const verb = isDryRun ? "would be pinned" : "pinned"
  const rows = changed.flatMap(({ name, before, after, revoked, line }) => [
    ...(before === after ? [] : [[name, before, after, String(line)]]),
    ...revoked.map((key) => [name, "", `never ${key}`, String(line)])
  ])
  const told = table(["TARGET", "PINNED BEFORE", "FROM NOW ON", "LINE"], rows, "The file changes no pinned key.")
  const counts = [
    `${changed.length} ${verb} anew`,
    `${unchanged.length} confirmed`,
    `${unknown.length} not in the file${unknown.length === 0 ? "" : `: ${unknown.map(visible).join(", ")}`}`
  ]
  return `${told}${counts.join(", ")}.\n`
}
