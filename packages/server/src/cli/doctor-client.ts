// What `doctor` looks at on the side of the person: this program, its stored sign-ins, and the way to the server.
import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { DateTime, Effect, Option } from "effect"
import { type CallApi, connectTo } from "./api.ts"
import { chosenProfile, connection } from "./connection.ts"
import { type Finding, ok, problem, skipped } from "./doctor-report.ts"
import type { CliFailure } from "./failure.ts"
import { moment } from "./moment.ts"
import { profilesPath, readProfiles, rightsProblem } from "./profile-store.ts"
import { VERSION } from "./version.ts"

const EXPIRY_WARNING_DAYS = 7
const DAY_MS = 24 * 60 * 60 * 1_000

/** The entry file has refused anything older already; this line says what it is. */
export const nodeFinding: Finding = ok("program", `fluxcybers ${VERSION} on Node.js ${process.versions.node}`)

export const profileFindings = Effect.gen(function* () {
  const path = profilesPath()
  if (!existsSync(path)) return [skipped("sign-ins", `${path} is not there: nobody has signed in yet`)]
  const folder = dirname(path)
  const folderProblem = rightsProblem(folder)
  const read = yield* Effect.result(readProfiles(path))
  if (read._tag === "Failure") return [ofFailure("sign-ins", read.failure)]
  const names = Object.keys(read.success)
  return [
    folderProblem === undefined
      ? ok("sign-ins", `${path} is yours alone; profiles: ${names.length === 0 ? "none" : names.join(", ")}`)
      : problem("sign-ins", folderProblem, `chmod 700 ${folder}`)
  ]
})

/** Is the server there, and what is the token worth? */
export const serverFindings = Effect.gen(function* () {
  const profile = yield* chosenProfile
  const found = yield* Effect.result(connection)
  if (found._tag === "Failure") return [skipped("server", `profile ${profile}: ${firstLine(found.failure.detail)}`)]
  const { url, token } = found.success
  const api = yield* connectTo({ url, token })
  const health = yield* Effect.result(api((client) => client.system.health()))
  if (health._tag === "Failure") return [ofFailure("server", health.failure)]
  const me = yield* Effect.result(api((client) => client.session.whoami()))
  if (me._tag === "Failure") return [ok("server", `${url} answers`), ofFailure("token", me.failure)]
  return [ok("server", `${url} answers`), yield* tokenFinding(me.success), ...(yield* reviewFindings(api))]
})

/** What somebody ran by breaking the glass, and nobody has looked at. */
const reviewFindings = Effect.fnUntraced(function* (api: CallApi) {
  const found = yield* Effect.result(api((client) => client.policy.reviews({ query: {} })))
  if (found._tag === "Failure") return []
  const now = DateTime.formatIso(yield* DateTime.now)
  const overdue = found.success.filter(({ dueAt }) => dueAt <= now)
  if (overdue.length > 0) {
    const ids = overdue.slice(0, REVIEWS_NAMED_MAX).map(({ execution }) => execution)
    const detail = `${overdue.length} overdue, of what ran because somebody broke the glass: ${ids.join(", ")}`
    return [problem("reviews", detail, `Another person: fluxcybers policy close-review ${ids[0]} --conclusion WHAT`)]
  }
  const count = found.success.length
  return [ok("reviews", count === 0 ? "none is open" : `${count} open, none overdue: fluxcybers policy reviews`)]
})

const REVIEWS_NAMED_MAX = 5

const tokenFinding = Effect.fnUntraced(function* (me: { readonly name: string; readonly tokenExpiresAt: string }) {
  const expires = DateTime.make(me.tokenExpiresAt)
  if (Option.isNone(expires)) return ok("token", `of ${me.name}`)
  const now = yield* DateTime.now
  const days = Math.floor((expires.value.epochMilliseconds - now.epochMilliseconds) / DAY_MS)
  const until = `of ${me.name}, valid until ${moment(me.tokenExpiresAt)}`
  return days >= EXPIRY_WARNING_DAYS
    ? ok("token", until)
    : problem(
        "token",
        `${until}: ${days} days left`,
        "fluxcybers token create NAME --kind person --scope …, then fluxcybers login"
      )
})

const firstLine = (text: string): string => text.split("\n")[0] ?? ""

/** A failure's first sentence is what happened; the rest is what to do. */
const ofFailure = (check: string, { detail }: CliFailure): Finding => {
  const [happened = "", ...advice] = detail.split("\n")
  return problem(
    check,
    happened,
    advice.length === 0 ? "Try again; if it stays, look at the server's log" : advice.join(" ")
  )
}
