import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  type AsyncRunContext,
  type AsyncRunResult,
  createGate,
  defineExecutor,
  type GateOptions,
  newAgent,
  newPerson,
  newService,
  StartRefused
} from "../src/promise.ts"
import { web1 } from "./world.ts"

const [ada, bob] = [newPerson(), newPerson()]
const agent = { person: ada, agent: newAgent() }
const key = new Uint8Array(32).fill(9)
const secret = "canary-7f3a91c2d4"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-promise-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const open = (options: Partial<GateOptions> & { readonly file?: string } = {}) => {
  const { file = `gate-${files++}.db`, ...rest } = options
  return createGate({
    sqlite: join(folder, file),
    key,
    executors: [],
    members: [{ person: ada, roles: ["owner"] }],
    ...rest
  })
}

const executor = (run: (context: AsyncRunContext) => Promise<AsyncRunResult | undefined>) =>
  defineExecutor({
    id: "acme.greet",
    version: "1",
    summary: "Greets.",
    parse: (input) => {
      if (typeof input !== "string") throw new Error("a name is wanted")
      return input
    },
    plan: (name) => ({
      command: { _tag: "Argv", argv: ["greet", name] },
      access: "write",
      sentence: `Greets ${name}.`,
      secrets: ["token"]
    }),
    run
  })

const secrets = async (name: string) => (name === "token" ? secret : undefined)
const proposal = { by: agent, executor: "acme.greet", input: "Grace" }

/** Runs one approved greeting to its end. */
const greet = async (run: Parameters<typeof executor>[0]) => {
  await using gate = await open({ executors: [executor(run)], secrets })
  const proposed = await gate.propose(proposal)
  await gate.approve(proposed, { by: ada })
  const texts: Array<string> = []
  for await (const { stream, text } of gate.output(proposed.id)) texts.push(`${stream}: ${text}`)
  return { execution: await gate.wait(proposed.id), texts }
}

describe("an executor of async functions", () => {
  it("gets the plan and its secrets, and its output is recorded and masked", async () => {
    const { execution, texts } = await greet(async ({ plan, output, secret: reveal }) => {
      await output("stdout", `${JSON.stringify(plan.command)} with ${Buffer.from(await reveal("token"))}`)
      await output("stderr", new Uint8Array([0xc3, 0xa9]))
      return { exitCode: 0 }
    })
    expect(execution).toMatchObject({ state: "succeeded", runs: [{ outcome: { exitCode: 0 } }] })
    expect(texts).toEqual(['stdout: {"_tag":"Argv","argv":["greet","Grace"]} with ***', "stderr: é"])
  })

  it("fails with an exit code or a failure that says so, and is unknown after anything else that it throws", async () => {
    const failed = async (run: Parameters<typeof executor>[0]) => {
      const { execution } = await greet(run)
      return [execution.state, execution.detail]
    }
    expect(await failed(async () => ({ exitCode: 4 }))).toEqual(["failed", "It ended with exit status 4."])
    expect(await failed(async () => Promise.reject(new StartRefused({ detail: "no hands." })))).toEqual([
      "failed",
      "The command was not started: no hands."
    ])
    expect(await failed(async ({ secret: reveal }) => void (await reveal("other")))).toEqual([
      "failed",
      expect.stringContaining('Secret "other" was not given')
    ])
    expect(await failed(async () => Promise.reject(new Error("it broke")))).toEqual([
      "unknown",
      expect.stringContaining("look at the target")
    ])
  })

  it("is told to stop by its signal, and has stopped before its run is settled", async () => {
    const told: Array<string> = []
    await using gate = await open({
      executors: [
        executor(async ({ signal, output }) => {
          await output("stdout", "started")
          await new Promise((resolve) => signal.addEventListener("abort", resolve))
          told.push("stopped")
          return undefined
        })
      ],
      secrets
    })
    const proposed = await gate.propose(proposal)
    await gate.approve(proposed, { by: ada })
    for await (const _ of gate.output(proposed.id)) if (told.length === 0) await gate.cancel(proposed.id, agent)
    expect(await gate.wait(proposed.id)).toMatchObject({ state: "cancelled" })
    expect(told).toEqual(["stopped"])
  })
})

describe("the gate", () => {
  const quiet = executor(async () => undefined)

  it("rejects with errors that say what happened and what was not done", async () => {
    await using gate = await open({ executors: [quiet], secrets })
    await expect(gate.propose({ ...proposal, input: 7 })).rejects.toThrow(/a name is wanted.*Nothing was proposed/s)
    await expect(gate.propose({ ...proposal, executor: "nope" })).rejects.toMatchObject({ reason: "unknown-executor" })
    const proposed = await gate.propose(proposal)
    await expect(gate.approve({ ...proposed, digest: "0" }, { by: ada })).rejects.toMatchObject({ reason: "digest" })
    await expect(gate.approve(proposed, { by: bob })).rejects.toMatchObject({ reason: "not-a-member" })
    await expect(gate.approve(proposed, { by: agent.agent })).rejects.toThrow(/person_/)
    expect(await gate.reject(proposed, { by: ada, reason: "no" })).toMatchObject({ state: "rejected" })
    expect((await gate.list({ state: "rejected" })).map(({ id }) => id)).toEqual([proposed.id])
  })

  it("asks the members' function each time, and one or two members make the difference", async () => {
    const people = [{ person: ada, roles: ["owner" as const] }]
    await using gate = await open({ executors: [quiet], secrets, members: async () => people })
    expect((await gate.propose({ ...proposal, by: { person: ada } })).requirement.rule).toBe("solo@1/own-proposal")
    people.push({ person: bob, roles: ["owner"] })
    expect((await gate.propose({ ...proposal, by: { person: ada } })).requirement.rule).toBe("team@1/another-person")
    expect((await gate.propose({ ...proposal, by: { service: newService() } })).requirement.rule).toBe(
      "team@1/proposed-by-a-program"
    )
  })

  it("keeps everything for the next start, does not run with a changed secret, and opens with the same key only", async () => {
    const options = { file: "kept.db", executors: [quiet] }
    const approved = await (async () => {
      await using gate = await open({ ...options, secrets })
      return await gate.propose(proposal)
    })()
    await using again = await open({ ...options, secrets: async () => "another value" })
    await again.approve(approved, { by: ada })
    const refused = await again.wait(approved.id)
    expect(refused).toMatchObject({
      state: "failed",
      detail: expect.stringContaining('The secret "token" is now in version')
    })
    await expect(open({ ...options, key: new Uint8Array(32) })).rejects.toMatchObject({ _tag: "WrongLogKey" })
    await expect(open({ key: new Uint8Array(31) })).rejects.toThrow("The key has 31 bytes; it must have 32")
  })

  it("has rules of the embedder's own, and targets", async () => {
    const rules = { name: "own", version: 1, rules: [{ name: "all", require: "nobody" as const }] }
    await using gate = await open({ executors: [quiet], secrets, rules })
    expect(await gate.wait((await gate.propose(proposal)).id)).toMatchObject({ state: "succeeded" })
    const { id } = await gate.targets.add(agent, web1)
    expect(await gate.targets.change(agent, "web-1", { port: 23 })).toMatchObject({ id, port: 23 })
    await gate.targets.remove(agent, id)
    expect(await gate.targets.list()).toEqual([])
  })
})
