// One notification to one subscription, over its channel.
import { type Database, Mailer, type SubjectCipher } from "@fluxcybers/core"
import { Clock, DateTime, Effect, Layer, Redacted, Schema } from "effect"
import { Egress, type EgressResponse } from "../egress/egress.ts"
import { Deliveries, DeliveryFailed, type OutgoingMessage } from "../outbox/sender.ts"
import { findSubscription } from "./rows.ts"
import { type Details, openDetails } from "./subscription.ts"
import { webhookHeaders } from "./webhook-signature.ts"

const MailBody = Schema.fromJsonString(
  Schema.Struct({ subject: Schema.String, text: Schema.String, html: Schema.String })
)

type Services = Database | SubjectCipher | Egress | Mailer

/** Looks the subscription up for each message: where it leads now is where messages go. */
export const deliveriesLayer: Layer.Layer<Deliveries, never, Services> = Layer.effect(
  Deliveries,
  Effect.map(Effect.context<Services>(), (context) =>
    Deliveries.of({ deliver: (message) => Effect.provideContext(deliver(message), context) })
  )
)

const deliver = Effect.fnUntraced(function* (message: OutgoingMessage) {
  const row = yield* findSubscription(message.organisation, message.destination)
  const details = row === undefined ? undefined : yield* openDetails(row)
  if (details === undefined) return yield* new DeliveryFailed({ code: "no-subscription", isFinal: true })
  yield* deliverTo(details, message)
})

/** Sends one message there now. */
export const deliverTo = Effect.fn("Notifications.deliver")(function* (
  details: Details,
  { id, body }: Pick<OutgoingMessage, "id" | "body">
) {
  if (details._tag === "mail") return yield* sendMail(details.address, id, body)
  const signed =
    details._tag === "slack"
      ? {}
      : webhookHeaders({
          id,
          timestampS: Math.floor((yield* Clock.currentTimeMillis) / 1_000),
          body,
          secrets: yield* secretsOf(details)
        })
  const headers = { "content-type": "application/json", "user-agent": "FluxCybers", ...signed }
  const response = yield* (yield* Egress)
    .post({ url: details.url, headers, body: new TextEncoder().encode(body) })
    .pipe(
      Effect.catchTag("EgressRefused", ({ reason }) => new DeliveryFailed({ code: reason, isFinal: true })),
      Effect.catchTag("EgressFailed", ({ reason }) => new DeliveryFailed({ code: reason, isFinal: false }))
    )
  if (response.status < 200 || response.status > 299) return yield* refused(details._tag, response)
})

const sendMail = Effect.fnUntraced(function* (to: string, id: string, body: string) {
  const mail = yield* Effect.orDie(Schema.decodeEffect(MailBody)(body))
  yield* (yield* Mailer)
    .send({ id, to, ...mail })
    .pipe(Effect.mapError(({ code, isFinal }) => new DeliveryFailed({ code, isFinal })))
})

/** The newest first; the one before it as long as its receivers may not know the new one. */
const secretsOf = ({ secret, previous }: Extract<Details, { readonly _tag: "webhook" }>) =>
  Effect.map(DateTime.now, (now) => {
    const isStill = previous !== undefined && previous.until > DateTime.formatIso(now)
    return [secret, ...(isStill ? [previous.secret] : [])].map((text) => Redacted.make(text))
  })

/** Standard Webhooks: 410 means that nobody wants them any more. Slack answers 4xx where no attempt will help, but for 429. */
const refused = (channel: "webhook" | "slack", { status, retryAfterS }: EgressResponse): DeliveryFailed => {
  const isFinal = status === 410 || (channel === "slack" && status >= 400 && status < 500 && status !== 429)
  return new DeliveryFailed({
    code: String(status),
    isFinal,
    ...(retryAfterS === undefined ? {} : { againInMs: retryAfterS * 1_000 })
  })
}
