// `audit open`: what an entry says about a person, as long as that person's key exists.
import type { AuditEntryId, PersonId } from "@fluxcybers/core"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { answer } from "./output.ts"
import { auditEntryArgument } from "./parameters.ts"
import { visible } from "./visible-text.ts"

export const open = Command.make(
  "open",
  {
    id: auditEntryArgument,
    person: Flag.String("person").pipe(Flag.withMetavar("ID"), Flag.withDescription("Whom it is about: person_01…")),
    purpose: Flag.Literals("purpose", ["security-monitoring", "service-delivery"]).pipe(
      Flag.withDescription("What it is read for; stands in the log"),
      Flag.withDefault("security-monitoring" as const)
    )
  },
  Effect.fnUntraced(function* ({ id, person, purpose }) {
    const api = yield* connect
    const payload = { person: person as PersonId, purpose }
    const found = yield* api((client) => client.audit.open({ params: { id: id as AuditEntryId }, payload }))
    yield* answer(found, () =>
      found.text === undefined ? "The entry says nothing about this person.\n" : `${visible(found.text)}\n`
    )
  })
).pipe(
  Command.withDescription(
    "Open what an entry says about a person: sealed under their key, and gone with it; the reading is in the log"
  ),
  Command.withShortDescription("Open what an entry says about a person"),
  Command.withExamples([{ command: "fluxcybers audit open audit_01… --person person_01…" }])
)
