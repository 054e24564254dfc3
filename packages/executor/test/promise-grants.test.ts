// Grants, runbooks, reasons and reviews as promises.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { TEAM } from "../src/index.ts"
import { createGate, localExecutor, newAgent, newPerson, type PromiseGate } from "../src/promise.ts"

const [ada, bob] = [newPerson(), newPerson()]
const agent = { person: ada, agent: newAgent() }

let folder = ""
let gate: PromiseGate
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-promise-"))
  gate = await createGate({
    sqlite: join(folder, "gate.db"),
    key: new Uint8Array(32).fill(9),
    executors: [localExecutor],
    rules: TEAM,
    members: [
      { person: ada, roles: ["owner"] },
      { person: bob, roles: ["approver"] }
    ]
  })
})
afterAll(async () => {
  await gate.close()
  rmSync(folder, { recursive: true })
})

const textOf = async (id: string) => {
  let text = ""
  for await (const piece of gate.output(id)) text += piece.text
  return text
}

it("a runbook is put, filled in, shown, approved and run", async () => {
  const document = {
    name: "greet",
    executor: "local",
    parameters: { who: { type: "text", pattern: "[A-Za-z ]+" } },
    input: { argv: ["printf", "%s", { $join: ["Hello, ", { $parameter: "who" }] }] }
  }
  expect(await gate.runbooks.put(document, ada)).toMatchObject({ name: "greet", version: 1 })
  const proposed = await gate.runbooks.use({
    by: agent,
    runbook: "greet",
    parameters: { who: "Grace H" },
    reason: "new here"
  })
  expect(proposed).toMatchObject({ state: "pending", reason: "new here" })
  expect((await gate.view(proposed.id)).runbook?.parameters).toEqual([
    { name: [{ text: "who" }], value: [{ text: "Grace H" }] }
  ])
  await gate.approve(proposed, { by: bob })
  expect(await textOf(proposed.id)).toBe("Hello, Grace H")
  await expect(gate.runbooks.use({ by: agent, runbook: "greet", parameters: { who: "a;b" } })).rejects.toThrow(
    /pattern/
  )
  expect((await gate.runbooks.list()).map(({ name }) => name)).toEqual(["greet"])
  await gate.runbooks.retire("greet", ada)
  await expect(gate.runbooks.get("greet")).rejects.toMatchObject({ reason: "unknown" })
})

it("a bounded grant is asked for, approved, used by the gate itself, and revoked", async () => {
  const input = { argv: ["printf", "granted"] }
  const asked = await gate.grants.request({ by: agent, executor: "local", commands: [input], expiresInMs: 60_000 })
  expect(await gate.grants.approve(asked, bob)).toMatchObject({ state: "active" })
  const used = await gate.propose({ by: agent, executor: "local", input })
  expect(used.requirement).toMatchObject({ _tag: "Bounded", grant: asked.id })
  expect(await textOf(used.id)).toBe("granted")
  expect(await gate.grants.get(asked.id)).toMatchObject({ uses: 1 })
  expect(await gate.grants.revoke(asked.id, agent)).toMatchObject({ state: "revoked" })
  expect((await gate.grants.list()).length).toBe(1)
})

it("whoever breaks the glass says why, and another person reviews it", async () => {
  const proposal = { by: { person: ada }, executor: "local", input: { argv: ["printf", "now"] }, breakGlass: true }
  await expect(gate.propose(proposal)).rejects.toMatchObject({ reason: "missing-reason" })
  const broken = await gate.propose({ ...proposal, reason: "it burns", ticket: "OPS-1" })
  expect(broken).toMatchObject({ requirement: { _tag: "BreakGlass" }, ticket: "OPS-1" })
  expect(await gate.wait(broken.id)).toMatchObject({ state: "succeeded" })
  expect((await gate.reviews.list()).map(({ execution }) => execution)).toEqual([broken.id])
  await gate.reviews.close(broken.id, bob, "It did burn.")
  expect(await gate.reviews.list()).toEqual([])
})

it("a schedule uses a runbook under a grant for exactly that use", async () => {
  const document = { name: "tick", executor: "local", input: { argv: ["printf", "tick"] } }
  await gate.runbooks.put(document, ada)
  const asked = await gate.grants.requestRunbook({
    by: { person: ada },
    ...{ runbook: "tick", repeat: true, usesMax: 2, expiresInMs: 3_600_000 }
  })
  await gate.grants.approve(asked, bob)
  const timing = { _tag: "Every", everyMs: 60_000 } as const
  const added = await gate.schedules.add({ by: ada, name: "ticking", runbook: "tick", grant: asked.id, timing })
  expect(added).toMatchObject({ state: "active", version: 1, grant: asked.id })
  expect(await gate.schedules.pause("ticking", ada)).toMatchObject({ state: "paused" })
  expect(await gate.schedules.resume("ticking", ada)).toMatchObject({ state: "active" })
  expect((await gate.schedules.list()).map(({ name }) => name)).toEqual(["ticking"])
  expect(await gate.schedules.remove("ticking", ada)).toMatchObject({ state: "removed" })
})
