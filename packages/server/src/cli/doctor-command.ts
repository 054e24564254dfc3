// `doctor`: looks at everything that is needed, changes nothing, and says what to do about each problem.
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { nodeFinding, profileFindings, serverFindings } from "./doctor-client.ts"
import { directoryFindings } from "./doctor-directory.ts"
import { type Finding, ok, problem, problemsIn, reportText } from "./doctor-report.ts"
import { CliFailure } from "./failure.ts"
import { answer } from "./output.ts"
import { serverFlags, serverSettings } from "./serve-command.ts"

export const doctor = Command.make(
  "doctor",
  serverFlags,
  Effect.fnUntraced(function* ({ dataDir, databaseUrlFile }) {
    const settings = yield* Effect.result(
      serverSettings({
        directory: Option.getOrUndefined(dataDir),
        databaseUrlFile: Option.getOrUndefined(databaseUrlFile)
      })
    )
    const findings: ReadonlyArray<Finding> = [
      nodeFinding,
      settings._tag === "Success"
        ? ok("settings", "flags and FLUXCYBERS_* variables are understood")
        : problem("settings", settings.failure.detail.replaceAll("\n", " "), "Correct or unset it"),
      ...(yield* profileFindings),
      ...(yield* serverFindings),
      ...(settings._tag === "Success" ? yield* directoryFindings(settings.success) : [])
    ]
    const problems = problemsIn(findings)
    yield* answer({ findings, problems }, () => reportText(findings))
    if (problems > 0) return yield* notWell(problems)
  })
).pipe(
  Command.withDescription("Look for what could be wrong, here and on the way to the server; changes nothing"),
  Command.withExamples([
    { command: "fluxcybers doctor" },
    { command: "fluxcybers doctor --data-dir /var/lib/fluxcybers --json" }
  ])
)

const notWell = (problems: number): CliFailure =>
  new CliFailure({
    exit: "failure",
    code: "problems-found",
    title: "Problems found",
    detail: `${problems === 1 ? "1 problem" : `${problems} problems`} found. Nothing was changed.`
  })
