// /api/v1/secrets
import { Secrets } from "@fluxcybers/vault"
import { Effect, Redacted, Result } from "effect"
import * as Base64 from "effect/encoding/Base64"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { asProblem, problem } from "./problem.ts"

export const secretHandlers = HttpApiBuilder.group(
  Api,
  "secrets",
  Effect.fn(function* (handlers) {
    const secrets = yield* Secrets
    return handlers.handleAll({
      list: Effect.fn("secrets.list")(function* () {
        return yield* secrets.list((yield* Caller).organisation)
      }),
      put: Effect.fn("secrets.put")(function* ({ payload }) {
        return yield* asProblem(secrets.put(yield* withValue(payload)))
      }),
      rotate: Effect.fn("secrets.rotate")(function* ({ payload }) {
        return yield* asProblem(secrets.rotate(yield* withValue(payload)))
      }),
      reveal: Effect.fn("secrets.reveal")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        const { version, value } = yield* asProblem(secrets.reveal({ ...payload, organisation, actor }))
        return { name: payload.name, version, value: Base64.encode(Redacted.value(value)) }
      }),
      destroy: Effect.fn("secrets.destroy")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        yield* asProblem(secrets.destroy({ organisation, actor, name: payload.name }))
      })
    })
  })
)

interface SentValue {
  readonly name: string
  readonly value: string
  readonly expiresAt?: string
}

const withValue = Effect.fnUntraced(function* (payload: SentValue) {
  const { organisation, actor } = yield* Caller
  const bytes = Base64.decode(payload.value)
  if (Result.isFailure(bytes)) return yield* NOT_BASE64
  return { ...payload, organisation, actor, value: Redacted.make(bytes.success) }
})

const NOT_BASE64 = problem(422, "secret-not-base64", "The value is not base64. Nothing was changed.")
