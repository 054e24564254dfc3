// /api/v1/notifications
import { PersonId } from "@fluxcybers/core"
import { OccurrenceKind } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Channel, SubscriptionId } from "../notify/tables.ts"
import { MessageId } from "../outbox/tables.ts"
import { Authentication, Problems } from "./authentication.ts"
import { created, DisplayName } from "./limits.ts"
import { problems } from "./problem.ts"

const FILTER_MAX = 20
const ADDRESS_LENGTH_MAX = 2_000

const Classes = Schema.Literals(["read", "write", "destroy", "privilege", "exfiltrate", "unknown"])
const Tags = Schema.Array(Schema.String.check(Schema.isMaxLength(100))).check(Schema.isMaxLength(FILTER_MAX))

const subscribed = {
  channel: Channel,
  name: DisplayName,
  events: Schema.NonEmptyArray(OccurrenceKind).check(Schema.isMaxLength(FILTER_MAX)),
  /** Only about targets with one of these tags; all when there are none. */
  tags: Tags,
  /** Only commands of one of these classes; all when there are none. */
  classes: Schema.Array(Classes).check(Schema.isMaxLength(FILTER_MAX))
}

const Subscription = Schema.Struct({
  id: SubscriptionId,
  /** Whose it is; absent for one of the organisation. */
  person: Schema.optionalKey(PersonId),
  ...subscribed,
  name: Schema.String,
  events: Schema.Array(OccurrenceKind),
  classes: Schema.Array(Schema.String),
  /** A mail address, or where a web address leads to, without its path. */
  destination: Schema.String,
  addedAt: Schema.String
}).annotate({ identifier: "Subscription" })

const NewSubscription = Schema.Struct({
  subscription: Subscription,
  /** `whsec_…`, which webhooks are signed with; absent for other channels. */
  secret: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "NewSubscription" })

const WebhookSecret = Schema.Struct({ secret: Schema.String }).annotate({ identifier: "WebhookSecret" })

const TestResult = Schema.Struct({
  isDelivered: Schema.Boolean,
  /** Why not: a code. */
  failure: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "NotificationTest" })

const DeadMessage = Schema.Struct({
  id: MessageId,
  /** The subscription. */
  destination: Schema.String,
  topic: Schema.String,
  about: Schema.String,
  attempts: Schema.Int,
  failure: Schema.String,
  createdAt: Schema.String
}).annotate({ identifier: "UndeliveredMessage" })

const NotificationSettings = Schema.Struct({
  /** May notifications hold the commands? */
  commands: Schema.Boolean
}).annotate({ identifier: "NotificationSettings" })

const one = { params: { subscription: SubscriptionId }, error: problems }

export class NotificationsApi extends HttpApiGroup.make("notifications")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(Subscription), error: problems }).annotate(
      OpenApi.Summary,
      "What you are told of, and what the organisation is told of"
    )
  )
  .add(
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct({
        ...subscribed,
        /** A mail address, or an https address. */
        to: Schema.String.check(Schema.isMaxLength(ADDRESS_LENGTH_MAX)),
        /** For the organisation, and not for you. */
        organisation: Schema.Boolean
      }),
      success: NewSubscription.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Subscribe yourself or the organisation; the secret of a webhook is shown once")
  )
  .add(
    HttpApiEndpoint.delete("remove", "/subscriptions/:subscription", {
      ...one,
      success: HttpApiSchema.NoContent
    }).annotate(OpenApi.Summary, "Remove a subscription with whatever has not left for it")
  )
  .add(
    HttpApiEndpoint.post("test", "/subscriptions/:subscription/test", { ...one, success: TestResult }).annotate(
      OpenApi.Summary,
      "Send a test there now, and say whether it was taken"
    )
  )
  .add(
    HttpApiEndpoint.post("rotate", "/subscriptions/:subscription/secret", { ...one, success: WebhookSecret }).annotate(
      OpenApi.Summary,
      "Make a new secret of a webhook; for 24 hours messages are signed with both"
    )
  )
  .add(
    HttpApiEndpoint.get("dead", "/dead", { success: Schema.Array(DeadMessage), error: problems }).annotate(
      OpenApi.Summary,
      "What could not be delivered, newest first, at most 200"
    )
  )
  .add(
    HttpApiEndpoint.post("retry", "/dead/:message", {
      params: { message: MessageId },
      success: HttpApiSchema.NoContent,
      error: problems
    }).annotate(OpenApi.Summary, "Try a message again that could not be delivered")
  )
  .add(
    HttpApiEndpoint.get("settings", "/settings", { success: NotificationSettings, error: problems }).annotate(
      OpenApi.Summary,
      "What notifications of the organisation may hold"
    )
  )
  .add(
    HttpApiEndpoint.post("configure", "/settings", {
      payload: NotificationSettings,
      success: NotificationSettings,
      error: problems
    }).annotate(OpenApi.Summary, "Let notifications hold commands, or not")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/notifications") {}
