// /api/v1/notifications
import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller, type CallerIdentity } from "../api/authentication.ts"
import { isAdministrator } from "../data/token-policy.ts"
import { Subscriptions } from "../notify/subscriptions.ts"
import { Outbox } from "../outbox/outbox.ts"
import { asProblem } from "./problem.ts"

export const notificationHandlers = HttpApiBuilder.group(
  Api,
  "notifications",
  Effect.fn(function* (handlers) {
    const subscriptions = yield* Subscriptions
    const outbox = yield* Outbox
    return handlers.handleAll({
      list: Effect.fn("notifications.list")(function* () {
        return yield* subscriptions.list(asking(yield* Caller))
      }),
      add: Effect.fn("notifications.add")(function* ({ payload }) {
        const { organisation: isForOrganisation, ...wanted } = payload
        const input = { ...asking(yield* Caller), wanted: { ...wanted, isForOrganisation } }
        const { summary, secret } = yield* asProblem(subscriptions.add(input))
        return { subscription: summary, ...(secret === undefined ? {} : { secret: Redacted.value(secret) }) }
      }),
      remove: Effect.fn("notifications.remove")(function* ({ params }) {
        yield* asProblem(subscriptions.remove({ ...asking(yield* Caller), id: params.subscription }))
      }),
      test: Effect.fn("notifications.test")(function* ({ params }) {
        const failure = yield* asProblem(subscriptions.test({ ...asking(yield* Caller), id: params.subscription }))
        return failure === undefined ? { isDelivered: true } : { isDelivered: false, failure }
      }),
      rotate: Effect.fn("notifications.rotate")(function* ({ params }) {
        const secret = yield* asProblem(subscriptions.rotate({ ...asking(yield* Caller), id: params.subscription }))
        return { secret: Redacted.value(secret) }
      }),
      dead: Effect.fn("notifications.dead")(function* () {
        return yield* outbox.dead((yield* Caller).organisation)
      }),
      retry: Effect.fn("notifications.retry")(function* ({ params }) {
        const { organisation, actor } = yield* Caller
        yield* asProblem(outbox.retry({ organisation, actor, id: params.message }))
      }),
      settings: Effect.fn("notifications.settings")(function* () {
        return { commands: yield* subscriptions.hasCommands((yield* Caller).organisation) }
      }),
      configure: Effect.fn("notifications.configure")(function* ({ payload }) {
        yield* subscriptions.setHasCommands({ ...asking(yield* Caller), isOn: payload.commands })
        return payload
      })
    })
  })
)

const asking = ({ organisation, actor, roles }: CallerIdentity) => ({
  organisation,
  actor,
  isAdministrator: isAdministrator(roles)
})
