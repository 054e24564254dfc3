// `policy`: the rules that decide who must agree.
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { present } from "./parameters.ts"
import { peopleNames } from "./people.ts"
import { policyExplain } from "./policy-explain-command.ts"
import { policyCloseReview, policyReviews } from "./policy-review-commands.ts"
import { policySimulate } from "./policy-simulate-command.ts"
import { policyTest, rulesArgument } from "./policy-test-command.ts"
import { soundRules } from "./rules-file.ts"
import { table } from "./table.ts"

const put = Command.make(
  "put",
  {
    file: rulesArgument,
    replaces: Flag.Int("replaces").pipe(
      Flag.withMetavar("VERSION"),
      Flag.withDescription("Only if this version is in force; 0 means one that ships"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ file, replaces }) {
    const document = yield* soundRules(file)
    const api = yield* connect
    const payload = { document, ...present({ replaces: Option.getOrUndefined(replaces) }) }
    const inForce = yield* api((client) => client.policy.put({ payload }))
    yield* answer(inForce, () => `In force: ${inForce.name}@${inForce.version}, digest ${inForce.digest}.\n`)
  })
).pipe(
  Command.withDescription(
    "Put rules in force, as a whole and as a new version, after their examples were tried. What was approved under other rules and has not started will not run."
  ),
  Command.withShortDescription("Put rules in force, as a new version"),
  Command.withExamples([{ command: "fluxcybers policy put rules.yaml --replaces 3" }])
)

const show = Command.make(
  "show",
  {
    version: Argument.Int("version").pipe(
      Argument.withDescription("This version instead of the one in force"),
      Argument.optional
    )
  },
  Effect.fnUntraced(function* ({ version }) {
    const { rulesYaml } = yield* Effect.promise(() => import("@fluxcybers/executor/rules"))
    const api = yield* connect
    const shown = Option.isNone(version)
      ? yield* api((client) => client.policy.current())
      : yield* api((client) => client.policy.version({ params: { version: version.value } }))
    const origin = shown.putAt === undefined ? "ships with FluxCybers" : `put ${moment(shown.putAt)} by ${shown.putBy}`
    yield* answer(
      shown,
      () => `# ${shown.name}@${shown.version}, ${origin}\n# digest ${shown.digest}\n${rulesYaml(shown.document)}`
    )
  })
).pipe(
  Command.withDescription("Print the rules in force, or one of their versions, as YAML"),
  Command.withExamples([{ command: "fluxcybers policy show > rules.yaml" }, { command: "fluxcybers policy show 2" }])
)

const history = Command.make(
  "history",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const versions = yield* api((client) => client.policy.history())
    const names = yield* peopleNames(api)
    yield* answer(versions, () =>
      table(
        ["VERSION", "NAME", "PUT", "BY", "DIGEST"],
        versions.map(({ version, name, putAt = "", putBy = "", digest }) => [
          String(version),
          name,
          moment(putAt),
          names.get(putBy) ?? putBy,
          digest
        ]),
        "No rules were put: those that ship are in force."
      )
    )
  })
).pipe(
  Command.withDescription("List the versions of the rules that were put, newest first"),
  Command.withExamples([{ command: "fluxcybers policy history" }])
)

export const policy = Command.make("policy").pipe(
  Command.withDescription("The rules that decide who must agree: test, put, show, history, explain, simulate, reviews"),
  Command.withSubcommands([
    policyTest,
    put,
    show,
    history,
    policyExplain,
    policySimulate,
    policyReviews,
    policyCloseReview
  ])
)
