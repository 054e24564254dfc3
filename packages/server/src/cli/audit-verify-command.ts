// `audit verify`: recomputes the whole log, on the server, or here from a database file that is only read.

import type { VerificationReport } from "@fluxcybers/core"
import { labelled } from "@fluxcybers/executor/view"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { reported } from "./long-work.ts"
import { answer } from "./output.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

export const verify = Command.make(
  "verify",
  {
    database: Flag.String("database").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Verify a SQLite database file here, without a server; it is only read"),
      Flag.optional
    ),
    bundle: Flag.String("bundle").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("Verify an exported log here, without a server (audit bundle)"),
      Flag.optional
    ),
    key: Flag.String("key").pipe(
      Flag.withMetavar("VKEY"),
      Flag.withDescription("With --database or --bundle: the log's verifier key, from somewhere else"),
      Flag.optional
    ),
    witness: Flag.String("witness").pipe(
      Flag.withMetavar("VKEY"),
      Flag.withDescription("With --bundle: a witness that must have cosigned the checkpoint; can be repeated"),
      Flag.atLeast(0)
    ),
    seen: Flag.String("seen").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "Offline: a checkpoint that was kept elsewhere; the log must still contain it. Can be repeated"
      ),
      Flag.atLeast(0)
    ),
    aliases: Flag.String("aliases").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "With --bundle: what aliases stand for (audit bundle --aliases); checks signed decisions too"
      ),
      Flag.optional
    ),
    policy: Flag.String("policy").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "With --database: the witnesses that must have cosigned (c2sp.org/tlog-policy); they are asked too"
      ),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* (flags) {
    const asked = {
      ...flags,
      database: Option.getOrUndefined(flags.database),
      bundle: Option.getOrUndefined(flags.bundle),
      aliases: Option.getOrUndefined(flags.aliases),
      policy: Option.getOrUndefined(flags.policy)
    }
    const report = yield* reportOf({ ...asked, key: Option.getOrUndefined(flags.key) })
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
    },
    {
      command:
        "fluxcybers audit verify --bundle /mnt/evidence/log --key 'fluxcybers.example+1a2b3c4d+AbC…' --seen old-checkpoint.txt",
      description: "An export, and a checkpoint that you kept: nothing under it was taken away since"
    }
  ])
)

interface Asked {
  readonly database: string | undefined
  readonly bundle: string | undefined
  readonly key: string | undefined
  readonly witness: ReadonlyArray<string>
  readonly seen: ReadonlyArray<string>
  readonly aliases: string | undefined
  readonly policy: string | undefined
}

const reportOf = Effect.fnUntraced(function* (asked: Asked) {
  const { database, bundle, key, witness, seen, aliases, policy } = asked
  const isRemote = database === undefined && bundle === undefined
  const isMixed = database !== undefined && bundle !== undefined
  if (isMixed || isRemote !== (key === undefined)) return yield* usageFailure(TOGETHER)
  const isForBundle = witness.length > 0 || aliases !== undefined
  if ((bundle === undefined && isForBundle) || (database === undefined && policy !== undefined)) {
    return yield* usageFailure(NOT_THERE)
  }
  if (isRemote && seen.length > 0) return yield* usageFailure(NOT_THERE)
  if (key === undefined) return yield* verifyThere
  const { verifyDirectory, verifyFile } = yield* Effect.promise(() => import("./offline-verification.ts"))
  return database === undefined
    ? yield* verifyDirectory({ directory: bundle!, key, witness, seen, aliases })
    : yield* verifyFile({ database, key, seen, policy })
})

const verifyThere = Effect.gen(function* () {
  const api = yield* connect
  const messages = yield* api((client) => client.audit.verification())
  return yield* reported(messages, {
    what: "entries verified",
    done: ({ entries }: { readonly entries: number }) => entries
  })
})

/** Where the first ones are is what matters; `--json` has more of them. */
const SHOWN_MAX = 20

type Report = Pick<VerificationReport, "size" | "root" | "problemsOmitted"> & {
  readonly checkpoints?: number
  readonly pending?: number
  readonly purged?: number
  readonly unchecked: number
  readonly problems: ReadonlyArray<{ readonly kind: string; readonly index: number; readonly detail: string }>
}

const problemCount = ({ problems, problemsOmitted }: Report): number => problems.length + problemsOmitted

const NOT_THERE = "--witness and --aliases belong to --bundle, --policy to --database, and --seen to one of them."

const TOGETHER =
  "--key belongs to --database or to --bundle: without a key from somewhere else, a file can only agree with itself.\n" +
  "The key of a log that you trust now, to be kept elsewhere: fluxcybers audit checkpoint"

const reportText = (report: Report): string => {
  const count = problemCount(report)
  const result = count === 0 ? "everything is as it was signed" : `${count} ${count === 1 ? "problem" : "problems"}`
  const summary = labelled([
    ["Entries", String(report.size)],
    ["Checkpoints", report.checkpoints === undefined ? undefined : String(report.checkpoints)],
    ["Waiting", (report.pending ?? 0) === 0 ? undefined : `${report.pending}, for the next checkpoint`],
    ["Purged", (report.purged ?? 0) === 0 ? undefined : `${report.purged}, as the log says`],
    ["Unknown", report.unchecked === 0 ? undefined : unknownText(report.unchecked)],
    ["Root", visible(report.root)],
    ["Result", result]
  ])
  return count === 0 ? summary : `${summary}\n${problemTable(report)}`
}

const unknownText = (count: number): string =>
  `the signatures of ${count} ${count === 1 ? "decision" : "decisions"}: nobody, or no file, says who made ${count === 1 ? "it" : "them"}`

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
