// /api/v1/keys
import { KeyId, KeyRotation, type KeyVerificationProgress, RotationRefused } from "@fluxcybers/vault"
import { Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { KeyVerificationMessage } from "../api/keys.ts"
import { oneAtATime, workMessages } from "./long-work.ts"
import { asProblem, problemOf } from "./problem.ts"
import { eventStream } from "./sse.ts"
import { Stopping } from "./stopping.ts"

export const keyHandlers = HttpApiBuilder.group(
  Api,
  "keys",
  Effect.fn(function* (handlers) {
    const rotation = yield* KeyRotation
    const stopping = yield* Stopping
    const alone = yield* oneAtATime
    return handlers.handleAll({
      status: Effect.fn("keys.status")(function* () {
        return yield* asProblem(rotation.status((yield* Caller).organisation))
      }),
      rotations: Effect.fn("keys.rotations")(function* () {
        return yield* rotation.rotations((yield* Caller).organisation)
      }),
      verify: Effect.fn("keys.verify")(function* ({ payload: { dryRun = false, all = false } }) {
        return yield* alone(rotation.verify({ ...(yield* acting), isTrial: dryRun, isComplete: all }))
      }),
      verification: Effect.fn("keys.verification")(function* ({ payload: { dryRun = false, all = false } }) {
        const asked = { ...(yield* acting), isTrial: dryRun, isComplete: all }
        const messages = workMessages<typeof KeyVerificationMessage.Type, never>((tell) => {
          const onProgress = (progress: KeyVerificationProgress) => tell({ _tag: "Progress", ...progress })
          const found = alone(rotation.verify({ ...asked, onProgress }))
          return Effect.map(found, (report) => ({ _tag: "Report", report }))
        }, verificationMessage)
        return eventStream({ messages, failed: verificationMessage, until: stopping.begun })
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

const encodeVerification = Schema.encodeEffect(Schema.fromJsonString(KeyVerificationMessage))
const verificationMessage = (content: typeof KeyVerificationMessage.Type) =>
  Effect.map(Effect.orDie(encodeVerification(content)), (data) => ({ data }))

const isKeyId = Schema.is(KeyId)

const acting = Effect.map(Caller, ({ organisation, actor }) => ({ organisation, actor }))
