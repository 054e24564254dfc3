import { describe, expect, it } from "vitest"
import { FailedAttempts } from "../src/http/attempts.ts"
import { makeHost } from "../src/http/host.ts"
import { problem } from "../src/http/problem.ts"
import { problemResponse } from "../src/http/problem-response.ts"

const hostWith = (answer: () => Response = () => Response.json({ status: "ok" })) => {
  let nowMs = 0
  let calls = 0
  const answered: Array<unknown> = []
  const host = makeHost({
    api: async () => {
      calls++
      return answer()
    },
    log: async () => new Response(null, { status: 404 }),
    attempts: new FailedAttempts(() => nowMs),
    addressOf: () => "127.0.0.1",
    nowMs: () => nowMs,
    answered: (request) => answered.push(request),
    failed: async () => new Response(null, { status: 500 })
  })
  const send = (path: string, init?: RequestInit) => host.request(`http://127.0.0.1:4680${path}`, init)
  return { send, answered, calls: () => calls, wait: (ms: number) => (nowMs += ms), host }
}

const problemOf = async (response: Response) => {
  expect(response.headers.get("content-type")).toBe("application/problem+json")
  const body = (await response.json()) as { status: number; code: string; detail: string }
  expect(body.status).toBe(response.status)
  return body
}

const json = (body: string, headers = {}) => ({
  method: "POST",
  body,
  headers: { "content-type": "application/json", ...headers }
})

describe("the host", () => {
  it("answers an unknown address with a problem", async () => {
    const { send } = hostWith()
    for (const path of ["/api/v1/nothing", "/api/v2/health", "/favicon.ico", "/claim/x"]) {
      expect(await problemOf(await send(path))).toMatchObject({ status: 404, code: "no-such-address" })
    }
  })

  it("answers another method with 405 and the possible ones", async () => {
    const { send } = hostWith()
    const response = await send("/api/v1/targets", { method: "DELETE" })
    expect(await problemOf(response)).toMatchObject({ status: 405, code: "method-not-allowed" })
    expect(response.headers.get("allow")).toBe("GET, HEAD, POST, OPTIONS")
    expect((await send("/", { method: "POST" })).status).toBe(405)
  })

  it("answers OPTIONS with the methods and allows no other origin", async () => {
    const { send } = hostWith()
    const response = await send("/api/v1/executions/x/approve", {
      method: "OPTIONS",
      headers: { origin: "https://evil.test" }
    })
    expect(response.status).toBe(204)
    expect(response.headers.get("allow")).toBe("POST, OPTIONS")
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([])
  })

  it("answers HEAD like GET, without a body", async () => {
    const { send } = hostWith()
    const response = await send("/api/v1/health", { method: "HEAD" })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe("")
  })

  it("refuses a body above 1 MiB by its announced length, before anything reads it", async () => {
    const { send, calls } = hostWith()
    const response = await send("/api/v1/secrets", json("x".repeat(1024 * 1024 + 1), { "content-length": "1048577" }))
    expect(await problemOf(response)).toMatchObject({ status: 413, code: "body-too-large" })
    expect(calls()).toBe(0)
  })

  it("refuses a body above 1 MiB that does not announce its length", async () => {
    const { send } = hostWith()
    const chunk = new Uint8Array(64 * 1024)
    let sent = 0
    const body = new ReadableStream({
      pull: (controller) => (sent++ < 1_000 ? controller.enqueue(chunk) : controller.close())
    })
    const init = { ...json(""), body, duplex: "half" } as RequestInit
    const response = await send("/api/v1/secrets", {
      ...init,
      headers: { "content-type": "application/json", "transfer-encoding": "chunked" }
    })
    expect(await problemOf(response)).toMatchObject({ status: 413 })
    expect(sent).toBeLessThan(40)
  })

  it("refuses a body that is not JSON by its type, also what a foreign form could send", async () => {
    const { send } = hostWith()
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]) {
      const headers: Record<string, string> = { "content-length": "2" }
      if (type !== "") headers["content-type"] = type
      const response = await send("/api/v1/secrets", { method: "POST", body: new Uint8Array([123, 125]), headers })
      expect(await problemOf(response)).toMatchObject({ status: 415, code: "not-json" })
    }
    expect(
      (await send("/api/v1/secrets", json("{}", { "content-type": "Application/JSON; charset=utf-8" }))).status
    ).toBe(200)
  })

  it("refuses a body that is not UTF-8 instead of changing it in silence", async () => {
    const { send, calls } = hostWith()
    const body = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])
    const headers = { "content-type": "application/json", "content-length": "5" }
    expect(await problemOf(await send("/api/v1/secrets", { method: "POST", body, headers }))).toMatchObject({
      status: 400,
      code: "not-utf8"
    })
    expect(calls()).toBe(0)
  })

  it("refuses a foreign host name, against DNS rebinding", async () => {
    const { host } = hostWith()
    for (const name of ["evil.test", "127.0.0.1.evil.test", "10.0.0.1"]) {
      expect(await problemOf(await host.request(`http://${name}:4680/api/v1/health`))).toMatchObject({ status: 421 })
    }
    for (const name of ["localhost", "127.0.0.1", "[::1]", "127.9.9.9"]) {
      expect((await host.request(`http://${name}:4680/api/v1/health`)).status).toBe(200)
    }
  })

  it("puts words on failures that came without, and asks for a token on 401", async () => {
    const answers = [
      new Response(null, { status: 500 }),
      new Response("Unsupported", { status: 415 }),
      new Response(null, { status: 404 })
    ]
    const { send } = hostWith(() => answers.shift()!)
    expect(await problemOf(await send("/api/v1/health"))).toMatchObject({ status: 503, code: "failed" })
    expect(await problemOf(await send("/api/v1/health"))).toMatchObject({ status: 415 })
    expect(await problemOf(await send("/api/v1/health"))).toMatchObject({ status: 404 })
    const unauthorized = hostWith(() => problemResponse(problem(401, "token-missing", "")))
    expect((await unauthorized.send("/api/v1/whoami")).headers.get("www-authenticate")).toContain("Bearer")
  })

  it("sets its security headers on every answer, failures among them", async () => {
    const { send } = hostWith()
    for (const response of [await send("/"), await send("/api/v1/health"), await send("/nothing")]) {
      expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/)
      expect(response.headers.get("x-content-type-options")).toBe("nosniff")
      expect(response.headers.get("x-frame-options")).toBe("DENY")
      expect(response.headers.get("referrer-policy")).toBe("no-referrer")
      expect(response.headers.get("cache-control")).toBe("no-store")
      expect(response.headers.get("x-powered-by")).toBeNull()
    }
  })

  it("logs a request by its route, without address, query and ids", async () => {
    const { send, answered } = hostWith()
    await send("/api/v1/executions/exec_00000000000000000000000000/events?after=3")
    expect(answered).toEqual([{ method: "GET", route: "/api/v1/executions/:id/events", status: 200, durationMs: 0 }])
  })
})

describe("the pages", () => {
  it("tell how to sign in, ask nothing from elsewhere, and adapt to dark and narrow screens", async () => {
    const { send } = hostWith()
    for (const path of ["/", "/claim"]) {
      const page = await (await send(path)).text()
      expect(page).toContain("npx fluxcybers login")
      expect(page).toContain("http://127.0.0.1:4680")
      expect(page).toContain('name="viewport"')
      expect(page).toContain("color-scheme: light dark")
      expect(page).not.toMatch(/<script|src=|https:/)
    }
  })

  it("use nothing up: opening the owner link calls no API", async () => {
    const { send, calls } = hostWith()
    await send("/claim")
    expect(calls()).toBe(0)
  })
})

describe("failed attempts", () => {
  const unauthorized = () => problemResponse(problem(401, "token-unknown", ""))

  it("are answered 429 with Retry-After from the 21st within a minute, and 401 again after it", async () => {
    const { send, wait } = hostWith(unauthorized)
    for (let i = 0; i < 20; i++) expect((await send("/api/v1/whoami")).status).toBe(401)
    const response = await send("/api/v1/whoami")
    expect(await problemOf(response)).toMatchObject({ status: 429, code: "too-many-attempts" })
    expect(response.headers.get("retry-after")).toBe("60")
    wait(60_000)
    expect((await send("/api/v1/whoami")).status).toBe(401)
  })

  it("do not lock out whoever has a valid token", async () => {
    let answer = unauthorized
    const { send } = hostWith(() => answer())
    for (let i = 0; i < 30; i++) await send("/api/v1/whoami")
    answer = () => new Response()
    expect((await send("/api/v1/whoami")).status).toBe(200)
  })

  it("with owner links are refused before the link is looked at", async () => {
    const { send, calls } = hostWith(() => problemResponse(problem(403, "owner-link-unknown", "")))
    for (let i = 0; i < 25; i++) await send("/api/v1/claim", json("{}"))
    expect(calls()).toBe(20)
    expect((await send("/api/v1/claim", json("{}"))).status).toBe(429)
  })

  it("are counted for a bounded number of addresses", () => {
    const attempts = new FailedAttempts(() => 0)
    for (let i = 0; i < 20_000; i++) attempts.count(`10.0.${i >> 8}.${i & 255}`)
    for (let i = 0; i < 20; i++) attempts.count("10.9.9.9")
    expect(attempts.retryAfterSeconds("10.9.9.9")).toBe(60)
  })
})
