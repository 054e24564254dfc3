// `member`: the people of the organisation.
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { connection } from "./connection.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { personArgument } from "./parameters.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

const ROLES = ["owner", "admin", "operator", "approver", "auditor", "privacy-officer", "billing", "viewer"] as const

const add = Command.make(
  "add",
  {
    name: Argument.String("name").pipe(Argument.withDescription("Their name, as the others will see it")),
    roles: Flag.Literals("role", ROLES).pipe(
      Flag.withMetavar("ROLE"),
      Flag.withDescription("What they may do; give it again for more"),
      Flag.atLeast(1)
    )
  },
  Effect.fnUntraced(function* (payload) {
    const { url } = yield* connection
    const api = yield* connect
    const added = yield* api((client) => client.members.add({ payload }))
    yield* note(
      `Added ${visible(added.member.name)} (${added.member.person}) as ${added.member.roles.join(", ")}.\n` +
        `Their first token, valid until ${moment(added.expiresAt)}, follows. It is shown this once; they sign in with it:\n` +
        `  fluxcybers login --url ${url}\n`
    )
    yield* answer(added, () => `${added.token}\n`)
  })
).pipe(
  Command.withDescription("Add a member; prints their first token, once, on standard output"),
  Command.withExamples([
    { command: "fluxcybers member add 'Grace Hopper' --role operator --role approver" },
    { command: "fluxcybers member add Linus --role viewer > token.txt" }
  ])
)

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const members = yield* api((client) => client.members.list())
    yield* answer(members, () =>
      table(
        ["PERSON", "NAME", "ROLES"],
        members.map(({ person, name, roles }) => [person, name, roles.join(" ")]),
        "There are no members."
      )
    )
  })
).pipe(Command.withDescription("List the members"), Command.withExamples([{ command: "fluxcybers member list" }]))

const remove = Command.make(
  "remove",
  { person: personArgument },
  Effect.fnUntraced(function* ({ person }) {
    const api = yield* connect
    yield* api((client) => client.members.remove({ params: { person } }))
    yield* answer(
      { person, removed: true },
      () => `Removed ${person}. Their tokens, and those of their agents, are void.\n`
    )
  })
).pipe(
  Command.withDescription("Remove a member; what they did stays in the log"),
  Command.withExamples([{ command: "fluxcybers member remove person_01…" }])
)

export const members = Command.make("member").pipe(
  Command.withDescription("The people of the organisation: add, list, remove"),
  Command.withSubcommands([add, list, remove])
)
