// What every executor promises, tried with this one: first in this process, then as a server runs it.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { executorSuite, madeExecutor, pluginExecutor } from "@fluxcybers/executor/testing"
import { afterAll } from "vitest"
import { executor } from "../src/plugin.ts"

/** Nothing listens there. */
const NOBODY = "127.0.0.1:3"

/** `/slow` never answers, `/much` never ends. */
const service = createServer(({ url }, response) => {
  if (url === "/slow") return
  if (url !== "/much") return void response.end(`this is ${url}\n`)
  const more = () => void response.write("x".repeat(100_000))
  response.on("drain", more)
  more()
})
await new Promise<void>((done) => service.listen(0, "127.0.0.1", done))
const host = `127.0.0.1:${(service.address() as AddressInfo).port}`

afterAll(() => {
  service.closeAllConnections()
  service.close()
})

const inputs = {
  valid: [
    { host, path: "/one" },
    { host, path: "/two" }
  ],
  invalid: [null, {}, { host: "nowhere", path: "/" }, { host, path: "no" }, { host, path: "/", more: 1 }],
  failing: [{ host: NOBODY, path: "/" }],
  endless: { host, path: "/slow", timeoutMs: 1_000 },
  flooding: { host, path: "/much", outputBytesMax: 10_000 }
}

executorSuite("{{id}}", { ...inputs, make: madeExecutor(executor) })
// Each run is a process of its own here, and takes half a second to start: fewer of each kind will do.
const { valid, invalid, flooding } = inputs
executorSuite("{{id}}, as a plugin", {
  valid: valid.slice(0, 1),
  invalid,
  flooding,
  make: pluginExecutor(join(import.meta.dirname, ".."))
})
