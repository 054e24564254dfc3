// The application over HTTP: one person asks, another approves what the page shows, and it runs.
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { newPerson } from "@fluxcybers/executor/promise"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type App, createApp } from "../src/app.ts"

const folder = mkdtempSync(join(tmpdir(), "fluxcybers-embed-"))
const accounts = [
  { name: "ada", person: newPerson(), mayApprove: false },
  { name: "grace", person: newPerson(), mayApprove: true }
]

let app: App
let server: Server
beforeAll(async () => {
  app = await createApp({
    sqlite: join(folder, "shop.db"),
    key: randomBytes(32),
    accounts,
    accountOf: (request) => accounts.find(({ name }) => request.get("x-account") === name)
  })
  server = await new Promise((resolve) => {
    const started = app.express.listen(0, "127.0.0.1", () => resolve(started))
  })
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await app.close()
  rmSync(folder, { recursive: true })
})

const call = async (account: string, path: string, form?: Readonly<Record<string, string>>, headers = {}) => {
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    redirect: "manual",
    headers: { "x-account": account, ...headers },
    ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) })
  })
  return { status: response.status, location: response.headers.get("location") ?? "", text: await response.text() }
}

const ask = async (): Promise<string> =>
  (await call("ada", "/restarts", { worker: "mail", reason: "it hangs & waits" })).location
const digestOn = (page: string): string => /name="digest" value="([0-9a-f]{64})"/.exec(page)?.[1] ?? ""

describe("an application with a gate inside", () => {
  it("runs what one person asked for when another has approved what the page shows", async () => {
    const path = await ask()
    const { text } = await call("grace", path)
    expect(text).toContain("Command")
    expect(text).toContain("restart mail")
    const digest = digestOn(text)
    expect(text).toContain("it hangs &amp; waits")
    expect(await call("grace", path, { verdict: "approve", reason: "<b>go</b>", digest })).toMatchObject({
      status: 303,
      location: path
    })
    expect((await call("ada", `${path}/output`)).text).toBe("worker mail restarted\n")
    const after = await call("ada", path)
    expect(after.text).toContain("Restart: succeeded")
    expect(after.text).toContain("approve: &lt;b&gt;go&lt;/b&gt;")
    expect((await call("ada", "/")).text).toContain(
      `<a href="${path}">Restarts the worker &quot;mail&quot;.</a> succeeded`
    )
  })

  it("does not let whoever may not approve do so, nor anybody approve what they have not seen", async () => {
    const path = await ask()
    const own = await call("ada", path)
    expect(digestOn(own.text)).toBe("")
    const digest = digestOn((await call("grace", path)).text)
    expect((await call("ada", path, { verdict: "approve", digest })).status).toBe(422)
    const other = await call("grace", path, { verdict: "approve", digest: "0".repeat(64) })
    expect(other.status).toBe(422)
    expect(other.text).toContain("digest")
    expect((await call("grace", path, { verdict: "reject", digest, reason: "not now" })).status).toBe(303)
    expect((await call("ada", path)).text).toContain("Restart: rejected")
  })

  it("says what is wrong, takes no form of another site, and shows strangers nothing", async () => {
    const wrong = await call("ada", "/restarts", { worker: "<script>" })
    expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining("There are: mail, invoices.") })
    const foreign = await call("grace", "/restarts", { worker: "mail" }, { "sec-fetch-site": "cross-site" })
    expect(foreign.status).toBe(403)
    expect((await call("nobody", "/")).status).toBe(401)
  })
})
