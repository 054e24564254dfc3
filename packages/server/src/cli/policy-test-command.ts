// `policy test`: are the rules in a file well formed, and do they say what their examples say? Needs no server.
import { Effect, Result } from "effect"
import { Argument, Command } from "effect/cli"
import { CliFailure } from "./failure.ts"
import { answer } from "./output.ts"
import { problemLines, problemsOf, rulesFile } from "./rules-file.ts"

export const rulesArgument = Argument.String("file").pipe(
  Argument.withDescription("Rules as YAML or JSON (- is standard input), or a module that exports them as `rules`")
)

export const policyTest = Command.make(
  "test",
  { file: rulesArgument },
  Effect.fnUntraced(function* ({ file }) {
    const read = yield* rulesFile(file)
    const problems = problemsOf(read)
    const counts = Result.isSuccess(read)
      ? { rules: read.success.document.rules.length, examples: read.success.examples }
      : { rules: 0, examples: 0 }
    yield* answer({ file, ok: problems.length === 0, ...counts, problems }, () =>
      problems.length === 0
        ? `${counts.rules} rules are well formed, and ${counts.examples} examples hold.\n`
        : `${problemLines(file, problems)}\n`
    )
    if (Result.isFailure(read)) return yield* failed("usage", "rules-invalid", problems.length)
    if (problems.length > 0) return yield* failed("failure", "examples-failed", problems.length)
  })
).pipe(
  Command.withDescription(
    "Check a file of rules and try its examples. Exits with 1 when an example does not hold, with 2 when the file is wrong. Asks no server."
  ),
  Command.withShortDescription("Check a file of rules and its examples; asks no server"),
  Command.withExamples([
    { command: "fluxcybers policy test rules.yaml" },
    { command: "fluxcybers policy test rules.ts --json" }
  ])
)

const failed = (exit: "usage" | "failure", code: string, count: number) =>
  new CliFailure({
    exit,
    code,
    title: exit === "usage" ? "Rules are wrong" : "Examples do not hold",
    detail: `${count === 1 ? "1 problem" : `${count} problems`} in the rules. Nothing was changed.`
  })
