// `approver-key`: the keys that you sign your decisions with.
import { readFileSync } from "node:fs"
import type { ApprovalKeyId } from "@fluxcybers/core"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { usageFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { approvalKeyArgument } from "./parameters.ts"
import { peopleNames } from "./people.ts"
import { table } from "./table.ts"

const add = Command.make(
  "add",
  {
    file: Argument.String("file").pipe(Argument.withDescription("The public key: ~/.ssh/id_ed25519.pub")),
    name: Flag.String("name").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("To recognise it later; `SSH key` unless told"),
      Flag.withDefault("SSH key")
    )
  },
  Effect.fnUntraced(function* ({ file, name }) {
    const publicKey = yield* readKey(file)
    const api = yield* connect
    const key = yield* api((client) => client.approvalKeys.addSshKey({ payload: { name, publicKey } }))
    yield* answer(key, () => `Registered ${key.id}, ${key.fingerprint}. The log has the public key.\n`)
  })
).pipe(
  Command.withDescription("Register an SSH key of yours to sign decisions with; needs a token that may administer"),
  Command.withExamples([{ command: "fluxcybers approver-key add ~/.ssh/id_ed25519.pub --name laptop" }])
)

const PRIVATE = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** A private key that is given by mistake must not leave this machine. */
const readKey = Effect.fnUntraced(function* (path: string) {
  const text = yield* Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: (cause) => usageFailure(`${path} could not be read: ${fileErrorText(cause)}. Nothing was changed.`)
  })
  if (PRIVATE.test(text)) {
    return yield* usageFailure(`${path} is a private key. Nothing was sent.\nGive its public half: ${path}.pub`)
  }
  return text.trim()
})

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const keys = yield* api((client) => client.approvalKeys.list())
    const names = yield* peopleNames(api)
    yield* answer(keys, () =>
      table(
        ["ID", "WHOSE", "KIND", "NAME", "FINGERPRINT", "ADDED"],
        keys.map(({ id, person, kind, name, fingerprint, addedAt }) => [
          id,
          names.get(person) ?? person,
          kind,
          name,
          fingerprint,
          moment(addedAt)
        ]),
        "There are no keys."
      )
    )
  })
).pipe(
  Command.withDescription("List the keys that you sign with; everybody's, for owners and administrators"),
  Command.withExamples([{ command: "fluxcybers approver-key list" }])
)

const revoke = Command.make(
  "revoke",
  { id: approvalKeyArgument },
  Effect.fnUntraced(function* ({ id }: { readonly id: ApprovalKeyId }) {
    const api = yield* connect
    yield* api((client) => client.approvalKeys.revoke({ params: { key: id } }))
    yield* answer({ id, revoked: true }, () => `Revoked ${id}. It signs nothing more; what it signed stays valid.\n`)
  })
).pipe(
  Command.withDescription("Revoke a key, at once"),
  Command.withExamples([{ command: "fluxcybers approver-key revoke approvalkey_01…" }])
)

export const approverKeys = Command.make("approver-key").pipe(
  Command.withDescription("The keys that decisions are signed with: add, list, revoke"),
  Command.withSubcommands([add, list, revoke])
)
