// Servers that are not there, are something else, or break off in the middle: what the command line says, and does not do twice.
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Person, person, type ServedFolder, serveFolder } from "./cli-process.ts"

// Every step is a process of its own, and the machine may be busy with other suites.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Runs a server with this handler around `use`. */
const withServer = async <A>(handler: Handler, use: (url: string) => Promise<A>): Promise<A> => {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

let home: string
let stranger: Person

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "fluxcybers-faults-"))
  stranger = person(home)
})

afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

const CANARY = "fcb_canary-token-that-must-not-be-printed"

/** Tries to sign in, which calls `whoami` with the token. */
const signIn = async (url: string) => {
  const { code, stdout, stderr } = await stranger.run(["login", "--url", url, "--json"], { stdin: CANARY })
  expect(`${stdout}${stderr}`).not.toContain("canary")
  return { exit: code, problem: JSON.parse(stderr) }
}

describe("a server that", () => {
  it("is not there is said to be unreachable, and that nothing was sent", async () => {
    const gone = await withServer(
      () => {},
      async (url) => url
    )
    const { exit, problem } = await signIn(gone)
    expect(exit).toBe(9)
    expect(problem).toMatchObject({ code: "unreachable", exit: 9 })
    expect(problem.detail).toContain("ECONNREFUSED")
    expect(problem.detail).toContain("Nothing was sent")
  })

  it.each<[string, Handler]>([
    ["answers a page", (_, response) => response.setHeader("content-type", "text/html").end("<h1>Hello</h1>")],
    ["answers other JSON", (_, response) => response.setHeader("content-type", "application/json").end('{"hello":1}')],
    ["has no such path", (_, response) => response.writeHead(404).end()],
    ["sends elsewhere", (_, response) => response.writeHead(502).end("bad gateway")]
  ])("%s is not understood", async (_, handler) => {
    const { exit, problem } = await withServer(handler, signIn)
    expect(exit).toBe(1)
    expect(problem).toMatchObject({ code: "not-understood" })
    expect(problem.detail).toContain("not one of FluxCybers")
  })

  it("breaks off is said to have broken off: whether it was done is not known", async () => {
    const { exit, problem } = await withServer((request) => request.socket.destroy(), signIn)
    expect(exit).toBe(9)
    expect(problem).toMatchObject({ code: "connection-lost" })
    expect(problem.detail).toContain("not known")
  })

  it("redirects does not get the token somewhere else", async () => {
    const seen: Array<string | undefined> = []
    await withServer(
      (request, response) => {
        seen.push(request.headers.authorization)
        response.end("{}")
      },
      async (elsewhere) => {
        await withServer(
          (_, response) => response.writeHead(307, { location: `${elsewhere}/api/v1/whoami` }).end(),
          signIn
        )
      }
    )
    expect(seen.filter((authorization) => authorization !== undefined)).toEqual([])
  })

  it("writes terminal commands into its problem is shown them as text", async () => {
    const body = {
      _tag: "Unauthorized",
      type: "about:blank",
      title: "Unauthorized",
      status: 401,
      detail: "No\x1b[2J\u202e way.",
      code: "token-unknown"
    }
    const { code, stderr } = await withServer(
      (_, response) =>
        response.writeHead(401, { "content-type": "application/problem+json" }).end(JSON.stringify(body)),
      (url) => stranger.run(["login", "--url", url], { stdin: CANARY })
    )
    expect(code).toBe(3)
    expect(stderr).toBe("error: No<U+001B>[2J<U+202E> way.\n")
  })
})

describe("an answer that gets lost", () => {
  let served: ServedFolder
  let ada: Person

  beforeAll(async () => {
    served = await serveFolder()
    ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
  })

  afterAll(() => served?.stop())

  it("does not make a second execution", async () => {
    let lost = 0
    const forgetful: Handler = (request, response) => {
      const isProposal = request.method === "POST" && request.url === "/api/v1/executions"
      const onward = httpRequest(`${served.url}${request.url}`, {
        method: request.method ?? "GET",
        headers: { ...request.headers, host: new URL(served.url).host }
      })
      onward.on("response", (answer) => {
        if (isProposal && lost++ === 0) return request.socket.destroy()
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
      request.pipe(onward)
    }
    const token = served.file(
      "token",
      (await ada.ok(["token", "create", "script", "--kind", "person", "--scope", "read", "--scope", "propose"])).trim()
    )
    const env = { FLUXCYBERS_TOKEN_FILE: token }
    const id = await withServer(forgetful, (url) =>
      ada.ok(["run", "--detach", "--executor", "local", "--url", url, "--", "true"], { env })
    )
    expect(lost).toBe(2)
    const { items } = await ada.json(["executions", "list"])
    expect(items.map((item: { id: string }) => item.id)).toEqual([id.trim()])
  })
})
