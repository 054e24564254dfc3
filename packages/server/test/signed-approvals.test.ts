// Decisions signed with a person's SSH key, through the API and into the log.
import { it } from "@effect/vitest"
import { statementBytes } from "@fluxcybers/core"
import { approvalStatement, type Execution } from "@fluxcybers/executor"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { sshSigner } from "../../../repo/testing/ssh-signer.ts"
import { type Client, clientOf, ownedServer, problemIn, verifiedLog } from "./test-server.ts"

const propose = (client: Client) =>
  client.executions.propose({
    payload: { executor: "local", input: { argv: ["echo", "hello"] }, targets: [] },
    headers: {}
  })

const statementOf = Effect.fnUntraced(function* (
  client: Client,
  execution: Execution,
  verdict: "approve" | "reject" = "approve"
) {
  const { organisation, person } = yield* client.session.whoami()
  return statementBytes(approvalStatement({ organisation, person: person!, verdict, execution }))
})

const decide = (
  client: Client,
  { id, digest }: Execution,
  signature: string,
  verdict: "approve" | "reject" = "approve"
) => client.executions[verdict]({ params: { id }, payload: { digest, signature: { _tag: "SshKey", signature } } })

describe.each(serverDatabases)("on $name", (database) => {
  it.live("a signed approval stands in the log with its key, and the log verifies", () =>
    Effect.gen(function* () {
      const { owner } = yield* ownedServer(database)
      const { client } = owner
      const signer = sshSigner()
      const key = yield* client.approvalKeys.addSshKey({ payload: { name: "laptop", publicKey: signer.line } })
      expect(yield* client.approvalKeys.list()).toEqual([key])
      const execution = yield* propose(client)
      const decided = yield* decide(client, execution, signer.sign(yield* statementOf(client, execution)))
      expect(decided.decisions).toMatchObject([{ signed: "ssh-key", signatureKey: key.id }])
      yield* client.approvalKeys.revoke({ params: { key: key.id } })
      expect(yield* client.approvalKeys.list()).toEqual([])
      const { items } = yield* client.audit.list({ query: { object: execution.id, action: "execution.approved" } })
      expect(items[0]?.entry.facts).toMatchObject({
        signed: "ssh-key",
        signatureKey: key.id,
        signatureScope: "execution"
      })
      const [registered] = (yield* client.audit.list({ query: { object: key.id, action: "approval-key.added" } })).items
      expect(registered?.entry.facts).toMatchObject({
        fingerprint: key.fingerprint,
        publicKey: signer.blob.toString("base64")
      })
      expect(yield* verifiedLog(client)).toMatchObject({ problems: [] })
    }).pipe(Effect.scoped)
  )

  it.live("a signature over anything else, or with any other key, decides nothing", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const { client } = owner
      const signer = sshSigner()
      const execution = yield* propose(client)
      const other = yield* propose(client)
      const message = yield* statementOf(client, execution)
      const refusal = (signature: string, by = client) => problemIn(decide(by, execution, signature))
      expect(yield* refusal(signer.sign(message))).toMatchObject({ status: 403, code: "decision-key-unknown" })
      const key = yield* client.approvalKeys.addSshKey({ payload: { name: "laptop", publicKey: signer.line } })
      for (const wrong of [
        signer.sign(yield* statementOf(client, other)),
        signer.sign(yield* statementOf(client, execution, "reject")),
        signer.sign(message, "file"),
        "no signature"
      ]) {
        expect(yield* refusal(wrong)).toMatchObject({ status: 422, code: "decision-signature-invalid" })
      }
      const member = yield* client.members.add({ payload: { name: "Bob", roles: ["approver"] } })
      const bob = yield* clientOf(server.url, member.token)
      expect(yield* refusal(signer.sign(message), bob)).toMatchObject({ code: "decision-key-unknown" })
      yield* client.approvalKeys.revoke({ params: { key: key.id } })
      expect(yield* refusal(signer.sign(message))).toMatchObject({ code: "decision-key-unknown" })
      expect((yield* client.executions.show({ params: { id: execution.id } })).decisions).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.live("a key is registered once, by its person, and goes with them", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const { client } = owner
      const signer = sshSigner()
      const member = yield* client.members.add({ payload: { name: "Bob", roles: ["approver"] } })
      const bob = yield* clientOf(server.url, member.token)
      const payload = { name: "laptop", publicKey: signer.line }
      const key = yield* bob.approvalKeys.addSshKey({ payload })
      expect(yield* problemIn(client.approvalKeys.addSshKey({ payload }))).toMatchObject({
        code: "approval-key-exists"
      })
      expect(
        yield* problemIn(client.approvalKeys.addSshKey({ payload: { name: "x", publicKey: "ssh-rsa AAAA" } }))
      ).toMatchObject({
        status: 422,
        code: "approval-key-invalid"
      })
      const deciding = { name: "phone", kind: "person" as const, scopes: ["read", "decide"] as const, expiresInDays: 1 }
      const narrow = yield* clientOf(server.url, (yield* bob.tokens.create({ payload: deciding })).token)
      const another = { name: "x", publicKey: sshSigner().line }
      expect(yield* problemIn(narrow.approvalKeys.addSshKey({ payload: another }))).toMatchObject({
        code: "forbidden-scope"
      })
      yield* client.members.remove({ params: { person: member.member.person } })
      expect(yield* client.approvalKeys.list()).toEqual([])
      const { items } = yield* client.audit.list({ query: { object: key.id } })
      expect(items.map(({ entry }) => entry.action)).toEqual(["approval-key.revoked", "approval-key.added"])
    }).pipe(Effect.scoped)
  )
})
