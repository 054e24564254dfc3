// `secret`: sealed values. A value comes in by file, standard input or a question, and goes out as raw bytes on standard output.
import type { SecretSummary } from "@fluxcybers/vault"
import { Clock, Effect, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { Json } from "./global-flags.ts"
import { readSecret } from "./input.ts"
import { moment } from "./moment.ts"
import { answer, note, writeOut } from "./output.ts"
import { durationFlag, secretArgument, yesFlag } from "./parameters.ts"
import { Questions, requireTerminal } from "./questions.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

/** The vault's own limit is smaller; beyond this the file is surely not a secret. */
const FILE_BYTES_MAX = 1024 * 1024

const valueFlags = {
  file: Flag.String("file").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Read the value from a file, byte for byte"),
    Flag.optional
  ),
  stdin: Flag.Boolean("stdin").pipe(
    Flag.withDescription("Read the value from standard input, byte for byte"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  expiresIn: durationFlag("expires-in").pipe(
    Flag.withDescription("After this time it is not given out any more, as in 90d"),
    Flag.optional
  )
}

const put = Command.make(
  "put",
  { name: secretArgument, ...valueFlags },
  Effect.fnUntraced(function* (input) {
    const payload = yield* sealedPayload(input)
    const api = yield* connect
    const secret = yield* api((client) => client.secrets.put({ payload }))
    yield* answer(secret, () => `Sealed ${visible(secret.name)}, version ${secret.version}.\n`)
  })
).pipe(
  Command.withDescription("Seal a new secret"),
  Command.withExamples([
    { command: "fluxcybers secret put db/password", description: "Asks for the value, without showing it" },
    { command: "fluxcybers secret put ssh/web --file ~/.ssh/id_ed25519" },
    { command: "pass show db | tr -d '\\n' | fluxcybers secret put db/password --stdin --expires-in 90d" }
  ])
)

const rotate = Command.make(
  "rotate",
  { name: secretArgument, ...valueFlags },
  Effect.fnUntraced(function* (input) {
    const payload = yield* sealedPayload(input)
    const api = yield* connect
    const secret = yield* api((client) => client.secrets.rotate({ payload }))
    yield* answer(secret, () => `Rotated ${visible(secret.name)} to version ${secret.version}.\n`)
    yield* note("What was approved with the version before will be refused: approve it again.")
  })
).pipe(
  Command.withDescription("Give a secret a new value, as a new version"),
  Command.withExamples([{ command: "fluxcybers secret rotate db/password --file new-password" }])
)

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const secrets = yield* api((client) => client.secrets.list())
    yield* answer(secrets, () =>
      table(
        ["NAME", "VERSION", "CREATED", "ROTATED", "EXPIRES", "LAST READ"],
        secrets.map(row),
        "There are no secrets. Seal one with: fluxcybers secret put NAME"
      )
    )
  })
).pipe(
  Command.withDescription("List the secrets; never their values"),
  Command.withExamples([{ command: "fluxcybers secret list" }])
)

const reveal = Command.make(
  "reveal",
  {
    name: secretArgument,
    purpose: Flag.String("purpose").pipe(
      Flag.withMetavar("WHY"),
      Flag.withDescription("Why you read it; it stands in the audit log")
    ),
    version: Flag.Int("secret-version").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("An older version; the current one unless told"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ name, purpose, version }) {
    const api = yield* connect
    const payload = { name, purpose, ...(Option.isSome(version) ? { version: version.value } : {}) }
    const secret = yield* api((client) => client.secrets.reveal({ payload }))
    if (yield* Json) yield* answer(secret, () => "")
    else yield* writeOut(Buffer.from(secret.value, "base64"))
  })
).pipe(
  Command.withDescription("Print a secret's value, byte for byte; with --json in base64"),
  Command.withExamples([
    { command: "fluxcybers secret reveal db/password --purpose 'restore of 2026-11-24'" },
    { command: "fluxcybers secret reveal ssh/web --purpose 'key check' > key" }
  ])
)

const destroy = Command.make(
  "destroy",
  { name: secretArgument, yes: yesFlag("Do not ask") },
  Effect.fnUntraced(function* ({ name, yes }) {
    if (!yes) yield* typedName(name)
    const api = yield* connect
    yield* api((client) => client.secrets.destroy({ payload: { name } }))
    yield* answer({ name, destroyed: true }, () => `Destroyed ${visible(name)}. Its value is gone for ever.\n`)
  })
).pipe(
  Command.withDescription("Destroy a secret with all its versions, for ever"),
  Command.withExamples([
    { command: "fluxcybers secret destroy db/password", description: "Asks you to type the name" },
    { command: "fluxcybers secret destroy db/password --yes" }
  ])
)

export const secrets = Command.make("secret").pipe(
  Command.withDescription("Sealed values: put, list, reveal, rotate, destroy"),
  Command.withSubcommands([put, list, reveal, rotate, destroy])
)

const row = (secret: SecretSummary): ReadonlyArray<string> => [
  secret.name,
  String(secret.version),
  moment(secret.createdAt),
  moment(secret.rotatedAt ?? ""),
  moment(secret.expiresAt ?? ""),
  moment(secret.lastRevealedAt ?? "")
]

const sealedPayload = Effect.fnUntraced(function* (input: {
  readonly name: string
  readonly file: Option.Option<string>
  readonly stdin: boolean
  readonly expiresIn: Option.Option<number>
}) {
  const value = yield* readSecret({
    file: Option.getOrUndefined(input.file),
    isStdin: input.stdin,
    what: visible(input.name),
    bytesMax: FILE_BYTES_MAX
  })
  const bytes = Redacted.value(value)
  if (isLineWithNewline(bytes)) {
    yield* note(
      "The value ends with a newline, which belongs to it. If it is a password, give it without: printf %s … | fluxcybers secret put … --stdin"
    )
  }
  const now = yield* Clock.currentTimeMillis
  return {
    name: input.name,
    value: Buffer.from(bytes).toString("base64"),
    ...(Option.isSome(input.expiresIn) ? { expiresAt: new Date(now + input.expiresIn.value).toISOString() } : {})
  }
})

/** One line and its newline: most often `echo` put it there. A key has several lines and needs its last newline. */
const isLineWithNewline = (bytes: Uint8Array): boolean => bytes.length > 1 && bytes.indexOf(10) === bytes.length - 1

const typedName = Effect.fnUntraced(function* (name: string) {
  yield* requireTerminal("Destroying a secret", "In a script: --yes")
  const { ask } = yield* Questions
  const typed = yield* ask(`This destroys ${visible(name)} with all its versions, for ever. Type its name to go on: `)
  if (typed !== name) return yield* otherName(name)
})

const otherName = (name: string): CliFailure => usageFailure(`That is not the name. ${name} was not destroyed.`)
