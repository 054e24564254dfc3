// Keys through real HTTP and the real command line: status, rotation, retirement, verification.
import { join } from "node:path"
import { it } from "@effect/vitest"
import BetterSqlite3 from "better-sqlite3"
import { Effect, Schedule, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { sshSigner } from "../../../repo/testing/ssh-signer.ts"
import { sealedColumns } from "../src/data/sealed-columns.ts"
import { inventory } from "../src/layers.ts"
import { serveFolder } from "./cli-process.ts"
import { onDatabase } from "./stored.ts"
import { base64, type Client, ownedServer, problemIn, verifiedLog } from "./test-server.ts"

/** Wrapped keys are wrapped anew, not sealed anew; the vault knows its own secrets. */
const OTHERWISE = ["vault_keys.wrapped", "vault_secret_versions.sealed"]

const ORGANISATION = { scope: { kind: "organisation" } } as const

/** A secret, a plan, its input, a decision with a reason, a recording, names of a person and of a program. */
const filled = Effect.fnUntraced(function* (client: Client) {
  yield* client.secrets.put({ payload: { name: "key", value: base64("value") } })
  const token = { name: "bot", kind: "service", scopes: ["read"], expiresInDays: 1 } as const
  yield* client.tokens.create({ payload: token })
  yield* client.approvalKeys.addSshKey({ payload: { name: "laptop", publicKey: sshSigner().line } })
  const payload = { executor: "local", input: { script: "cat", stdin: "from stdin" }, targets: [] }
  const { id, digest } = yield* client.executions.propose({ payload: { ...payload, reason: "because" }, headers: {} })
  const commands = [{ script: "true" }]
  yield* client.grants.request({ payload: { executor: "local", targets: [], commands, expiresInMs: 3_600_000 } })
  const document = { name: "noop", executor: "local", input: { argv: ["true"] } }
  yield* client.runbooks.put({ payload: { document } })
  const again = { runbook: "noop", repeat: true, usesMax: 1, expiresInMs: 3_600_000 }
  const { id: grant } = yield* client.grants.requestRunbook({ payload: again })
  const timing = { _tag: "Every", everyMs: 3_600_000 } as const
  yield* client.schedules.add({ payload: { name: "noop", runbook: "noop", grant, timing } })
  yield* client.executions.approve({ params: { id }, payload: { digest, reason: "because" } })
  yield* Stream.runDrain(yield* client.executions.events({ params: { id }, query: {} }))
  return id
})

const completed = (client: Client, id: string) =>
  Effect.map(client.keys.rotations(), (rotations) => rotations.find((each) => each.id === id)).pipe(
    Effect.repeat({ until: (found) => found?.state === "completed", schedule: Schedule.spaced("50 millis") }),
    Effect.timeout("30 seconds")
  )

const outcomeOf = ({ entry }: { readonly entry: { readonly outcome: string } }) => entry.outcome

it("every column of sealed values that the inventory knows is rotated", () => {
  const sealed = inventory.flatMap(({ table, columns }) =>
    Object.entries(columns).flatMap(([name, { protection }]) => (protection === "sealed" ? [`${table}.${name}`] : []))
  )
  const rotated = sealedColumns.map(({ table, column }) => `${table}.${column}`)
  expect([...rotated, ...OTHERWISE].sort()).toEqual(sealed.sort())
})

describe.each(serverDatabases.slice(0, 2))("keys on $name", (database) => {
  it.live("are rotated, and everything that was sealed is still read where it belongs", () =>
    Effect.gen(function* () {
      const { client } = (yield* ownedServer(database)).owner
      const execution = yield* filled(client)
      const before = yield* client.keys.verify({ payload: {} })
      expect(before.isSound).toBe(true)
      // Nothing here broke the glass or told anybody.
      const empty = before.columns.filter(({ values }) => values === 0).map(({ table }) => table)
      expect(empty.sort()).toEqual(["executor_reviews", "server_outbox", "server_subscriptions"])

      const { total } = yield* client.keys.plan({ payload: ORGANISATION })
      const begun = yield* client.keys.rotate({ payload: ORGANISATION })
      expect(yield* completed(client, begun.id)).toMatchObject({ total, failed: 0 })
      const { versions } = yield* client.keys.status()
      expect(versions).toMatchObject([
        { version: 2, state: "current" },
        { version: 1, state: "retired", uses: 0 }
      ])
      expect(versions[0]!.uses).toBeGreaterThanOrEqual(total)

      expect((yield* client.secrets.reveal({ payload: { name: "key", purpose: "test" } })).value).toBe(base64("value"))
      expect(yield* client.executions.transcript({ params: { id: execution }, query: {} })).toContain("from stdin")
      expect((yield* client.tokens.list()).map(({ name }) => name)).toContain("bot")
      expect((yield* client.session.whoami()).name).toBe("Ada Lovelace")
      const after = yield* client.keys.verify({ payload: {} })
      expect(after.isSound).toBe(true)
      const entries = (yield* client.audit.list({ query: { object: begun.id } })).items
      expect(entries.map(({ entry }) => [entry.action, entry.outcome])).toEqual([
        ["key.rotated", "success"],
        ["key.rotated", "intent"]
      ])
      expect(yield* verifiedLog(client)).toMatchObject({ problems: [] })
    })
  )

  it.live("are held against the log: a secret that was set back is named, and neither revealed nor planned with", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const { client } = owner
      yield* client.secrets.put({ payload: { name: "key", value: base64("old") } })
      yield* client.secrets.rotate({ payload: { name: "key", value: base64("new") } })
      const revealed = client.secrets.reveal({ payload: { name: "key", purpose: "test" } })
      expect(yield* revealed).toMatchObject({ version: 2, value: base64("new") })
      yield* onDatabase(server.settings, "UPDATE vault_secrets SET version = 1")
      expect(yield* problemIn(revealed)).toMatchObject({ status: 409, code: "secret-rolled-back" })
      const input = { script: "true", secretEnv: { KEY: "key" } }
      const proposal = client.executions.propose({ payload: { executor: "local", input, targets: [] }, headers: {} })
      expect(yield* problemIn(proposal)).toMatchObject({ status: 422 })
      const { isSound, evidence } = yield* client.keys.verify({ payload: { all: true } })
      expect([isSound, evidence]).toMatchObject([
        false,
        { secrets: 1, secretsRolledBack: [expect.stringMatching(/^secret_/)] }
      ])
      const [denied] = (yield* client.audit.list({ query: { action: "secret.revealed" } })).items
      expect(denied?.entry).toMatchObject({ outcome: "denied", facts: { reason: "rolled-back" } })
    })
  )

  it.live("that seal, that are unknown, or that are being rotated are refused with what to do", () =>
    Effect.gen(function* () {
      const { client } = (yield* ownedServer(database)).owner
      yield* filled(client)
      const key = (yield* client.keys.status()).versions[0]!.id
      const refused = (id: string) => problemIn(client.keys.retire({ payload: { key: id } }))
      expect(yield* refused(key)).toMatchObject({ status: 409, code: "rotation-current" })
      for (const wrong of ["x", "0".repeat(24)]) {
        expect(yield* refused(wrong)).toMatchObject({ status: 404, code: "rotation-unknown-key" })
      }
      const { id } = yield* client.keys.rotate({ payload: ORGANISATION })
      yield* completed(client, id)
      expect(yield* refused(key)).toMatchObject({ status: 409, code: "rotation-too-soon" })
      const nobody = { scope: { kind: "subject", subject: "person_nobody" } } as const
      expect(yield* problemIn(client.keys.plan({ payload: nobody }))).toMatchObject({ code: "rotation-no-key" })
    })
  )
})

describe("the command line", () => {
  it("shows, rotates and verifies keys, and changes nothing with --dry-run", { timeout: 180_000 }, async () => {
    const served = await serveFolder()
    const ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
    await ada.ok(["secret", "put", "b", "--file", served.file("value", "value")])
    const plan = await ada.json(["keys", "rotate", "organisation", "--dry-run"])
    expect(plan.total).toBeGreaterThan(0)
    expect((await ada.json(["keys", "status"])).rotations).toEqual([])
    expect(await ada.run(["keys", "rotate", "organisation"])).toMatchObject({ code: 2 })
    expect(await ada.run(["keys", "rotate", "subject", "--yes"])).toMatchObject({ code: 2 })
    const rotated = await ada.json(["keys", "rotate", "organisation", "--yes"])
    expect(rotated).toMatchObject({ state: "completed", failed: 0, scope: "organisation" })
    const status = await ada.ok(["keys", "status", "--dry-run"])
    expect(status).toMatch(/wraps what is new +file/)
    expect(status).toMatch(/organisation +completed/)
    expect(await ada.ok(["keys", "verify", "--dry-run"])).toContain("everything has its key")
    expect((await ada.json(["audit", "list", "--action", "key.verified"])).items).toEqual([])
    expect((await ada.json(["keys", "verify"])).isSound).toBe(true)
    expect((await ada.json(["audit", "list", "--action", "key.verified"])).items.map(outcomeOf)).toEqual([
      "success",
      "intent"
    ])
    await ada.ok(["secret", "rotate", "b", "--file", served.file("newer", "newer")])
    const database = new BetterSqlite3(join(served.directory, "fluxcybers.db"))
    database.prepare("UPDATE vault_secrets SET version = 1").run()
    database.close()
    const damaged = await ada.run(["keys", "verify", "--all"])
    expect(damaged).toMatchObject({ code: 1 })
    expect(String(damaged.stdout)).toMatch(/Set back +secret_/)
    await served.stop()
  })
})
