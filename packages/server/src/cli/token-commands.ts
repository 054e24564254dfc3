// `token`: what programs, agents and you yourself sign in with.
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { usageFailure } from "./failure.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { durationFlag, tokenArgument } from "./parameters.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

const SCOPES = ["read", "propose", "decide", "administer"] as const
const KINDS = ["person", "agent", "service"] as const
const DAY_MS = 24 * 60 * 60 * 1_000

const create = Command.make(
  "create",
  {
    name: Argument.String("name").pipe(Argument.withDescription("What it is for, to recognise it later")),
    kind: Flag.Literals("kind", KINDS).pipe(
      Flag.withMetavar("KIND"),
      Flag.withDescription(
        "person is you; agent works for you and can never decide; service belongs to the organisation"
      )
    ),
    scopes: Flag.Literals("scope", SCOPES).pipe(
      Flag.withMetavar("SCOPE"),
      Flag.withDescription("What it may do at most; give it again for more"),
      Flag.atLeast(1)
    ),
    expiresIn: durationFlag("expires-in").pipe(
      Flag.withDescription("How long it is valid, in whole days, at most 365d; 90d unless told"),
      Flag.withDefault(90 * DAY_MS)
    )
  },
  Effect.fnUntraced(function* ({ expiresIn, ...settings }) {
    if (expiresIn % DAY_MS !== 0) return yield* usageFailure("--expires-in takes whole days, as in 90d.")
    const api = yield* connect
    const payload = { ...settings, expiresInDays: expiresIn / DAY_MS }
    const made = yield* api((client) => client.tokens.create({ payload }))
    const { summary } = made
    yield* note(
      `Made the ${summary.kind} token ${visible(summary.name)} (${summary.id}): ${summary.scopes.join(", ")}, ` +
        `until ${moment(summary.expiresAt)}. It is shown this once:\n`
    )
    yield* answer(made, () => `${made.token}\n`)
  })
).pipe(
  Command.withDescription("Make a token; prints it, once, on standard output"),
  Command.withExamples([
    { command: "fluxcybers token create my-agent --kind agent --scope read --scope propose > agent-token" },
    {
      command:
        "fluxcybers token create laptop --kind person --scope read --scope propose --scope decide --expires-in 30d"
    }
  ])
)

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const tokens = yield* api((client) => client.tokens.list())
    yield* answer(tokens, () =>
      table(
        ["ID", "NAME", "KIND", "SCOPES", "CREATED", "EXPIRES", "LAST USED"],
        tokens.map((token) => [
          token.id,
          token.name,
          token.kind,
          token.scopes.join(" "),
          moment(token.createdAt),
          moment(token.expiresAt),
          moment(token.lastUsedAt ?? "")
        ]),
        "There are no tokens."
      )
    )
  })
).pipe(
  Command.withDescription("List the tokens that you may see; never the tokens themselves"),
  Command.withExamples([{ command: "fluxcybers token list" }])
)

const revoke = Command.make(
  "revoke",
  { id: tokenArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    yield* api((client) => client.tokens.revoke({ params: { id } }))
    yield* answer({ id, revoked: true }, () => `Revoked ${id}. It opens nothing any more.\n`)
  })
).pipe(
  Command.withDescription("Revoke a token, at once"),
  Command.withExamples([{ command: "fluxcybers token revoke token_01…" }])
)

export const tokens = Command.make("token").pipe(
  Command.withDescription("What programs, agents and you sign in with: create, list, revoke"),
  Command.withSubcommands([create, list, revoke])
)
