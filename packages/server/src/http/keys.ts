// /api/v1/keys
import { KeyId, KeyRotation, RotationRefused } from "@fluxcybers/vault"
import { Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { asProblem, problemOf } from "./problem.ts"

export const keyHandlers = HttpApiBuilder.group(
  Api,
  "keys",
  Effect.fn(function* (handlers) {
    const rotation = yield* KeyRotation
    return handlers.handleAll({
      status: Effect.fn("keys.status")(function* () {
        return yield* asProblem(rotation.status((yield* Caller).organisation))
      }),
      rotations: Effect.fn("keys.rotations")(function* () {
        return yield* rotation.rotations((yield* Caller).organisation)
      }),
      verify: Effect.fn("keys.verify")(function* ({ payload: { dryRun = false, all = false } }) {
        return yield* rotation.verify({ ...(yield* acting), isTrial: dryRun, isComplete: all })
      }),
      plan: Effect.fn("keys.plan")(function* ({ payload }) {
        return yield* asProblem(rotation.plan({ ...(yield* acting), scope: payload.scope }))
      }),
      rotate: Effect.fn("keys.rotate")(function* ({ payload }) {
        return yield* asProblem(rotation.begin({ ...(yield* acting), scope: payload.scope }))
      }),
      retire: Effect.fn("keys.retire")(function* ({ payload: { key, dryRun = false } }) {
        if (!isKeyId(key)) return yield* problemOf(new RotationRefused({ reason: "unknown-key" }))
        return yield* asProblem(rotation.retire({ ...(yield* acting), key, isTrial: dryRun }))
      })
    })
  })
)

const isKeyId = Schema.is(KeyId)

const acting = Effect.map(Caller, ({ organisation, actor }) => ({ organisation, actor }))
