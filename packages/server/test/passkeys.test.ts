// Decisions signed with a passkey, through the API and into the log; the authenticator is one in software that can also lie.
import { it } from "@effect/vitest"
import type { Execution } from "@fluxcybers/executor"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { type Answer, softwarePasskey } from "../../../repo/testing/software-passkey.ts"
import { type Client, clientOf, ownedServer, problemIn, verifiedLog } from "./test-server.ts"

type Passkey = ReturnType<typeof softwarePasskey>

/** The same server by its name: a passkey cannot belong to a number. */
const named = (url: string) => url.replace("127.0.0.1", "localhost")

const register = Effect.fnUntraced(function* (client: Client, passkey: Passkey, answer: Answer) {
  const options = yield* client.approvalKeys.beginPasskey()
  const response = passkey.register(String(options["challenge"]), answer)
  return yield* client.approvalKeys.addPasskey({ payload: { name: "phone", response } })
})

const propose = (client: Client) =>
  client.executions.propose({ payload: { executor: "local", input: { argv: ["true"] }, targets: [] }, headers: {} })

const challengeOf = (client: Client, { id, digest }: Execution, verdict: "approve" | "reject" = "approve") =>
  Effect.map(client.executions.passkeyOptions({ params: { id }, query: { verdict, digest } }), ({ challenge }) =>
    Buffer.from(challenge, "base64url")
  )

const decide = (client: Client, { id, digest }: Execution, passkey: Passkey, made: ReturnType<Passkey["answer"]>) => {
  const [authenticatorData, clientDataJson, signature] = [
    made.authenticatorData,
    made.clientDataJson,
    made.signature
  ].map((bytes) => bytes.toString("base64url")) as [string, string, string]
  const answer = { credential: passkey.id, authenticatorData, clientDataJson, signature }
  return client.executions.approve({ params: { id }, payload: { digest, signature: { _tag: "Passkey", ...answer } } })
}

const passkeyServer = Effect.fnUntraced(function* (database: Parameters<typeof ownedServer>[0]) {
  const { server, owner } = yield* ownedServer(database)
  const origin = named(server.url)
  return { server, origin, client: yield* clientOf(origin, owner.token) }
})

describe.each(serverDatabases)("on $name, a passkey", (database) => {
  it.live("is registered, signs a decision, and the log verifies", () =>
    Effect.gen(function* () {
      const { client, origin } = yield* passkeyServer(database)
      const passkey = softwarePasskey()
      const key = yield* register(client, passkey, { origin })
      expect(key).toMatchObject({ kind: "passkey", name: "phone" })
      const execution = yield* propose(client)
      const made = passkey.answer(yield* challengeOf(client, execution), { origin, counter: 1 })
      const { decisions } = yield* decide(client, execution, passkey, made)
      expect(decisions).toMatchObject([{ signed: "passkey", signatureKey: key.id }])
      const [added] = (yield* client.audit.list({ query: { object: key.id } })).items
      expect(added?.entry.facts).toMatchObject({
        publicKey: passkey.publicKey.toString("base64"),
        rpId: "localhost",
        origin
      })
      expect(yield* verifiedLog(client)).toMatchObject({ problems: [] })
    }).pipe(Effect.scoped)
  )

  it.live("decides nothing with an answer that is not exactly for this", () =>
    Effect.gen(function* () {
      const { client, origin, server } = yield* passkeyServer(database)
      const passkey = softwarePasskey()
      yield* register(client, passkey, { origin })
      const [execution, other] = [yield* propose(client), yield* propose(client)]
      const challenge = yield* challengeOf(client, execution)
      const refused = (made: ReturnType<Passkey["answer"]>, with_ = passkey, by = client) =>
        Effect.map(problemIn(decide(by, execution, with_, made)), ({ code }) => code)
      const answers = [
        passkey.answer(yield* challengeOf(client, other), { origin }),
        passkey.answer(yield* challengeOf(client, execution, "reject"), { origin }),
        passkey.answer(challenge, { origin: "http://localhost:1" }),
        passkey.answer(challenge, { origin, rpId: "evil.example" }),
        passkey.answer(challenge, { origin, flags: 0x01 }),
        softwarePasskey().answer(challenge, { origin })
      ]
      for (const made of answers) expect(yield* refused(made)).toBe("decision-signature-invalid")
      const stranger = softwarePasskey()
      expect(yield* refused(stranger.answer(challenge, { origin }), stranger)).toBe("decision-key-unknown")
      const { token } = yield* client.members.add({ payload: { name: "Bob", roles: ["approver"] } })
      const bob = yield* clientOf(named(server.url), token)
      expect(yield* refused(passkey.answer(challenge, { origin }), passkey, bob)).toBe("decision-key-unknown")
    }).pipe(Effect.scoped)
  )

  it.live("whose counter did not grow was copied, and decides nothing", () =>
    Effect.gen(function* () {
      const { client, origin } = yield* passkeyServer(database)
      const passkey = softwarePasskey()
      yield* register(client, passkey, { origin })
      const [first, second] = [yield* propose(client), yield* propose(client)]
      yield* decide(client, first, passkey, passkey.answer(yield* challengeOf(client, first), { origin, counter: 7 }))
      const challenge = yield* challengeOf(client, second)
      const again = decide(client, second, passkey, passkey.answer(challenge, { origin, counter: 7 }))
      expect(yield* problemIn(again)).toMatchObject({ code: "decision-signature-invalid" })
      yield* decide(client, second, passkey, passkey.answer(challenge, { origin, counter: 8 }))
    }).pipe(Effect.scoped)
  )

  it.live("is not registered from another page, without its person, twice with one challenge, or at a number", () =>
    Effect.gen(function* () {
      const { client, origin, server } = yield* passkeyServer(database)
      const passkey = softwarePasskey()
      for (const answer of [
        { origin: "http://localhost:1" },
        { origin, rpId: "evil.example" },
        { origin, flags: 0x01 }
      ]) {
        expect(yield* problemIn(register(client, passkey, answer))).toMatchObject({
          code: "approval-key-passkey-refused"
        })
      }
      const { challenge } = yield* client.approvalKeys.beginPasskey()
      const payload = { name: "phone", response: passkey.register(String(challenge), { origin }) }
      yield* client.approvalKeys.addPasskey({ payload })
      expect(yield* problemIn(client.approvalKeys.addPasskey({ payload }))).toMatchObject({
        code: "approval-key-passkey-refused"
      })
      const { token } = yield* client.members.add({ payload: { name: "Bob", roles: ["approver"] } })
      const atNumber = yield* clientOf(server.url, token)
      expect(yield* problemIn(atNumber.approvalKeys.beginPasskey())).toMatchObject({ code: "passkey-address" })
    }).pipe(Effect.scoped)
  )
})
