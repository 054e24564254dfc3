// The suite of executors against a small billing API, what reaches it, and the same as a plugin.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { executorSuite, madeExecutor, pluginExecutor, runInTestHost } from "@fluxcybers/executor/testing"
import { Effect } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { executor } from "../src/plugin.ts"

const TOKEN = "canary-billing-51d0f7"
/** Nothing listens there. */
const NOBODY = "http://127.0.0.1:3"

const called: Array<string> = []
/** Shows what it was asked, the credential too; `/reports` never answers, `/export` never ends. */
const api = createServer((request, response) => {
  if (request.url === "/reports") return
  if (request.url === "/export") {
    const more = () => void response.write("x".repeat(100_000))
    response.on("drain", more)
    return more()
  }
  if (request.url === "/invoices?state=moved") return void response.writeHead(302, { location: "/elsewhere" }).end()
  const pieces: Array<Buffer> = []
  request.on("data", (piece) => pieces.push(piece))
  request.on("end", () => {
    called.push(`${request.method} ${request.url} ${Buffer.concat(pieces)}`)
    response.end(`${request.headers.authorization}\n`)
  })
})
await new Promise<void>((done) => api.listen(0, "127.0.0.1", done))
const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`

afterAll(() => {
  api.closeAllConnections()
  api.close()
})

const list = { server, operation: "listInvoices", credential: "billing/token" }
const voiding = { ...list, operation: "voidInvoice", parameters: { id: "a/b" }, body: { reason: "wrong sum" } }
const secrets = () => ({ "billing/token": TOKEN })

executorSuite("example.billing", {
  make: madeExecutor(executor),
  secrets,
  valid: [{ ...list, parameters: { state: "open & due" } }, voiding],
  invalid: [
    null,
    { ...list, operation: "deleteEverything" },
    { ...list, server: "https://billing.example.com/other" },
    { ...list, parameters: { stat: "open" } },
    { ...list, body: {} },
    { ...voiding, parameters: {} },
    { ...voiding, parameters: { id: ".." } },
    { ...list, more: 1 }
  ],
  failing: [{ ...list, server: NOBODY }],
  printing: (secret) => ({ ...list, credential: secret }),
  endless: { ...list, operation: "makeReport", timeoutMs: 1_000 },
  flooding: { ...list, operation: "exportInvoices", outputBytesMax: 100_000 }
})

const run = (input: object, make = madeExecutor(executor)) =>
  Effect.runPromise(Effect.flatMap(make, (made) => runInTestHost({ executor: made, input, secrets: secrets() })))

describe("a call", () => {
  it("is shown whole but for the credential, and made as it was shown", async () => {
    called.length = 0
    const { plan, stdout, exit } = await run(voiding)
    expect(plan).toMatchObject({
      command: { argv: ["POST", `${server}/invoices/a%2Fb/void`] },
      access: "write",
      hosts: [server.replace("http://", "")],
      secrets: [{ name: "billing/token", version: 1 }]
    })
    expect(called).toEqual(['POST /invoices/a%2Fb/void {"reason":"wrong sum"}'])
    expect(`${stdout}`).toBe("Bearer ***\n")
    expect(exit).toMatchObject({ value: { isSuccess: true } })
  })

  it("does not follow a redirect", async () => {
    const { exit, stderr } = await run({ ...list, parameters: { state: "moved" } })
    expect(`${stderr}`).toBe("302 Found\n")
    expect(exit).toMatchObject({ value: { isSuccess: false } })
  })

  it("is made by the plugin's own process, over the one host of its plan", async () => {
    const { stdout, exit } = await run(list, pluginExecutor(join(import.meta.dirname, "..")))
    expect(exit).toMatchObject({ value: { isSuccess: true } })
    expect(`${stdout}`).toBe("Bearer ***\n")
  })
})
