// `audit`: the log of everything that happened, and its proofs.
import type { AuditEntryId } from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { bundle, exportLog } from "./audit-export-command.ts"
import { actionFlag, actorFlag, objectFlag, outcomeFlag } from "./audit-filter-flags.ts"
import { open } from "./audit-open-command.ts"
import { hold, purge } from "./audit-retention-commands.ts"
import { verify } from "./audit-verify-command.ts"
import { watchLog } from "./audit-watch-command.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { auditEntryArgument, instantFlag, limitFlag, present } from "./parameters.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

const list = Command.make(
  "list",
  {
    object: objectFlag,
    action: actionFlag,
    actor: actorFlag,
    outcome: outcomeFlag,
    since: instantFlag("since", "Only from then on: 2027-01-31 or 2027-01-31T08:00Z"),
    until: instantFlag("until", "Only before then"),
    before: Flag.String("before").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Only older ones: the id that the last page ended with"),
      Flag.optional
    ),
    limit: limitFlag
  },
  Effect.fnUntraced(function* ({ object, action, actor, outcome, since, until, before, limit }) {
    const api = yield* connect
    const query = present({
      object: Option.getOrUndefined(object),
      action: Option.getOrUndefined(action),
      actor: Option.getOrUndefined(actor),
      outcome: Option.getOrUndefined(outcome),
      since: Option.getOrUndefined(since),
      until: Option.getOrUndefined(until),
      before: Option.getOrUndefined(before) as AuditEntryId | undefined,
      limit: Option.getOrUndefined(limit)
    })
    const page = yield* api((client) => client.audit.list({ query }))
    yield* answer(page, () =>
      table(
        ["INDEX", "TIME", "ACTION", "OUTCOME", "OBJECT", "ACTOR", "ID"],
        page.items.map(({ index, entry }) => [
          index === undefined ? "waiting" : String(index),
          moment(entry.time),
          entry.action,
          entry.outcome,
          entry.object,
          entry.actor,
          entry.id
        ]),
        "The log has no such entries."
      )
    )
    if (page.next !== undefined) yield* note(`There are more: --before ${page.next}`)
  })
).pipe(
  Command.withDescription("List the log's entries, newest first"),
  Command.withExamples([
    { command: "fluxcybers audit list --object exec_01…", description: "Everything about one execution" },
    { command: "fluxcybers audit list --action secret.revealed --limit 20" },
    { command: "fluxcybers audit list --outcome denied --since 2027-01-01", description: "What was refused this year" }
  ])
)

const prove = Command.make(
  "prove",
  { id: auditEntryArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    const proof = yield* api((client) => client.audit.prove({ params: { id: id as AuditEntryId } }))
    yield* answer({ id, proof }, () => proof)
  })
).pipe(
  Command.withDescription("Print the proof that an entry stands in the log (c2sp.org/tlog-proof@v1)"),
  Command.withExamples([{ command: "fluxcybers audit prove audit_01… > entry.tlog-proof" }])
)

const checkpoint = Command.make(
  "checkpoint",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const newest = yield* api((client) => client.audit.checkpoint())
    yield* note(`Key that verifies it: ${visible(newest.verifierKey)}\n`)
    yield* answer(newest, () => newest.checkpoint)
  })
).pipe(
  Command.withDescription(
    "Print the newest signed checkpoint; keep it elsewhere, and no rewrite of the log goes unnoticed"
  ),
  Command.withShortDescription("Print the newest signed checkpoint, and the key that verifies it"),
  Command.withExamples([{ command: "fluxcybers audit checkpoint > checkpoint.txt" }])
)

export const audit = Command.make("audit").pipe(
  Command.withDescription(
    "The log of everything that happened: list, watch, open, verify, prove, checkpoint, export, bundle, hold, purge"
  ),
  Command.withSubcommands([list, watchLog, open, verify, prove, checkpoint, exportLog, bundle, hold, purge])
)
