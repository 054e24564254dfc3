import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { checkProof, newLogKey, newOrganisation, openAuditLog } from "../src/promise.ts"

const folder = mkdtempSync(join(tmpdir(), "fluxcybers-core-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sqlite = join(folder, "log.db")
const key = newLogKey("shop.example/log")
const organisation = newOrganisation()
const event = { organisation, component: "billing", action: "invoice.sent", object: "invoice-7" }

it("records, proves and verifies without a word of Effect", async () => {
  await using log = await openAuditLog({ sqlite, key })
  const id = await log.record(event)
  expect(await log.prove(id)).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 0\n/)
  expect(await log.verify()).toMatchObject({ size: 1, problems: [] })
  expect(await log.checkpoint()).toContain("shop.example/log\n1\n")
})

it("a proof of another entry is refused", async () => {
  await using log = await openAuditLog({ sqlite, key })
  const proof = await log.prove(await log.record(event))
  const claim = { proof, entry: "{}", verifierKey: log.verifierKey }
  expect(() => checkProof(claim)).toThrow("does not show that this entry is in the log")
})

it("another key than the log's is refused with what to do", async () => {
  await expect(openAuditLog({ sqlite, key: newLogKey("shop.example/log") })).rejects.toThrow("Nothing was changed")
})

it("an entry that does not exist has no proof", async () => {
  await using log = await openAuditLog({ sqlite, key })
  await expect(log.prove(newOrganisation().replace("org_", "audit_"))).rejects.toMatchObject({
    _tag: "AuditEntryNotFound"
  })
})

it("an action that takes time has its beginning and its end in the log, and its own rejection comes through", async () => {
  await using log = await openAuditLog({ sqlite, key, node: "shop" })
  expect(await log.during({ ...event, action: "report.built" }, async () => 7)).toBe(7)
  const own = new TypeError("no paper")
  await expect(log.during({ ...event, action: "report.built" }, () => Promise.reject(own))).rejects.toBe(own)
  await log.record(event)
  expect(await log.verify()).toMatchObject({ problems: [] })
})
