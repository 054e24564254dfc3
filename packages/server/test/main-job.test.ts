// The main job through real HTTP: claim, seal, propose, approve, run, read, prove.
import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { base64, type Client, clientOf, ownedServer, problemIn, verifiedLog } from "./test-server.ts"

const CANARY = "canary-7f3a9c51-never-in-the-clear"
const script = (text: string) => ({ executor: "local", input: { script: text }, targets: [] })
const propose = (client: Client, text: string) => client.executions.propose({ payload: script(text), headers: {} })

const finished = Effect.fnUntraced(function* (client: Client, id: (typeof started)["id"]) {
  const events = yield* Stream.runCollect(yield* client.executions.events({ params: { id }, query: {} }))
  const output = events.flatMap((event) => (event._tag === "Output" ? [Buffer.from(event.bytes, "base64")] : []))
  return { events, output: Buffer.concat(output).toString() }
})
declare const started: Effect.Success<ReturnType<typeof propose>>

describe.each(databases)("the main job on $name", (database) => {
  it.live("is proposed, approved, run once, recorded, and proven", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const { client } = owner
      yield* client.secrets.put({ payload: { name: "api-key", value: base64(CANARY) } })
      const input = { script: 'printf "the key is %s\\n" "$KEY"; echo done', secretEnv: { KEY: "api-key" } }
      const proposed = yield* client.executions.propose({
        payload: { executor: "local", input, targets: [] },
        headers: {}
      })
      expect(proposed).toMatchObject({ state: "pending", requester: owner.person })

      const approved = yield* client.executions.approve({
        params: { id: proposed.id },
        payload: { digest: proposed.digest }
      })
      expect(approved.decisions).toMatchObject([{ person: owner.person, verdict: "approve", isSelfApproved: true }])
      const { events, output } = yield* finished(client, proposed.id)
      expect(output).toContain("done\n")
      expect(output).not.toContain(CANARY)
      expect(events.at(-1)).toEqual({ _tag: "State", state: "succeeded" })

      const settled = yield* client.executions.show({ params: { id: proposed.id } })
      expect(settled.runs).toMatchObject([{ state: "succeeded", outcome: { exitCode: 0 } }])
      const transcript = yield* client.executions.transcript({ params: { id: proposed.id }, query: {} })
      expect(transcript).toMatch(/^\{"version":2,.*\n\[.*"o",".*done/s)
      expect(transcript).not.toContain(CANARY)

      expect(yield* verifiedLog(client)).toMatchObject({ problems: [] })
      const { items } = yield* client.audit.list({ query: { object: proposed.id } })
      const actions = items.map(({ entry }) => entry.action)
      expect(actions).toEqual(
        expect.arrayContaining(["execution.proposed", "execution.approved", "execution.started", "execution.settled"])
      )
      const proof = yield* client.audit.prove({ params: { id: items[0]!.entry.id } })
      expect(proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
      expect(server.log.join("\n")).not.toContain(CANARY)
    })
  )

  it.live("needs another person from the second member on, and an agent never decides", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const added = yield* owner.client.members.add({ payload: { name: "Grace Hopper", roles: ["approver"] } })
      const approver = yield* clientOf(server.url, added.token)
      const payload = {
        name: "bot",
        kind: "agent" as const,
        scopes: ["read" as const, "propose" as const],
        expiresInDays: 1
      }
      const agent = yield* clientOf(server.url, (yield* owner.client.tokens.create({ payload })).token)

      const mine = yield* propose(owner.client, "echo mine")
      const decision = { params: { id: mine.id }, payload: { digest: mine.digest } }
      expect(yield* problemIn(owner.client.executions.approve(decision))).toMatchObject({
        code: "decision-own-proposal"
      })
      yield* approver.executions.approve(decision)
      expect((yield* finished(owner.client, mine.id)).output).toBe("mine\n")

      const its = yield* propose(agent, "echo its")
      const itsDecision = { params: { id: its.id }, payload: { digest: its.digest } }
      expect(yield* problemIn(agent.executions.approve(itsDecision))).toMatchObject({
        status: 403,
        code: "forbidden-person-only"
      })
      yield* owner.client.executions.approve(itsDecision)
      expect((yield* finished(agent, its.id)).output).toBe("its\n")
    })
  )

  it.live("refuses a decision on another digest, and a rejected proposal never runs", () =>
    Effect.gen(function* () {
      const { owner } = yield* ownedServer(database)
      const { client } = owner
      const proposed = yield* propose(client, "echo no")
      const other = { params: { id: proposed.id }, payload: { digest: "0".repeat(64) } }
      expect(yield* problemIn(client.executions.approve(other))).toMatchObject({ status: 409, code: "decision-digest" })
      const rejected = yield* client.executions.reject({
        params: { id: proposed.id },
        payload: { digest: proposed.digest, reason: "not today" }
      })
      expect(rejected.state).toBe("rejected")
      const again = { params: { id: proposed.id }, payload: { digest: proposed.digest } }
      expect(yield* problemIn(client.executions.approve(again))).toMatchObject({
        status: 409,
        code: "decision-not-pending"
      })
      expect(yield* problemIn(client.executions.transcript({ params: { id: proposed.id }, query: {} }))).toMatchObject({
        status: 404,
        code: "transcript-unknown"
      })
    })
  )
})
