// `audit hold` and `audit purge`: how long the log keeps its entries, and what keeps them longer.
import { AuditHoldId } from "@fluxcybers/core"
import { labelled } from "@fluxcybers/executor/view"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { dryRunFlag, instantFlag, present, yesFlag } from "./parameters.ts"
import { confirmed } from "./questions.ts"
import { table } from "./table.ts"

const add = Command.make(
  "add",
  {
    ground: Argument.String("ground").pipe(Argument.withDescription("Why, by its name: tax-law, claim-2027-3")),
    object: Flag.String("object").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Only entries about this; all of your organisation's without it"),
      Flag.optional
    ),
    until: instantFlag("until", "When it ends by itself: 2027-01-31 or 2027-01-31T08:00Z")
  },
  Effect.fnUntraced(function* ({ ground, object, until }) {
    const api = yield* connect
    const rest = present({ object: Option.getOrUndefined(object), until: Option.getOrUndefined(until) })
    const placed = yield* api((client) => client.retention.hold({ payload: { ground, ...rest } }))
    yield* answer(placed, () => `Placed ${placed.id}. What it keeps is not purged until it ends or is released.\n`)
  })
).pipe(
  Command.withDescription("Hold entries back from being purged"),
  Command.withExamples([{ command: "fluxcybers audit hold add claim-2027-3 --object exec_01… --until 2029-01-01" }])
)

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const holds = yield* api((client) => client.retention.holds())
    yield* answer(holds, () =>
      table(
        ["ID", "GROUND", "ENTRIES ABOUT", "PLACED", "UNTIL"],
        holds.map(({ id, ground, object, createdAt, until }) => [
          id,
          ground,
          object ?? "everything",
          moment(createdAt),
          moment(until ?? "")
        ]),
        "Nothing is held back."
      )
    )
  })
).pipe(
  Command.withDescription("List what keeps entries past their period"),
  Command.withExamples([{ command: "fluxcybers audit hold list" }])
)

const release = Command.make(
  "release",
  {
    id: Argument.String("id").pipe(
      Argument.withSchema(AuditHoldId),
      Argument.withDescription("The hold, from: fluxcybers audit hold list")
    )
  },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    yield* api((client) => client.retention.release({ params: { id } }))
    yield* answer({ id, released: true }, () => `Released ${id}. What it kept goes with the next purge.\n`)
  })
).pipe(
  Command.withDescription("Release a hold"),
  Command.withExamples([{ command: "fluxcybers audit hold release hold_01…" }])
)

export const hold = Command.make("hold").pipe(
  Command.withDescription("What keeps entries of the log past their period: add, list, release"),
  Command.withSubcommands([add, list, release])
)

export const purge = Command.make(
  "purge",
  { dryRun: dryRunFlag("Only say what is past its period"), yes: yesFlag("Purge without asking") },
  Effect.fnUntraced(function* ({ dryRun, yes }) {
    const api = yield* connect
    const { days, due } = yield* api((client) => client.retention.status())
    if (!dryRun && !yes && due.entries > 0) {
      yield* confirmed(`Purge ${due.entries} entries that are older than ${days} days? Their hashes stay.`)
    }
    const purged = yield* api((client) => client.retention.purge({ payload: { dryRun } }))
    yield* answer({ days, ...purged }, () =>
      labelled([
        ["Kept for", `${days} days: from ${moment(purged.before)} on`],
        [dryRun ? "Would go" : "Went", `${purged.entries} entries`],
        ["Held back", purged.held === 0 ? undefined : `${purged.held} entries`]
      ])
    )
  })
).pipe(
  Command.withDescription(
    "Purge the entries that are past their period, as the server does by itself; their hashes stay, and every old proof still verifies"
  ),
  Command.withShortDescription("Purge entries that are past their period"),
  Command.withExamples([{ command: "fluxcybers audit purge --dry-run" }])
)
