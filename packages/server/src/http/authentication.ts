// Before a handler runs: who calls, and may they? After it: whatever went wrong leaves as a problem.
import { Forbidden, refusal } from "@fluxcybers/core"
import { Cause, Duration, Effect, Layer, Option } from "effect"
import { HttpApiError } from "effect/http-api"
import { Authentication, Caller, type CallerIdentity, Problems } from "../api/authentication.ts"
import type { Problem } from "../api/problem.ts"
import { Callers } from "../data/callers.ts"
import { problemOfDefect } from "./defect.ts"
import { type Permission, permissionOf } from "./permissions.ts"
import { problem, problemOf } from "./problem.ts"
import { problemOfRequest } from "./request-problem.ts"

const ANSWER_TIME_MAX = Duration.seconds(30)
/** Verifying reads the whole log. */
const VERIFY_TIME_MAX = Duration.minutes(10)

export const authenticationLayer = Layer.effect(
  Authentication,
  Effect.gen(function* () {
    const callers = yield* Callers
    return {
      bearer: Effect.fnUntraced(function* (httpEffect, { credential, endpoint, group }) {
        const caller = yield* Effect.mapError(callers.resolve(credential), problemOf)
        const forbidden = refusalOf(permissionOf(group.identifier, endpoint.identifier), caller)
        if (forbidden !== undefined) return yield* problemOf(forbidden)
        return yield* Effect.provideService(httpEffect, Caller, caller)
      })
    }
  })
)

const refusalOf = (permission: Permission | undefined, caller: CallerIdentity): Forbidden | undefined => {
  if (permission === "anyone") return undefined
  // `public` endpoints do not come by here; one that the table does not know is for nobody.
  if (permission === undefined || permission === "public") return new Forbidden({ action: "unknown", reason: "role" })
  return refusal(permission, caller)
}

export const problemsLayer = Layer.succeed(Problems, (httpEffect, { endpoint }) =>
  httpEffect.pipe(
    Effect.timeoutOrElse({
      duration: endpoint.identifier === "verify" ? VERIFY_TIME_MAX : ANSWER_TIME_MAX,
      orElse: () => Effect.fail(TIMED_OUT)
    }),
    Effect.catchCause((cause) => Effect.flatMap(problemOfCause(cause), Effect.fail))
  )
)

const TIMED_OUT = problem(
  503,
  "timeout",
  "The answer took too long. Whether the change was made is not known: look before you repeat the request."
)

const problemOfCause = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  // The caller went away: there is nobody to tell.
  if (Cause.hasInterruptsOnly(cause)) return yield* Effect.interrupt
  const failure = Cause.findErrorOption(cause)
  if (Option.isNone(failure)) return yield* problemOfDefect(Cause.squash(cause))
  const error = failure.value
  // Everything else that handlers fail with is a declared problem.
  if (!HttpApiError.HttpApiSchemaError.is(error)) return error as Problem
  return problemOfRequest(error) ?? (yield* problemOfDefect(error.cause))
})
