// Plugins in a server, and on the command line.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it as effectIt } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { startServer } from "../src/start.ts"
import { type Person, person } from "./cli-process.ts"
import { base64, claimedServer, problemIn, testSettings } from "./test-server.ts"

const CANARY = "canary-2f7d1c40-in-a-plugin"

/** Greets whom it is told to, with a secret, and says what it finds in the server's folder. */
const GREETER = `
import { readFileSync } from "node:fs"
import { defineExecutor } from "@fluxcybers/executor/sdk"
const refusal = (deed) => { try { deed(); return "done" } catch ({ code }) { return code } }
export const executor = defineExecutor({
  id: "acme.greet", version: "1", sdk: "^0.1.0", summary: "Greets.", needs: { secrets: ["greet/*", "suite/*"] },
  parse: (input) => {
    if (typeof input?.whom !== "string") throw new Error("whom is wanted")
    return input
  },
  plan: ({ whom, secret, folder = "/" }) => ({
    command: { _tag: "Argv", argv: ["greet", whom, folder] }, access: "read", sentence: \`Greets \${whom}.\`,
    secrets: secret === undefined ? [] : [secret]
  }),
  run: async ({ plan, secret, output }) => {
    const [, whom, folder] = plan.command.argv
    const said = plan.secrets.length === 0 ? "" : \` \${Buffer.from(await secret(plan.secrets[0].name))}\`
    await output("stdout", \`hello \${whom}\${said} \${refusal(() => readFileSync(folder + "/root.key"))}\\n\`)
    return { exitCode: 0 }
  }
})
`
const CASES = {
  "acme.greet": {
    valid: [{ whom: "Ada" }],
    invalid: [{}, null],
    printing: { whom: "x", secret: "$SECRET" }
  }
}

let folder: string
let somebody: Person

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-plugin-test-"))
  mkdirSync(join(folder, "plugins/greet"), { recursive: true })
  writeFileSync(join(folder, "plugins/greet/index.mjs"), GREETER)
  writeFileSync(join(folder, "plugins/greet/package.json"), '{ "main": "index.mjs" }')
  writeFileSync(join(folder, "plugins/greet/conformance.json"), JSON.stringify(CASES))
  mkdirSync(join(folder, "wrong"))
  writeFileSync(join(folder, "wrong/local.mjs"), GREETER.replace("acme.greet", "local"))
  somebody = person(folder)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(databases.slice(0, 2))("a server with plugins on $name", (database) => {
  effectIt.live("runs what was approved for one, with its secrets, out of reach of its own folder", () =>
    Effect.gen(function* () {
      const settings = { ...(yield* testSettings(database)), plugins: join(folder, "plugins") }
      const { server, owner } = yield* claimedServer(settings)
      const { client } = owner
      yield* client.secrets.put({ payload: { name: "greet/word", value: base64(CANARY) } })
      const propose = (input: object) =>
        client.executions.propose({ payload: { executor: "acme.greet", input, targets: [] }, headers: {} })
      const input = { whom: "Ada", secret: "greet/word", folder: settings.directory }
      const { id, digest } = yield* propose(input)
      yield* client.executions.approve({ params: { id }, payload: { digest } })
      const events = yield* Stream.runCollect(yield* client.executions.events({ params: { id }, query: {} }))
      const output = events.flatMap((event) => (event._tag === "Output" ? [Buffer.from(event.bytes, "base64")] : []))
      expect(Buffer.concat(output).toString()).toBe("hello Ada *** ERR_ACCESS_DENIED\n")
      expect(events.at(-1)).toEqual({ _tag: "State", state: "succeeded" })
      expect(yield* problemIn(propose({}))).toMatchObject({
        status: 422,
        detail: expect.stringContaining("whom is wanted")
      })
      expect(yield* problemIn(propose({ whom: "x", secret: "root" }))).toMatchObject({
        detail: expect.stringContaining('the secret "root"')
      })
      expect(server.log.join("\n")).not.toContain(CANARY)
    })
  )
})

describe("a server does not start", () => {
  const [database] = databases
  const refusal = (plugins: string) =>
    Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(testSettings(database!), (settings) => Effect.flip(startServer({ ...settings, plugins })))
      )
    )

  it("with a plugin that calls itself like an executor of ours", async () => {
    expect(await refusal(join(folder, "wrong"))).toMatchObject({ _tag: "PluginRefused", reason: "id" })
  })

  it("without its folder, or with one that everybody can write", async () => {
    expect(await refusal(join(folder, "nowhere"))).toMatchObject({ reason: "missing" })
    const open = join(folder, "open")
    mkdirSync(open)
    chmodSync(open, 0o777)
    expect(await refusal(open)).toMatchObject({ reason: "rights", message: expect.stringContaining("chmod o-w") })
  })
})

describe("fluxcybers plugin", () => {
  it("list says what a folder's plugins are, what they may reach, and how that is enforced", async () => {
    const plugins = join(folder, "plugins")
    const listed = await somebody.ok(["plugin", "list", plugins])
    expect(listed).toMatch(/^acme\.greet {2}1 +\^0\.1\.0 +- +greet\/\* suite\/\* +.*plugins\/greet$/m)
    expect(listed).toMatch(/^Network: /m)
    const { code, stdout } = await somebody.run(["plugin", "list", "--json"], {
      env: { FLUXCYBERS_PLUGINS: join(folder, "wrong") }
    })
    expect(code).toBe(1)
    expect(JSON.parse(`${stdout}`)).toMatchObject({ plugins: [{ refused: { reason: "id" } }] })
  })

  it("test tries what executors promise, in the plugin's own processes", async () => {
    const plugin = join(folder, "plugins/greet")
    const good = await somebody.run(["plugin", "test", plugin])
    expect(good).toMatchObject({ code: 0, stderr: expect.stringContaining("ok      MUST NOT put a secret into plan") })
    expect(`${good.stdout}`).toBe("acme.greet 1: 8 of 8 cases hold.\n")
    const cases = join(folder, "cases.json")
    const wrong = { ...CASES["acme.greet"], printing: undefined, valid: [{ whom: "Ada" }], invalid: [{ whom: "Ada" }] }
    writeFileSync(cases, JSON.stringify({ "acme.greet": wrong }))
    const { code, stdout } = await somebody.run(["plugin", "test", plugin, "--cases", cases])
    expect(code).toBe(1)
    expect(`${stdout}`).toContain("It planned an input that is not valid.")
    writeFileSync(cases, JSON.stringify({ "acme.other": CASES["acme.greet"] }))
    const other = await somebody.run(["plugin", "test", plugin, "--cases", cases])
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('for "acme.other", but the plugin has acme.greet')
    })
  })
})
