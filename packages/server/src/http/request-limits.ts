// What a request may look like before anything reads it: addressed to this host, no larger than the limit, JSON.
import { isUtf8 } from "node:buffer"
import { isIP } from "node:net"
import type { Context, MiddlewareHandler } from "hono"
import { problem } from "./problem.ts"
import { NOT_JSON, problemResponse } from "./problem-response.ts"

const BODY_BYTES_MAX = 1024 * 1024

/** A proposal may hold the largest file that can be put on a target, in base64, and its command around it. */
const PROPOSAL_BYTES_MAX = 12 * 1024 * 1024

const bytesMaxOf = ({ req }: Context): number =>
  req.method === "POST" && /^\/api\/v1\/executions\/?$/.test(req.path) ? PROPOSAL_BYTES_MAX : BODY_BYTES_MAX
const NOT_UTF8 = problem(
  400,
  "not-utf8",
  "The body is not UTF-8. Nothing was changed. JSON is sent in UTF-8 (RFC 8259 §8.1)."
)
const WRONG_HOST = problem(
  421,
  "wrong-host",
  "This server answers only to its loopback address. A web page elsewhere may have sent the request."
)

/** Refuses larger bodies, by their announced length or after as many bytes, and text that is not UTF-8: nothing may be changed in silence. */
export const limitBody = (): MiddlewareHandler =>
  async function limitBody(c, next) {
    const bytesMax = bytesMaxOf(c)
    if (Number(c.req.header("content-length") ?? "0") > bytesMax) return tooLarge(bytesMax)
    if (!hasBody(c)) return await next()
    const { method, url, headers, signal } = c.req.raw
    const body = await readAtMost(c.req.raw.body, bytesMax)
    if (body === undefined) return tooLarge(bytesMax)
    if (!isUtf8(body)) return problemResponse(NOT_UTF8)
    c.req.raw = new Request(url, { method, headers, signal, body })
    return await next()
  }

const hasBody = (c: Context): boolean =>
  Number(c.req.header("content-length") ?? "0") > 0 || c.req.header("transfer-encoding") !== undefined

const tooLarge = (bytesMax: number) =>
  problemResponse(
    problem(413, "body-too-large", `The body is larger than ${bytesMax} bytes. Nothing was read or changed.`),
    { connection: "close" }
  )

const readAtMost = async (body: ReadableStream<Uint8Array> | null, bytesMax: number) => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

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
    const [type] = (c.req.header("content-type") ?? "").split(";", 1)
    if (hasBody(c) && type?.trim().toLowerCase() !== "application/json") return problemResponse(NOT_JSON)
    return await next()
  }
