// Notifications of a real server: to a web server, a mail server, and what speaks like Slack.
import { it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { Webhook } from "standardwebhooks"
import { describe, expect } from "vitest"
import { databases, type TestDatabase } from "../../../repo/testing/databases.ts"
import { parseNetwork } from "../src/egress/address-policy.ts"
import { runMailServer } from "./mail-server.ts"
import { type Receiver, runReceiver } from "./receiver.ts"
import { storedText } from "./stored.ts"
import { type Client, claimedServer, clientOf, problemIn, testSettings } from "./test-server.ts"

const FROM = "fluxcybers@example.com"
const CANARY = "canary-argument-5e1c"

const world = Effect.fnUntraced(function* (database: TestDatabase) {
  const mail = yield* runMailServer({ disabledCommands: ["STARTTLS", "AUTH"] })
  const web = yield* runReceiver()
  const smtp = { host: "127.0.0.1", port: mail.port, isImplicitTls: false, user: undefined, password: undefined }
  const outgoing = { mail: { smtp, from: FROM }, networks: [parseNetwork("127.0.0.0/8")!] }
  const { server, owner } = yield* claimedServer({ ...(yield* testSettings(database)), outgoing })
  return { mail, web, server, owner, url: (path: string) => `http://127.0.0.1:${web.port}${path}` }
})

type Wanted = Parameters<Client["notifications"]["add"]>[0]["payload"]

const add = (client: Client, wanted: Pick<Wanted, "channel" | "to"> & Partial<Wanted>) => {
  const filters = { tags: [], classes: [] }
  const events = ["decision.wanted", "decision.made", "execution.ended", "glass.broken"] as const
  const payload = { name: "canary-name", events, organisation: false, ...filters, ...wanted }
  return client.notifications.add({ payload })
}

const propose = ({ executions }: Client) =>
  executions.propose({
    payload: { executor: "local", input: { argv: ["echo", CANARY] }, targets: [], reason: "canary-reason" },
    headers: {}
  })

/** Waits until so many were received. */
const until = <A>(list: ReadonlyArray<A>, count: number) =>
  Effect.sync(() => list).pipe(
    Effect.repeat({ until: (found) => found.length >= count, schedule: Schedule.spaced("25 millis") }),
    Effect.timeout("20 seconds")
  )

const typesAt = ({ received }: Receiver, path: string) =>
  received.filter((each) => each.path === path).map(({ body }) => (JSON.parse(body) as { type: string }).type)

describe.each(databases.slice(0, 2))("notifications on $name", (database) => {
  it.live("tell of an execution from its proposal to its end, signed, and hold no command, output or reason", () =>
    Effect.gen(function* () {
      const { mail, web, server, owner, url } = yield* world(database)
      const hook = yield* add(owner.client, { channel: "webhook", to: url("/hook"), organisation: true })
      yield* add(owner.client, { channel: "slack", to: url("/slack-canary"), organisation: true })
      yield* add(owner.client, { channel: "mail", to: "canary-ada@example.com" })
      const { id, digest } = yield* propose(owner.client)
      yield* until(web.received, 2)
      yield* owner.client.executions.approve({ params: { id }, payload: { digest } })
      yield* until(web.received, 6)
      yield* until(mail.messages, 3)
      expect(typesAt(web, "/hook").sort()).toEqual(["decision.made", "decision.wanted", "execution.ended"])
      for (const { body, headers } of web.received.filter(({ path }) => path === "/hook")) {
        const verified = new Webhook(hook.secret!).verify(body, headers as Record<string, string>)
        expect(verified).toMatchObject({ data: { id, requestedBy: "Ada Lovelace", classes: ["read"] } })
      }
      const wanted = mail.messages.find(({ source }) => source.includes("A decision is wanted"))
      expect(wanted).toMatchObject({ from: FROM, to: ["canary-ada@example.com"] })
      expect(wanted?.source).toContain(`fluxcybers executions show ${id}`)
      const slack = web.received.find(({ path }) => path === "/slack-canary")
      expect(JSON.parse(slack!.body)).toMatchObject({ text: expect.any(String), blocks: expect.any(Array) })
      const sent = [...web.received.map(({ body }) => body), ...mail.messages.map(({ source }) => source)].join("\n")
      expect(sent).not.toContain(CANARY)
      expect(sent).not.toContain("canary-reason")
      const stored = yield* storedText(server.settings)
      for (const secret of ["slack-canary", "canary-ada", "canary-name", hook.secret!]) {
        expect(stored).not.toContain(secret)
      }
      const { items } = yield* owner.client.audit.list({ query: { action: "message.sent" } })
      expect(items.length).toBeGreaterThanOrEqual(8)
      expect(server.log.filter((line) => line.includes("canary"))).toEqual([])
    })
  )

  it.live(
    "ask only those to decide who may, tell people only what they subscribed to, and hold commands only when told",
    () =>
      Effect.gen(function* () {
        const { web, owner, server, url } = yield* world(database)
        const join = Effect.fnUntraced(function* (role: "approver" | "viewer" | "billing") {
          const { token } = yield* owner.client.members.add({ payload: { name: role, roles: [role] } })
          const client = yield* clientOf(server.url, token)
          yield* add(client, { channel: "webhook", to: url(`/${role}`) })
          return client
        })
        const approver = yield* join("approver")
        yield* join("viewer")
        yield* join("billing")
        yield* add(owner.client, { channel: "webhook", to: url("/owner") })
        yield* add(owner.client, { channel: "webhook", to: url("/destroy"), classes: ["destroy"], organisation: true })
        yield* owner.client.notifications.configure({ payload: { commands: true } })
        const { id, digest } = yield* propose(owner.client)
        yield* until(web.received, 1)
        yield* approver.executions.approve({ params: { id }, payload: { digest } })
        yield* until(web.received, 7)
        // The owner proposed it: somebody else must decide.
        expect(typesAt(web, "/approver").sort()).toEqual(["decision.made", "decision.wanted", "execution.ended"])
        expect(typesAt(web, "/owner").sort()).toEqual(["decision.made", "execution.ended"])
        expect(typesAt(web, "/viewer").sort()).toEqual(["decision.made", "execution.ended"])
        expect([...typesAt(web, "/billing"), ...typesAt(web, "/destroy")]).toEqual([])
        expect(web.received[0]?.body).toContain(CANARY)
        expect(yield* owner.client.notifications.settings()).toEqual({ commands: true })
      })
  )

  it.live("are listed, tried, rotated and removed by whom they belong to", () =>
    Effect.gen(function* () {
      const { web, owner, server, url } = yield* world(database)
      const { token, member } = yield* owner.client.members.add({ payload: { name: "Bob", roles: ["approver"] } })
      const bob = yield* clientOf(server.url, token)
      const own = yield* add(bob, { channel: "webhook", to: url("/bob?token=canary") })
      const shared = yield* add(owner.client, { channel: "slack", to: url("/all"), organisation: true })
      const params = { subscription: own.subscription.id }
      expect(own.subscription).toMatchObject({ person: member.person, destination: `${url("")}/…` })
      expect((yield* bob.notifications.list()).map(({ id }) => id).sort()).toEqual(
        [own.subscription.id, shared.subscription.id].sort()
      )
      expect(yield* owner.client.notifications.list()).toHaveLength(1)
      expect(yield* problemIn(owner.client.notifications.test({ params }))).toMatchObject({
        code: "subscription-unknown"
      })
      const shares = { params: { subscription: shared.subscription.id } }
      for (const call of [bob.notifications.test(shares), bob.notifications.remove(shares)]) {
        expect(yield* problemIn<unknown, unknown, never>(call)).toMatchObject({
          code: "subscription-administrators-only"
        })
      }
      const organisation = add(bob, { channel: "mail", to: "a@b.example", organisation: true })
      expect(yield* problemIn(organisation)).toMatchObject({ status: 403, code: "subscription-administrators-only" })
      expect(yield* bob.notifications.test({ params })).toEqual({ isDelivered: true })
      const { secret } = yield* bob.notifications.rotate({ params })
      yield* bob.notifications.test({ params })
      const last = web.received.at(-1)!
      for (const known of [own.secret!, secret]) {
        expect(new Webhook(known).verify(last.body, last.headers as Record<string, string>)).toMatchObject({
          type: "test"
        })
      }
      web.answer = (_, response) => void response.writeHead(500).end("canary: what went wrong")
      expect(yield* bob.notifications.test({ params })).toEqual({ isDelivered: false, failure: "500" })
      yield* bob.notifications.remove({ params })
      expect(yield* bob.notifications.list()).toHaveLength(1)
      yield* add(bob, { channel: "mail", to: "bob@example.com" })
      yield* owner.client.members.remove({ params: { person: member.person } })
      const { items } = yield* owner.client.audit.list({ query: { limit: 50 } })
      const actions = items.map(({ entry }) => entry.action).filter((action) => action.startsWith("notification."))
      expect(new Set(actions)).toEqual(
        new Set(["added", "tested", "secret-rotated", "removed"].map((action) => `notification.${action}`))
      )
    })
  )

  it.live("go nowhere they must not, and what cannot be delivered is listed and can be tried again", () =>
    Effect.gen(function* () {
      const { web, owner, url } = yield* world(database)
      for (const to of ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/"]) {
        expect(yield* problemIn(add(owner.client, { channel: "webhook", to }))).toMatchObject({
          status: 422,
          code: "address-forbidden-address"
        })
      }
      expect(yield* problemIn(add(owner.client, { channel: "slack", to: "http://1.1.1.1/" }))).toMatchObject({
        code: "address-not-https"
      })
      expect(yield* problemIn(add(owner.client, { channel: "mail", to: "a@b.c\r\nBcc: d@e.f" }))).toMatchObject({
        code: "subscription-invalid-address"
      })
      yield* add(owner.client, { channel: "webhook", to: url("/gone"), events: ["decision.wanted"] })
      web.answer = (_, response) => void response.writeHead(410).end()
      const { id } = yield* propose(owner.client)
      const dead = yield* owner.client.notifications
        .dead()
        .pipe(Effect.repeat({ until: (found) => found.length > 0, schedule: Schedule.spaced("25 millis") }))
      expect(dead).toMatchObject([{ topic: "decision.wanted", about: id, attempts: 1, failure: "410" }])
      web.answer = (_, response) => void response.end()
      yield* owner.client.notifications.retry({ params: { message: dead[0]!.id } })
      yield* until(web.received, 2)
      expect(web.received.map(({ headers }) => headers["webhook-id"])).toEqual([dead[0]!.id, dead[0]!.id])
      expect(yield* problemIn(owner.client.notifications.retry({ params: { message: dead[0]!.id } }))).toMatchObject({
        status: 404,
        code: "message-unknown"
      })
    })
  )
})
