// `target`: where commands run.

import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type CallApi, connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { answer, note, writeError } from "./output.ts"
import { portFlag, present, repeated, targetArgument } from "./parameters.ts"
import { confirm, requireTerminal } from "./questions.ts"
import { table } from "./table.ts"
import { jumpNames, targetDetails, wayOf } from "./target-details.ts"
import { importHostKeys } from "./target-import-command.ts"
import { visible } from "./visible-text.ts"

const SSH_PORT = 22

const hostKeyFlag = Flag.String("host-key").pipe(
  Flag.withMetavar("SHA256:..."),
  Flag.withDescription(
    "Fingerprint of the host's key, or cert-authority:SHA256:... for an authority whose host certificates are accepted; without it, the key is read from the host and you compare it"
  )
)
const tagFlag = Flag.String("tag").pipe(
  Flag.withMetavar("TAG"),
  Flag.withDescription("A tag that rules can match; give it again for more"),
  repeated
)

const passphraseFlag = Flag.String("passphrase").pipe(
  Flag.withMetavar("SECRET"),
  Flag.withDescription("Name of the secret that opens the private key, where it is encrypted"),
  Flag.optional
)
const jumpFlag = Flag.String("jump").pipe(
  Flag.withMetavar("TARGET"),
  Flag.withDescription("The target through which this one is reached (a jump host, a bastion)"),
  Flag.optional
)

const add = Command.make(
  "add",
  {
    name: Argument.String("name").pipe(Argument.withDescription("What you will call it, as in: run -t NAME")),
    host: Flag.String("host").pipe(Flag.withMetavar("HOST"), Flag.withDescription("Host name or IP address")),
    port: portFlag.pipe(Flag.withDescription(`SSH port; ${SSH_PORT} unless told`), Flag.withDefault(SSH_PORT)),
    account: Flag.String("account").pipe(
      Flag.withMetavar("ACCOUNT"),
      Flag.withDescription("The account that commands run as")
    ),
    credential: Flag.String("credential").pipe(
      Flag.withMetavar("SECRET"),
      Flag.withDescription("Name of the secret that signs in: a private key or a password")
    ),
    hostKey: hostKeyFlag.pipe(Flag.optional),
    passphrase: passphraseFlag,
    jump: jumpFlag,
    tags: tagFlag
  },
  Effect.fnUntraced(function* ({ hostKey, jump: through, passphrase, ...settings }) {
    const api = yield* connect
    const jump = present({ jump: Option.getOrUndefined(through) })
    const opening = present({ passphrase: Option.getOrUndefined(passphrase) })
    const fingerprint = Option.isSome(hostKey) ? hostKey.value : yield* scannedKey(api, { ...settings, ...jump })
    const payload = { ...settings, ...opening, ...jump, hostKey: fingerprint }
    const target = yield* api((client) => client.targets.add({ payload }))
    const way = yield* jumpNames(api, target)
    yield* answer(target, () => `Added.\n${targetDetails(target, way)}`)
    yield* note(`Try it: fluxcybers target test ${visible(target.name)}`)
  })
).pipe(
  Command.withDescription("Add a target"),
  Command.withExamples([
    {
      command: "fluxcybers target add web-1 --host 10.0.0.5 --account deploy --credential ssh/web --tag web",
      description: "Shows the key of the host, to compare and confirm"
    },
    {
      command:
        "fluxcybers target add web-1 --host 10.0.0.5 --account deploy --credential ssh/web --host-key SHA256:...",
      description: "In a script, with the key known from elsewhere"
    },
    {
      command: "fluxcybers target add db-1 --host 10.1.0.7 --account deploy --credential ssh/db --jump bastion",
      description: "Reached through the target bastion, as with ssh -J"
    }
  ])
)

const list = Command.make(
  "list",
  { tags: tagFlag.pipe(Flag.withDescription("Only targets with this tag; given again, with all of them")) },
  Effect.fnUntraced(function* ({ tags }) {
    const api = yield* connect
    const all = yield* api((client) => client.targets.list())
    const targets = all.filter((target) => tags.every((tag) => target.tags.includes(tag)))
    yield* answer(targets, () =>
      table(
        ["NAME", "ACCOUNT AND HOST", "THROUGH", "HOST KEY", "CREDENTIAL", "TAGS"],
        targets.map((target) => [
          target.name,
          `${target.account}@${target.host}:${target.port}`,
          wayOf(target, targets)[0] ?? "",
          target.hostKey,
          target.credential,
          target.tags.join(" ")
        ]),
        tags.length === 0 ? "There are no targets. Add one with: fluxcybers target add" : "No target has these tags."
      )
    )
  })
).pipe(
  Command.withDescription("List the targets"),
  Command.withExamples([{ command: "fluxcybers target list" }, { command: "fluxcybers target list --tag web" }])
)

const test = Command.make(
  "test",
  { target: targetArgument },
  Effect.fnUntraced(function* ({ target }) {
    const api = yield* connect
    const result = yield* api((client) => client.targets.test({ params: { target } }))
    if (!result.ok) return yield* testFailed(target, result.detail)
    yield* answer(result, () => `${visible(result.detail)}\n`)
  })
).pipe(
  Command.withDescription("Connect, check the host key and sign in; runs nothing"),
  Command.withExamples([{ command: "fluxcybers target test web-1" }])
)

const change = Command.make(
  "change",
  {
    target: targetArgument,
    host: Flag.String("host").pipe(Flag.withMetavar("HOST"), Flag.withDescription("New host"), Flag.optional),
    port: portFlag.pipe(Flag.withDescription("New SSH port"), Flag.optional),
    account: Flag.String("account").pipe(
      Flag.withMetavar("ACCOUNT"),
      Flag.withDescription("New account"),
      Flag.optional
    ),
    credential: Flag.String("credential").pipe(
      Flag.withMetavar("SECRET"),
      Flag.withDescription("Name of another secret"),
      Flag.optional
    ),
    hostKey: Flag.String("host-key").pipe(
      Flag.withMetavar("SHA256:..."),
      Flag.withDescription("Fingerprint of the host's new key"),
      Flag.optional
    ),
    jump: jumpFlag.pipe(Flag.withDescription("Another target through which this one is reached")),
    passphrase: passphraseFlag,
    noPassphrase: Flag.Boolean("no-passphrase").pipe(
      Flag.withDescription("The private key is not encrypted any more"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    noJump: Flag.Boolean("no-jump").pipe(
      Flag.withDescription("Reach it directly from now on"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    tags: tagFlag.pipe(Flag.withDescription("The new tags, in place of all old ones; give it again for more")),
    noTags: Flag.Boolean("no-tags").pipe(
      Flag.withDescription("Take all tags away"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ target, tags, noTags, noJump, noPassphrase, ...settings }) {
    const payload = present({
      host: Option.getOrUndefined(settings.host),
      port: Option.getOrUndefined(settings.port),
      account: Option.getOrUndefined(settings.account),
      credential: Option.getOrUndefined(settings.credential),
      hostKey: Option.getOrUndefined(settings.hostKey),
      passphrase: noPassphrase ? null : Option.getOrUndefined(settings.passphrase),
      jump: noJump ? null : Option.getOrUndefined(settings.jump),
      tags: tags.length === 0 && !noTags ? undefined : tags
    })
    if (noJump && Option.isSome(settings.jump)) return yield* usageFailure("Use --jump or --no-jump, not both.")
    if (noPassphrase && Option.isSome(settings.passphrase))
      return yield* usageFailure("Use --passphrase or --no-passphrase, not both.")
    if (noTags && tags.length > 0) return yield* usageFailure("Use --tag or --no-tags, not both.")
    if (Object.keys(payload).length === 0)
      return yield* usageFailure("There is nothing to change: name what is new, as in --host HOST.")
    const api = yield* connect
    const changed = yield* api((client) => client.targets.change({ params: { target }, payload }))
    const way = yield* jumpNames(api, changed)
    yield* answer(changed, () => `Changed.\n${targetDetails(changed, way)}`)
    yield* note("What was approved for it before will be refused: approve it again.")
  })
).pipe(
  Command.withDescription("Change a target; what is left out stays"),
  Command.withExamples([{ command: "fluxcybers target change web-1 --host 10.0.0.6 --host-key SHA256:..." }])
)

const remove = Command.make(
  "remove",
  { target: targetArgument },
  Effect.fnUntraced(function* ({ target }) {
    const api = yield* connect
    yield* api((client) => client.targets.remove({ params: { target } }))
    yield* answer({ target, removed: true }, () => `Removed ${visible(target)}.\n`)
  })
).pipe(
  Command.withDescription("Remove a target; its credential stays in the vault"),
  Command.withExamples([{ command: "fluxcybers target remove web-1" }])
)

export const targets = Command.make("target").pipe(
  Command.withDescription("Where commands run: add, list, test, change, import host keys, remove"),
  Command.withSubcommands([add, list, test, change, importHostKeys, remove])
)

/** The key that the host shows, once a person has compared it: nobody else can say that it is the right host. */
const scannedKey = Effect.fnUntraced(function* (
  api: CallApi,
  { host, port, jump }: { readonly host: string; readonly port: number; readonly jump?: string }
) {
  yield* requireTerminal("The host's key", "Give its fingerprint with --host-key.")
  const key = yield* api((client) => client.targets.scan({ payload: { host, port, ...present({ jump }) } }))
  yield* writeError(
    `${visible(host)} port ${port} shows this ${visible(key.algorithm)} key:\n\n  ${visible(key.fingerprint)}\n\n` +
      "Compare it with what this prints on the host itself:\n  for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done\n\n"
  )
  if (!(yield* confirm("Is it the same?"))) return yield* notConfirmed(host)
  return key.fingerprint
})

const notConfirmed = (host: string) =>
  new CliFailure({
    exit: "failure",
    code: "host-key-not-confirmed",
    title: "Host key not confirmed",
    detail: `The key of ${host} was not confirmed. The target was not added.\nIf it is another key than expected, somebody may stand between the server and ${host}.`
  })

const testFailed = (target: string, detail: string) =>
  new CliFailure({
    exit: "failure",
    code: "target-test-failed",
    title: "Target not usable",
    detail: `${target}: ${detail}`
  })
