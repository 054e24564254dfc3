// `schedule add`: a runbook, its values, a bounded grant, and when.
import type { BoundedGrantId } from "@fluxcybers/core"
import type { Timing } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { usageFailure } from "./failure.ts"
import { fleetFlags, fleetOf } from "./fleet-flags.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { durationFlag, present } from "./parameters.ts"
import { pairs } from "./proposal.ts"
import { targetsFlag } from "./run-flags.ts"
import { setFlag, versionFlag } from "./runbook-use-command.ts"

export const scheduleAdd = Command.make(
  "add",
  {
    name: Argument.String("name").pipe(Argument.withDescription("What the schedule is called: lower-case words")),
    runbook: Flag.String("runbook").pipe(
      Flag.withMetavar("RUNBOOK"),
      Flag.withDescription("The runbook's name; it stays the version of now")
    ),
    grant: Flag.String("grant").pipe(
      Flag.withMetavar("GRANT"),
      Flag.withDescription("The bounded grant that it runs under, from: fluxcybers grant runbook")
    ),
    cron: Flag.String("cron").pipe(
      Flag.withMetavar("EXPRESSION"),
      Flag.withDescription("When: minute, hour, day of the month, month, day of the week"),
      Flag.optional
    ),
    zone: Flag.String("zone").pipe(
      Flag.withMetavar("ZONE"),
      Flag.withDescription("The time zone of --cron, like Europe/Berlin; UTC unless told"),
      Flag.withDefault("UTC")
    ),
    every: durationFlag("every").pipe(Flag.withDescription("Instead of --cron: an interval, from 1m"), Flag.optional),
    missed: Flag.Literals("missed", ["skip", "once"]).pipe(
      Flag.withDescription("After a downtime: nothing, or one run for the last instant"),
      Flag.withDefault("skip")
    ),
    overlap: Flag.Literals("overlap", ["skip", "allow"]).pipe(
      Flag.withDescription("While the last run has not ended"),
      Flag.withDefault("skip")
    ),
    reason: Flag.String("reason").pipe(
      Flag.withMetavar("WHY"),
      Flag.withDescription("Stands with each proposal; rules may demand it"),
      Flag.optional
    ),
    ticket: Flag.String("ticket").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Stands with each proposal; rules may demand one"),
      Flag.optional
    ),
    set: setFlag,
    version: versionFlag,
    targets: targetsFlag,
    ...fleetFlags
  },
  Effect.fnUntraced(function* ({ name, runbook, grant, cron, zone, every, missed, overlap, set, version, ...flags }) {
    const timing = yield* timingOf(cron, zone, every)
    const { targets, ...rollout } = fleetOf(flags)
    const use = {
      parameters: yield* pairs("--set", set),
      ...(targets.length === 0 ? {} : { targets }),
      ...rollout,
      ...present({ reason: Option.getOrUndefined(flags.reason), ticket: Option.getOrUndefined(flags.ticket) })
    }
    const payload = {
      ...{ name, runbook, use, timing, missed, overlap },
      grant: grant as BoundedGrantId,
      ...present({ version: Option.getOrUndefined(version) })
    }
    const api = yield* connect
    const added = yield* api((client) => client.schedules.add({ payload }))
    yield* answer(added, () => `Added ${added.name} (${added.id}). It fires next ${moment(added.nextAt ?? "")}.\n`)
  })
).pipe(
  Command.withDescription(
    "Use a runbook by cron or at an interval, each time under a bounded grant of yours. What the grant does not cover does not run, and the schedule says why."
  ),
  Command.withShortDescription("Use a runbook again and again, under a bounded grant"),
  Command.withExamples([
    {
      command:
        "fluxcybers schedule add nightly-report --runbook disk-report --set folder=/var --grant bound_01… --cron '30 2 * * *' --zone Europe/Berlin"
    },
    { command: "fluxcybers schedule add probe --runbook probe --grant bound_01… --every 15m --missed once" }
  ])
)

const timingOf = Effect.fnUntraced(function* (cron: Option.Option<string>, zone: string, every: Option.Option<number>) {
  if (Option.isSome(cron) === Option.isSome(every))
    return yield* usageFailure("Say when: --cron or --every, one of them.")
  const timing: Timing = Option.isSome(cron)
    ? { _tag: "Cron", expression: cron.value, zone }
    : { _tag: "Every", everyMs: Option.getOrThrow(every) }
  return timing
})
