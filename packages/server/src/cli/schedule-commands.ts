// `schedule`: runbooks that are used again and again, each time under a bounded grant.
import type { RunbookSchedule, Timing } from "@fluxcybers/executor"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { scheduleAdd } from "./schedule-add-command.ts"
import { table } from "./table.ts"

const nameArgument = Argument.String("name").pipe(Argument.withDescription("The schedule's name, or its id"))

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const schedules = yield* api((client) => client.schedules.list())
    yield* answer(schedules, () =>
      table(
        ["NAME", "STATE", "RUNBOOK", "WHEN", "NEXT", "LAST"],
        schedules.map((schedule) => [
          schedule.name,
          schedule.state,
          `${schedule.runbookName}@${schedule.version}`,
          timingText(schedule.timing),
          moment(schedule.nextAt ?? ""),
          lastText(schedule)
        ]),
        "There are no schedules. Add one: fluxcybers schedule add NAME --runbook RUNBOOK --grant GRANT --cron '0 3 * * *'"
      )
    )
  })
).pipe(
  Command.withDescription("List schedules, when each fires next, and what became of its last firing"),
  Command.withExamples([{ command: "fluxcybers schedule list" }])
)

const timingText = (timing: Timing): string =>
  timing._tag === "Cron" ? `${timing.expression} ${timing.zone}` : `every ${timing.everyMs / MINUTE_MS} min`

const MINUTE_MS = 60_000

const lastText = ({ firings: [last] }: RunbookSchedule): string =>
  last === undefined ? "" : (last.execution ?? `skipped: ${last.why}`)

const next = Command.make(
  "next",
  {
    name: nameArgument,
    count: Flag.Int("count").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("So many instants, at most 100; 5 unless told"),
      Flag.withDefault(5)
    )
  },
  Effect.fnUntraced(function* ({ name, count }) {
    const api = yield* connect
    const found = yield* api((client) => client.schedules.next({ params: { schedule: name }, query: { count } }))
    yield* answer(found, () =>
      found.instants.length === 0
        ? `${name} is not active: nothing fires.\n`
        : found.instants.map((instant) => `${moment(instant)}\n`).join("")
    )
  })
).pipe(
  Command.withDescription("Print when a schedule fires next, in UTC"),
  Command.withExamples([{ command: "fluxcybers schedule next nightly-report --count 3" }])
)

const change = (kind: "pause" | "resume" | "remove", said: string, description: string) =>
  Command.make(
    kind,
    { name: nameArgument },
    Effect.fnUntraced(function* ({ name }) {
      const api = yield* connect
      const changed = yield* api((client) => client.schedules[kind]({ params: { schedule: name } }))
      yield* answer(changed, () => `${changed.name} ${said}.\n`)
    })
  ).pipe(
    Command.withDescription(description),
    Command.withExamples([{ command: `fluxcybers schedule ${kind} nightly-report` }])
  )

export const schedules = Command.make("schedule").pipe(
  Command.withDescription("Runbooks that are used again and again: list, add, pause, resume, remove, next"),
  Command.withSubcommands([
    list,
    scheduleAdd,
    change("pause", "is paused", "Pause a schedule: nothing fires until it is resumed"),
    change("resume", "is active", "Resume a schedule at its next instant; what passed meanwhile is not made up for"),
    change("remove", "is removed; what it proposed goes on", "Remove a schedule: it never fires again"),
    next
  ])
)
