// `grant`: exact commands on exact targets, once each, or a window for reads, in one decision.
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { CliFailure } from "./failure.ts"
import { onFlag } from "./fleet-flags.ts"
import { grantRunbook } from "./grant-runbook-command.ts"
import { grantText } from "./grant-text.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { durationFlag, grantArgument, present, repeated } from "./parameters.ts"
import { table } from "./table.ts"

const request = Command.make(
  "request",
  {
    command: Argument.String("command").pipe(
      Argument.withDescription("The command and its arguments, after --; none for a window in which reads may run"),
      Argument.variadic()
    ),
    scripts: Flag.String("command-line").pipe(
      Flag.withMetavar("LINE"),
      Flag.withDescription("A script of one line for /bin/sh; give it again for more commands"),
      repeated
    ),
    targets: Flag.String("target").pipe(
      Flag.withAlias("t"),
      Flag.withMetavar("TARGET"),
      Flag.withDescription("Where; give it again for more. Each command may run once on each"),
      repeated
    ),
    on: onFlag,
    executor: Flag.Literals("executor", ["ssh", "local"]).pipe(Flag.withDescription("How"), Flag.withDefault("ssh")),
    uses: Flag.Int("uses").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("So many executions at most"),
      Flag.optional
    ),
    for: durationFlag("for").pipe(Flag.withDescription("How long it lasts: 1m to 7d"))
  },
  Effect.fnUntraced(function* ({ command, scripts, targets: named, on, executor, uses, for: expiresInMs }) {
    const commands = [...(command.length > 0 ? [{ argv: command }] : []), ...scripts.map((script) => ({ script }))]
    const api = yield* connect
    const targets = [...named, ...on]
    const payload = { executor, targets, commands, expiresInMs, ...present({ usesMax: Option.getOrUndefined(uses) }) }
    const grant = yield* api((client) => client.grants.request({ payload }))
    yield* answer(grant, () => grantText(grant))
  })
).pipe(
  Command.withDescription(
    "Ask for exact commands on exact targets, each once on each, or without a command for a window in which everything that only reads may run. Only you can use it; people decide on it once."
  ),
  Command.withShortDescription("Ask for exact commands in advance, or for a window for reads"),
  Command.withExamples([
    { command: "fluxcybers grant request -t web-1 -t web-2 --for 2h -- systemctl restart nginx" },
    { command: "fluxcybers grant request -t web-1 --for 30m", description: "A window for reads" }
  ])
)

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const grants = yield* api((client) => client.grants.list())
    yield* answer(grants, () =>
      table(
        ["ID", "STATE", "KIND", "FOR", "USES", "UNTIL"],
        grants.map(({ id, state, scope, uses }) => [
          id,
          state,
          scope.kind,
          scope.requester,
          `${uses} of ${scope.usesMax}`,
          moment(scope.expiresAt)
        ]),
        "There are no bounded grants."
      )
    )
  })
).pipe(
  Command.withDescription("List bounded grants, newest first"),
  Command.withExamples([{ command: "fluxcybers grant list" }])
)

const show = Command.make(
  "show",
  { id: grantArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    const grant = yield* api((client) => client.grants.show({ params: { id } }))
    yield* answer(grant, () => grantText(grant))
  })
).pipe(
  Command.withDescription("Show everything that a bounded grant allows, and its digest"),
  Command.withExamples([{ command: "fluxcybers grant show bound_01…" }])
)

const decide = (verdict: "approve" | "reject", said: string) =>
  Command.make(
    verdict,
    {
      id: grantArgument,
      digest: Flag.String("digest").pipe(
        Flag.withMetavar("SHA256"),
        Flag.withDescription("The digest of what you saw, from: fluxcybers grant show")
      )
    },
    Effect.fnUntraced(function* ({ id, digest }) {
      const api = yield* connect
      const seen = yield* api((client) => client.grants.show({ params: { id } }))
      const { boundedDigest } = yield* Effect.promise(() => import("@fluxcybers/executor"))
      if (boundedDigest(seen.scope) !== digest) return yield* otherDigest(id)
      const grant = yield* api((client) => client.grants.decide({ params: { id }, payload: { verdict, digest } }))
      yield* answer(grant, () => `${said} ${id}. It is ${grant.state}.\n`)
    })
  ).pipe(
    Command.withDescription(
      `${verdict === "approve" ? "Approve" : "Reject"} exactly the bounded grant with this digest`
    ),
    Command.withExamples([{ command: `fluxcybers grant ${verdict} bound_01… --digest 9f86d081884c7d65…` }])
  )

const revoke = Command.make(
  "revoke",
  { id: grantArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    const grant = yield* api((client) => client.grants.revoke({ params: { id } }))
    yield* answer(grant, () => `Revoked ${id}. What has not started under it will not run.\n`)
  })
).pipe(
  Command.withDescription("Take a bounded grant back; what has not started under it will not run"),
  Command.withExamples([{ command: "fluxcybers grant revoke bound_01…" }])
)

export const grants = Command.make("grant").pipe(
  Command.withDescription(
    "Commands that are approved in advance: request, runbook, list, show, approve, reject, revoke"
  ),
  Command.withSubcommands([
    request,
    grantRunbook,
    list,
    show,
    decide("approve", "Approved"),
    decide("reject", "Rejected"),
    revoke
  ])
)

const otherDigest = (id: string) =>
  new CliFailure({
    exit: "plan-changed",
    code: "digest-differs",
    title: "Not that grant",
    detail: `What the server shows of ${id} has another digest. Nothing was decided.\nLook at it: fluxcybers grant show ${id}`
  })
