// `audit verify`: recomputes the whole log, on the server, or here from a database file that is only read.
import type { VerificationReport } from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { answer } from "./output.ts"
import { labelled, table } from "./table.ts"
import { visible } from "./visible-text.ts"

export const verify = Command.make(
  "verify",
  {
    database: Flag.String("database").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Verify a SQLite database file here, without a server; it is only read"),
      Flag.optional
    ),
    key: Flag.String("key").pipe(
      Flag.withMetavar("VKEY"),
      Flag.withDescription("With --database: the log's verifier key, from somewhere else than that file"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ database, key }) {
    if (Option.isSome(database) !== Option.isSome(key)) return yield* usageFailure(TOGETHER)
    const report =
      Option.isSome(database) && Option.isSome(key)
        ? yield* ofFile(database.value, key.value)
        : yield* (yield* connect)((client) => client.audit.verify())
    yield* answer(report, () => reportText(report))
    if (report.problems.length > 0) return yield* damaged(problemCount(report))
  })
).pipe(
  Command.withDescription("Recompute the whole log and check every signature; exits with 1 when something is wrong"),
  Command.withExamples([
    { command: "fluxcybers audit verify" },
    {
      command: "fluxcybers audit verify --database copy.db --key 'fluxcybers.example+1a2b3c4d+AbC…'",
      description: "Without trusting the server: a copy of its database, and its key as you noted it down"
    }
  ])
)

/** Where the first ones are is what matters; `--json` has more of them. */
const SHOWN_MAX = 20

type Report = Omit<VerificationReport, "problems"> & {
  readonly problems: ReadonlyArray<{ readonly kind: string; readonly index: number; readonly detail: string }>
}

const problemCount = ({ problems, problemsOmitted }: Report): number => problems.length + problemsOmitted

const TOGETHER =
  "--database and --key belong together: without a key from somewhere else, a file can only agree with itself.\n" +
  "The key of a log that you trust now, to be kept elsewhere: fluxcybers audit checkpoint"

const ofFile = Effect.fnUntraced(function* (database: string, key: string) {
  const { verifyFile } = yield* Effect.promise(() => import("./offline-verification.ts"))
  return yield* verifyFile(database, key)
})

const reportText = (report: Report): string => {
  const count = problemCount(report)
  const result = count === 0 ? "everything is as it was signed" : `${count} ${count === 1 ? "problem" : "problems"}`
  const summary = labelled([
    ["Entries", String(report.size)],
    ["Checkpoints", String(report.checkpoints)],
    ["Waiting", report.pending === 0 ? undefined : `${report.pending}, for the next checkpoint`],
    ["Root", visible(report.root)],
    ["Result", result]
  ])
  return count === 0 ? summary : `${summary}\n${problemTable(report)}`
}

const problemTable = (report: Report): string => {
  const shown = report.problems.slice(0, SHOWN_MAX).map(({ index, kind, detail }) => [String(index), kind, detail])
  const rest = problemCount(report) - shown.length
  return table(["INDEX", "PROBLEM", "WHAT"], shown, "") + (rest === 0 ? "" : `and ${rest} more\n`)
}

const damaged = (problems: number): CliFailure =>
  new CliFailure({
    exit: "failure",
    code: "log-damaged",
    title: "The log does not verify",
    detail:
      `The log does not verify: ${counted(problems)}. Nothing was changed.\n` +
      "Keep a copy of the database as it is, and compare with a backup and with the checkpoints that others hold."
  })

const counted = (problems: number): string => (problems === 1 ? "1 problem" : `${problems} problems`)
