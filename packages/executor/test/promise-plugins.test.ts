// Plugins in a gate of promises.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createGate, newPerson } from "../src/promise.ts"

const ada = newPerson()
const PLUGIN = `
import { defineExecutor } from "@fluxcybers/executor/sdk"
export const executor = defineExecutor({
  id: "acme.greet", version: "1", sdk: "^0.1.0", summary: "Greets.", parse: (input) => input,
  plan: ({ whom }) => ({ command: { _tag: "Argv", argv: ["greet", whom] }, sentence: "Greets." }),
  run: async ({ plan, output }) => void (await output("stdout", "hello " + plan.command.argv[1]))
})
`

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-promise-plugins-"))
  mkdirSync(join(folder, "plugins"))
  writeFileSync(join(folder, "plugins/greet.mjs"), PLUGIN)
})
afterAll(() => rmSync(folder, { recursive: true }))

const open = (sqlite: string, plugins: string) =>
  createGate({ sqlite, key: new Uint8Array(32), executors: [], members: [{ person: ada, roles: ["owner"] }], plugins })

describe("createGate with a folder of plugins", () => {
  it("runs what was approved for one of them", async () => {
    await using gate = await open(join(folder, "gate.db"), join(folder, "plugins"))
    const proposal = await gate.propose({ by: { person: ada }, executor: "acme.greet", input: { whom: "Bob" } })
    await gate.approve(proposal, { by: ada })
    const written: Array<string> = []
    for await (const { text } of gate.output(proposal.id)) written.push(text)
    expect(written.join("")).toBe("hello Bob")
    expect(await gate.wait(proposal.id)).toMatchObject({ state: "succeeded" })
  })

  it("rejects when a plugin cannot be used: its folder holds the gate's own database, say", async () => {
    const refused = open(join(folder, "plugins/gate.db"), join(folder, "plugins"))
    await expect(refused).rejects.toMatchObject({ _tag: "PluginRefused", reason: "reach" })
    await expect(open(join(folder, "gate.db"), join(folder, "no"))).rejects.toMatchObject({ reason: "missing" })
  })
})
