// The main job over SSH, and everything that can be wrong with a target.

import { it } from "@effect/vitest"
import { startTestSshServer } from "@fluxcybers/executor/testing"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases, type TestDatabase } from "../../../repo/testing/databases.ts"
import { storedText } from "./stored.ts"
import { base64, type Client, ownedServer, problemIn } from "./test-server.ts"

const sshServer = Effect.acquireRelease(
  Effect.promise(() => startTestSshServer()),
  (server) => Effect.promise(() => server.stop())
)

/** A claimed server with the target `web-1`, whose key is sealed as `web-1-key`. */
const withTarget = Effect.fnUntraced(function* (database: TestDatabase) {
  const remote = yield* sshServer
  const { server, owner } = yield* ownedServer(database)
  const { client } = owner
  yield* client.secrets.put({ payload: { name: "web-1-key", value: base64(remote.privateKey) } })
  const { host, port, account } = remote
  const { fingerprint } = yield* client.targets.scan({ payload: { host, port } })
  const settings = { name: "web-1", host, port, account, hostKey: fingerprint, credential: "web-1-key", tags: [] }
  const target = yield* client.targets.add({ payload: settings })
  return { remote, server, client, settings, target }
})

const approved = Effect.fnUntraced(function* (client: Client, argv: readonly [string, ...Array<string>]) {
  const payload = { executor: "ssh", input: { argv }, targets: ["web-1"] }
  const { id, digest } = yield* client.executions.propose({ payload, headers: {} })
  yield* client.executions.approve({ params: { id }, payload: { digest } })
  return id
})

const outcome = Effect.fnUntraced(function* (client: Client, argv: readonly [string, ...Array<string>]) {
  const id = yield* approved(client, argv)
  const events = yield* Stream.runCollect(yield* client.executions.events({ params: { id }, query: {} }))
  const execution = yield* client.executions.show({ params: { id } })
  const output = events.map((event) => (event._tag === "Output" ? Buffer.from(event.bytes, "base64").toString() : ""))
  return { execution, output: output.join(""), detail: execution.runs[0]?.outcome?.detail ?? execution.detail ?? "" }
})

describe.each(serverDatabases)("over SSH on $name,", (database) => {
  it.live("a sealed key signs in, the command runs as approved, and the key is found nowhere", () =>
    Effect.gen(function* () {
      const { remote, server, client, target } = yield* withTarget(database)
      expect(yield* client.targets.list()).toEqual([target])
      expect(yield* client.targets.test({ params: { target: "web-1" } })).toMatchObject({ ok: true })
      const { execution, output } = yield* outcome(client, ["printf", "%s\n", "quotes ' \" $HOME", "ünï", "two\nlines"])
      expect(output).toBe("quotes ' \" $HOME\nünï\ntwo\nlines\n")
      expect(execution).toMatchObject({ state: "succeeded", runs: [{ targetName: "web-1", outcome: { exitCode: 0 } }] })
      expect((yield* client.audit.verify()).problems).toEqual([])
      const keyLine = remote.privateKey.split("\n")[2]!
      const everything = `${yield* storedText(server.settings)}${server.log.join("\n")}`
      expect(everything).toContain("web-1-key")
      for (const form of [keyLine, base64(keyLine).slice(2, 40), Buffer.from(keyLine).toString("hex")]) {
        expect(everything).not.toContain(form)
      }
    })
  )

  it.live("the remote's exit status and a failing command are told", () =>
    Effect.gen(function* () {
      const { client } = yield* withTarget(database)
      const { execution, output } = yield* outcome(client, ["sh", "-c", "echo out; echo err >&2; exit 7"])
      expect(execution).toMatchObject({ state: "failed", runs: [{ state: "failed", outcome: { exitCode: 7 } }] })
      expect(output).toMatch(/out\n|err\n/)
    })
  )

  it.live("an unknown target and an unreachable host get their sentences", () =>
    Effect.gen(function* () {
      const { remote, client } = yield* withTarget(database)
      const payload = { executor: "ssh", input: { argv: ["true"] }, targets: ["web-2"] }
      expect(yield* problemIn(client.executions.propose({ payload, headers: {} }))).toMatchObject({
        status: 422,
        code: "proposal-unknown-target"
      })
      expect(yield* problemIn(client.targets.test({ params: { target: "web-2" } }))).toMatchObject({ status: 404 })
      yield* Effect.promise(() => remote.stop())
      const scan = client.targets.scan({ payload: { host: "127.0.0.1", port: remote.port } })
      expect(yield* problemIn(scan)).toMatchObject({ status: 422, code: "target-unreachable" })
      expect(yield* client.targets.test({ params: { target: "web-1" } })).toMatchObject({
        ok: false,
        detail: expect.stringContaining("could not be reached (ECONNREFUSED)")
      })
      const { execution, detail } = yield* outcome(client, ["true"])
      expect(execution.state).toBe("failed")
      expect(detail).toContain("Nothing was started")
    })
  )

  it.live("a changed host key, a wrong key and a malformed key run nothing and say why", () =>
    Effect.gen(function* () {
      const { remote, client } = yield* withTarget(database)
      const other = yield* sshServer
      const rotate = (value: string) => client.secrets.rotate({ payload: { name: "web-1-key", value: base64(value) } })
      yield* rotate(other.privateKey)
      const wrong = yield* outcome(client, ["true"])
      expect(wrong).toMatchObject({
        execution: { state: "failed" },
        detail: expect.stringContaining("did not accept the credential")
      })
      yield* rotate("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
      const malformed = yield* outcome(client, ["true"])
      expect(malformed).toMatchObject({
        execution: { state: "failed" },
        detail: expect.stringContaining('"web-1-key" cannot be used')
      })
      yield* rotate(remote.privateKey)
      remote.changeHostKey()
      const changed = yield* outcome(client, ["true"])
      expect(changed).toMatchObject({
        execution: { state: "failed" },
        detail: expect.stringContaining("shows the host key")
      })
      expect(yield* client.targets.test({ params: { target: "web-1" } })).toMatchObject({ ok: false })
    })
  )

  it.live("what was changed after the proposal is not run, and the difference is named", () =>
    Effect.gen(function* () {
      const { client } = yield* withTarget(database)
      const payload = { executor: "ssh", input: { argv: ["true"] }, targets: ["web-1"] }
      const { id, digest } = yield* client.executions.propose({ payload, headers: {} })
      yield* client.targets.change({ params: { target: "web-1" }, payload: { account: "root" } })
      yield* client.executions.approve({ params: { id }, payload: { digest } })
      yield* Stream.runDrain(yield* client.executions.events({ params: { id }, query: {} }))
      const execution = yield* client.executions.show({ params: { id } })
      expect(execution).toMatchObject({ state: "failed", runs: [{ state: "failed" }] })
      expect(execution.detail).toContain("account")
    })
  )

  it.live("a target's settings are checked, its name is unique, and a removed one is gone", () =>
    Effect.gen(function* () {
      const { client, settings } = yield* withTarget(database)
      expect(yield* problemIn(client.targets.add({ payload: settings }))).toMatchObject({
        status: 409,
        code: "target-exists"
      })
      for (const wrong of [
        { host: "user@host" },
        { port: 0 },
        { hostKey: "MD5:aa" },
        { account: "a b" },
        { name: "../x" }
      ]) {
        const call = client.targets.add({ payload: { ...settings, name: "web-3", ...wrong } })
        expect(yield* problemIn(call)).toMatchObject({ status: 422, code: "target-invalid" })
      }
      yield* client.targets.remove({ params: { target: "web-1" } })
      expect(yield* client.targets.list()).toEqual([])
    })
  )
})
