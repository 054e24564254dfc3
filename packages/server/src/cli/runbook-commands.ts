// `runbook`: plan templates that are saved once and used often.
import type { Runbook } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { present } from "./parameters.ts"
import { runbookFile, runbookName } from "./runbook-arguments.ts"
import { soundRunbook } from "./runbook-file.ts"
import { runbookUse } from "./runbook-use-command.ts"
import { table } from "./table.ts"

const list = Command.make(
  "list",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("Also those that were retired"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ all }) {
    const api = yield* connect
    const runbooks = yield* api((client) => client.runbooks.list({ query: all ? { all: "true" } : {} }))
    yield* answer(runbooks, () =>
      table(
        ["NAME", "VERSION", "EXECUTOR", "PARAMETERS", "DESCRIPTION"],
        runbooks.map(({ name, version, document, retiredAt }) => [
          retiredAt === undefined ? name : `${name} (retired)`,
          String(version),
          document.executor,
          Object.keys(document.parameters ?? {}).join(", "),
          document.description ?? ""
        ]),
        "There are no runbooks. Put one: fluxcybers runbook put FILE"
      )
    )
  })
).pipe(
  Command.withDescription("List runbooks in their newest versions"),
  Command.withExamples([{ command: "fluxcybers runbook list" }])
)

const show = Command.make(
  "show",
  {
    name: runbookName,
    version: Argument.Int("version").pipe(
      Argument.withDescription("This version instead of the newest"),
      Argument.optional
    )
  },
  Effect.fnUntraced(function* ({ name, version }) {
    const { runbookYaml } = yield* Effect.promise(() => import("@fluxcybers/executor/rules"))
    const api = yield* connect
    const query = present({ version: Option.getOrUndefined(version) })
    const shown = yield* api((client) => client.runbooks.show({ params: { runbook: name }, query }))
    yield* answer(shown, () => `${heading(shown)}${runbookYaml(shown.document)}`)
  })
).pipe(
  Command.withDescription("Print a runbook as YAML, in its newest version or another one"),
  Command.withExamples([
    { command: "fluxcybers runbook show restart-unit > restart-unit.yaml" },
    { command: "fluxcybers runbook show restart-unit 2" }
  ])
)

const heading = ({ name, version, newest, id, digest, putBy, putAt, retiredAt }: Runbook): string =>
  [
    `${name}@${version}${version === newest ? "" : ` (the newest is ${newest})`}, put ${moment(putAt)} by ${putBy}`,
    ...(retiredAt === undefined ? [] : [`retired ${moment(retiredAt)}`]),
    `${id}, digest ${digest}`
  ]
    .map((line) => `# ${line}\n`)
    .join("")

const put = Command.make(
  "put",
  {
    file: runbookFile,
    replaces: Flag.Int("replaces").pipe(
      Flag.withMetavar("VERSION"),
      Flag.withDescription("Only if this version is the newest; 0 means that there must be none yet"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ file, replaces }) {
    const document = yield* soundRunbook(file)
    const api = yield* connect
    const payload = { document, ...present({ replaces: Option.getOrUndefined(replaces) }) }
    const saved = yield* api((client) => client.runbooks.put({ payload }))
    yield* answer(saved, () => `Saved ${saved.name}@${saved.version}, digest ${saved.digest}.\n`)
  })
).pipe(
  Command.withDescription(
    "Save a runbook as the newest version of its name. Nothing runs by that: each use is proposed and decided like a command."
  ),
  Command.withShortDescription("Save a runbook, as a new version"),
  Command.withExamples([{ command: "fluxcybers runbook put restart-unit.yaml --replaces 3" }])
)

const retire = Command.make(
  "retire",
  { name: runbookName },
  Effect.fnUntraced(function* ({ name }) {
    const api = yield* connect
    const retired = yield* api((client) => client.runbooks.retire({ params: { runbook: name } }))
    yield* answer(retired, () => `Retired ${retired.name} (${retired.id}). What was proposed before goes on.\n`)
  })
).pipe(
  Command.withDescription("Retire a runbook: nobody can use it any more, and its name is free again"),
  Command.withExamples([{ command: "fluxcybers runbook retire restart-unit" }])
)

export const runbooks = Command.make("runbook").pipe(
  Command.withDescription("Commands that are saved with parameters: list, show, put, use, retire"),
  Command.withSubcommands([list, show, put, runbookUse, retire])
)
