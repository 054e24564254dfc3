// `transcript`: what runs wrote, over all executions.
import { labelled } from "@fluxcybers/executor/view"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { dryRunFlag, instantFlag, isExecutionId, limitFlag, present, yesFlag } from "./parameters.ts"
import { confirmed } from "./questions.ts"
import { visible } from "./visible-text.ts"

const search = Command.make(
  "search",
  {
    text: Argument.String("text").pipe(
      Argument.withDescription("The text; escape sequences in the output are passed over")
    ),
    execution: Flag.String("execution").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Only in this execution"),
      Flag.filterMap(
        (id) => (isExecutionId(id) ? Option.some(id) : Option.none()),
        () => `Expected an id like exec_${"0".repeat(26)}`
      ),
      Flag.optional
    ),
    target: Flag.String("target").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("Only what runs on this target wrote: its name or id"),
      Flag.optional
    ),
    since: instantFlag("since", "Only of executions proposed from then on: 2027-01-31 or 2027-01-31T08:00Z"),
    until: instantFlag("until", "Only of executions proposed before then"),
    ignoreCase: Flag.Boolean("ignore-case").pipe(
      Flag.withDescription("A and a are the same"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    limit: limitFlag,
    from: Flag.String("from").pipe(
      Flag.withMetavar("PLACE"),
      Flag.withDescription("Go on where the last search ended"),
      Flag.filterMap(
        (place) => Option.fromUndefinedOr(positionOf(place)),
        () => "Expected a place as the last search named it"
      ),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ text, ignoreCase, ...flags }) {
    const api = yield* connect
    const filter = present({
      execution: Option.getOrUndefined(flags.execution),
      target: Option.getOrUndefined(flags.target),
      since: Option.getOrUndefined(flags.since),
      until: Option.getOrUndefined(flags.until),
      limit: Option.getOrUndefined(flags.limit),
      from: Option.getOrUndefined(flags.from)
    })
    const found = yield* api((client) => client.transcripts.search({ payload: { text, ignoreCase, ...filter } }))
    yield* answer(found, () =>
      found.matches.length === 0
        ? `Found nothing in ${found.executions} transcripts.\n`
        : found.matches.map(matchLine).join("")
    )
    for (const id of found.unreadable) yield* note(`${id} could not be read: its transcript does not open.`)
    if (found.next !== undefined) {
      yield* note(`There may be more: --from ${found.next.execution}:${found.next.skip}`)
    }
  })
).pipe(
  Command.withDescription("Find a text in what runs wrote, newest execution first"),
  Command.withExamples([
    { command: "fluxcybers transcript search 'disk full'" },
    { command: "fluxcybers transcript search error --ignore-case --target web-1 --since 2027-01-31" }
  ])
)

const positionOf = (place: string) => {
  const [execution = "", skip = ""] = place.split(":")
  return isExecutionId(execution) && /^\d{1,9}$/.test(skip) ? { execution, skip: Number(skip) } : undefined
}

interface Match {
  readonly execution: string
  readonly targetName: string
  readonly line: number
  readonly before: string
  readonly match: string
  readonly after: string
}

/** What a server printed is untrusted: it is shown in visible characters only. */
const matchLine = ({ execution, targetName, line, before, match, after }: Match): string =>
  `${execution} ${visible(targetName)}:${line}: ${visible(before + match + after)}\n`

const purge = Command.make(
  "purge",
  { dryRun: dryRunFlag("Only say what is past its period"), yes: yesFlag("Purge without asking") },
  Effect.fnUntraced(function* ({ dryRun, yes }) {
    const api = yield* connect
    const { days, due } = yield* api((client) => client.transcripts.retention())
    if (!dryRun && !yes && due.executions > 0) {
      yield* confirmed(`Purge the transcripts of ${due.executions} executions that ended more than ${days} days ago?`)
    }
    const purged = yield* api((client) => client.transcripts.purge({ payload: { dryRun } }))
    yield* answer({ days, ...purged }, () =>
      labelled([
        ["Kept for", `${days} days: of executions that ended from ${moment(purged.before)} on`],
        [dryRun ? "Would go" : "Went", `${purged.executions} transcripts`],
        ["Held back", purged.held === 0 ? undefined : `${purged.held} transcripts`]
      ])
    )
  })
).pipe(
  Command.withDescription(
    "Purge the transcripts that are past their period, as the server does by itself; executions, decisions and outcomes are kept"
  ),
  Command.withShortDescription("Purge transcripts that are past their period"),
  Command.withExamples([{ command: "fluxcybers transcript purge --dry-run" }])
)

export const transcripts = Command.make("transcript").pipe(
  Command.withDescription("What runs wrote, over all executions: search, purge"),
  Command.withSubcommands([search, purge])
)
