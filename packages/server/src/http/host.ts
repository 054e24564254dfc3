// The HTTP host: limits and headers around the API, the two pages, and words for every failure.
import { type Context, Hono, type MiddlewareHandler } from "hono"
import { secureHeaders } from "hono/secure-headers"
import { limitAttempts } from "./attempt-limit.ts"
import type { FailedAttempts } from "./attempts.ts"
import { LOG_PATHS } from "./log-resources.ts"
import { CONTENT_SECURITY_POLICY, claimPage, homePage } from "./pages.ts"
import { problem } from "./problem.ts"
import { NO_SUCH_ADDRESS, problemResponse, withProblem } from "./problem-response.ts"
import { limitBody, requireJson, requireLoopbackHost } from "./request-limits.ts"
import { apiRoutes, type Route } from "./routes.ts"

/** What the server's log keeps of a request: no address, no query, no id. */
export interface AnsweredRequest {
  readonly method: string
  /** The route's pattern. */
  readonly route: string
  readonly status: number
  readonly durationMs: number
}

export interface HostOptions {
  /** Answers the requests of the API. */
  readonly api: (request: Request) => Promise<Response>
  /** Answers GET requests for the log's checkpoint, tiles and bundles. */
  readonly log: (request: Request) => Promise<Response>
  readonly attempts: FailedAttempts
  readonly addressOf: (c: Context) => string
  readonly nowMs: () => number
  readonly answered: (request: AnsweredRequest) => void
  /** Logs an error of the host itself and answers its problem. */
  readonly failed: (error: unknown) => Promise<Response>
}

interface Environment {
  readonly Variables: { route?: string }
}
type Host = Hono<Environment>

export const makeHost = (options: HostOptions): Host => {
  const host: Host = new Hono()
  host.use(noteAnswers(options))
  host.use(
    secureHeaders({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      xFrameOptions: "DENY",
      strictTransportSecurity: false
    })
  )
  host.use(async function noStore(c, next) {
    await next()
    if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store")
  })
  host.use(requireLoopbackHost())
  host.use("/api/*", limitAttempts(options.attempts, options.addressOf), requireJson(), limitBody())
  for (const route of apiRoutes()) addRoute(host, route, async (c) => answer(await options.api(c.req.raw)))
  const methods = ["GET", "HEAD"]
  host.use("/log/*", limitAttempts(options.attempts, options.addressOf))
  for (const path of LOG_PATHS) addRoute(host, { path, methods }, async (c) => answer(await options.log(c.req.raw)))
  addRoute(host, { path: "/", methods }, (c) => c.html(homePage(new URL(c.req.url).origin)))
  addRoute(host, { path: "/claim", methods }, (c) => c.html(claimPage(new URL(c.req.url).origin)))
  host.notFound(() => problemResponse(NO_SUCH_ADDRESS))
  host.onError((error) => options.failed(error))
  return host
}

const noteAnswers = ({ answered, nowMs }: HostOptions): MiddlewareHandler<Environment> =>
  async function noteAnswers(c, next) {
    const startedMs = nowMs()
    await next()
    const route = c.get("route") ?? "none"
    answered({ method: c.req.method, route, status: c.res.status, durationMs: nowMs() - startedMs })
  }

const addRoute = (host: Host, { path, methods }: Route, handle: (c: Context) => Response | Promise<Response>): void => {
  host.on([...methods.filter((method) => method !== "HEAD")], path, (c) => {
    c.set("route", path)
    return handle(c)
  })
  const allow = [...methods, "OPTIONS"].join(", ")
  host.all(path, (c) => {
    c.set("route", path)
    if (c.req.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } })
    const detail = `${c.req.method} is not possible at this address; possible are ${allow}.`
    return problemResponse(problem(405, "method-not-allowed", detail), { allow })
  })
}

/** RFC 6750 §3: whoever needs a token is told so. */
const answer = (response: Response): Response => {
  const worded = withProblem(response)
  if (worded.status === 401) worded.headers.set("www-authenticate", 'Bearer realm="fluxcybers"')
  return worded
}
