// What a request may look like before anything reads it: addressed to this host, no larger than the limit, JSON.
import { isIP } from "node:net"
import type { MiddlewareHandler } from "hono"
import { bodyLimit } from "hono/body-limit"
import { problem } from "./problem.ts"
import { NOT_JSON, problemResponse } from "./problem-response.ts"

export const BODY_BYTES_MAX = 1024 * 1024

const TOO_LARGE = problem(
  413,
  "body-too-large",
  `The body is larger than ${BODY_BYTES_MAX} bytes. Nothing was read or changed.`
)
const WRONG_HOST = problem(
  421,
  "wrong-host",
  "This server answers only to its loopback address. A web page elsewhere may have sent the request."
)

/** Refuses larger bodies, by their announced length or after as many bytes. */
export const limitBody = (): MiddlewareHandler =>
  bodyLimit({ maxSize: BODY_BYTES_MAX, onError: () => problemResponse(TOO_LARGE, { connection: "close" }) })

/** Against DNS rebinding: a page whose own host name resolves to loopback still sends that name. */
export const requireLoopbackHost = (): MiddlewareHandler =>
  async function requireLoopbackHost(c, next) {
    const { hostname } = new URL(c.req.url)
    if (!isLoopbackName(hostname)) return problemResponse(WRONG_HOST)
    return await next()
  }

const isLoopbackName = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."))

/** A body of another type is refused, so that no HTML form of a foreign page can send one. */
export const requireJson = (): MiddlewareHandler =>
  async function requireJson(c, next) {
    const hasBody = Number(c.req.header("content-length") ?? "0") > 0 || c.req.header("transfer-encoding") !== undefined
    const [type] = (c.req.header("content-type") ?? "").split(";", 1)
    if (hasBody && type?.trim().toLowerCase() !== "application/json") return problemResponse(NOT_JSON)
    return await next()
  }
