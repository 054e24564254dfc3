// Answers 429 to an address that failed too often. A request with a valid token always passes: on loopback everybody has the same
// address, and a broken program must not lock its neighbours out.
import type { Context, MiddlewareHandler } from "hono"
import type { FailedAttempts } from "./attempts.ts"
import { problem } from "./problem.ts"
import { problemResponse } from "./problem-response.ts"

const CLAIM_PATH = "/api/v1/claim"

export const limitAttempts = (attempts: FailedAttempts, addressOf: (c: Context) => string): MiddlewareHandler =>
  async function limitAttempts(c, next) {
    const address = addressOf(c)
    const isClaim = c.req.path === CLAIM_PATH && c.req.method === "POST"
    if (isClaim && attempts.retryAfterSeconds(address) > 0) return tooMany(attempts.retryAfterSeconds(address))
    await next()
    if (c.res.status !== 401 && !(isClaim && c.res.status === 403)) return
    const retryAfter = attempts.retryAfterSeconds(address)
    if (retryAfter > 0) c.res = tooMany(retryAfter)
    else attempts.count(address)
  }

const tooMany = (retryAfterSeconds: number): Response =>
  problemResponse(
    problem(
      429,
      "too-many-attempts",
      `Too many failed attempts from this address. Nothing was changed. Try again in ${retryAfterSeconds} seconds.`
    ),
    { "retry-after": String(retryAfterSeconds) }
  )
