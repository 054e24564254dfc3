// Subscriptions of people and of the organisation: added, listed, tried, removed.
import {
  type Actor,
  AuditLog,
  Database,
  MailAddress,
  type Mailer,
  newId,
  type OrganisationId,
  type PersonId,
  type SubjectCipher
} from "@fluxcybers/core"
import type { OccurrenceKind } from "@fluxcybers/executor"
import { Context, DateTime, Effect, Layer, Redacted, Schema } from "effect"
import { Egress, type EgressRefused } from "../egress/egress.ts"
import { dropMessages } from "../outbox/queue.ts"
import type { DeliveryFailed } from "../outbox/sender.ts"
import { MessageId } from "../outbox/tables.ts"
import { deliverTo } from "./deliver.ts"
import { testOf } from "./render.ts"
import {
  deleteSubscription,
  hasCommands,
  insertSubscription,
  setHasCommands,
  subscriptionsOf,
  updateDetails
} from "./rows.ts"
import {
  type Details,
  openDetails,
  SubscriptionError,
  type SubscriptionSummary,
  sealDetails,
  summaryOf
} from "./subscription.ts"
import { type Channel, SubscriptionId, type SubscriptionRow } from "./tables.ts"
import { bodyFor } from "./tell.ts"
import { newWebhookSecret } from "./webhook-signature.ts"

const OF_A_PERSON_MAX = 10
const OF_AN_ORGANISATION_MAX = 50
/** How long messages are signed with the secret before, too. */
const OVERLAP_HOURS = 24

/** Who asks, and whether they may change what the organisation is told. */
export interface Asking {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly isAdministrator: boolean
}

/** What somebody wants to be told of. */
export interface NewSubscription {
  readonly channel: Channel
  readonly name: string
  /** A mail address, or a web address. */
  readonly to: string
  readonly events: ReadonlyArray<OccurrenceKind>
  /** Only about targets with one of these; all when empty. */
  readonly tags: ReadonlyArray<string>
  /** Only commands of one of these classes; all when empty. */
  readonly classes: ReadonlyArray<string>
  readonly isForOrganisation: boolean
}

type Secret = Redacted.Redacted<string>
type One = Asking & { readonly id: SubscriptionId }

/**
 * Audit entries: `notification.added`, `.removed`, `.tested`, `.secret-rotated`, `.configured`. A person has their own, which nobody else sees;
 * those of the organisation are seen by everybody and changed by owners and administrators.
 */
export class Subscriptions extends Context.Service<
  Subscriptions,
  {
    /** One's own, and the organisation's. */
    list(asking: Asking): Effect.Effect<ReadonlyArray<SubscriptionSummary>>
    /** The secret of a webhook is told here and nowhere else. */
    add(
      input: Asking & { readonly wanted: NewSubscription }
    ): Effect.Effect<
      { readonly summary: SubscriptionSummary; readonly secret?: Secret },
      SubscriptionError | EgressRefused
    >
    /** With whatever has not left for it. */
    remove(input: One): Effect.Effect<void, SubscriptionError>
    /** Sends a test now; the code of the failure when it did not arrive. */
    test(input: One): Effect.Effect<string | undefined, SubscriptionError>
    /** A new secret; for 24 hours messages are signed with the old one as well. */
    rotate(input: One): Effect.Effect<Secret, SubscriptionError>
    /** May notifications of the organisation hold commands? */
    hasCommands(organisation: OrganisationId): Effect.Effect<boolean>
    setHasCommands(input: Asking & { readonly isOn: boolean }): Effect.Effect<void>
  }
>()("fluxcybers/server/Subscriptions") {
  static readonly layer: Layer.Layer<Subscriptions, never, Services> = Layer.effect(
    Subscriptions,
    Effect.map(Effect.context<Services>(), (context) => {
      const provide = Effect.provideContext(context)
      return Subscriptions.of({
        list: (asking) => provide(list(asking)),
        add: (input) => provide(add(input)),
        remove: (input) => provide(remove(input)),
        test: (input) => provide(test(input)),
        rotate: (input) => provide(rotate(input)),
        hasCommands: (organisation) => provide(hasCommands(organisation)),
        setHasCommands: (input) => provide(configure(input))
      })
    })
  )
}

type Services = Database | AuditLog | SubjectCipher | Egress | Mailer

const ownerOf = ({ actor }: Asking): PersonId | null => (actor._tag === "Person" ? actor.person : null)

const seen = Effect.fnUntraced(function* (asking: Asking) {
  const own = ownerOf(asking)
  return (yield* subscriptionsOf(asking.organisation)).filter(({ person }) => person === null || person === own)
})

const list = Effect.fn("Subscriptions.list")(function* (asking: Asking) {
  const summaries = yield* Effect.forEach(yield* seen(asking), (row) =>
    Effect.map(openDetails(row), (details) => (details === undefined ? [] : [summaryOf(row, details)]))
  )
  return summaries.flat()
})

const add = Effect.fn("Subscriptions.add")(function* (input: Asking & { readonly wanted: NewSubscription }) {
  const { organisation, wanted } = input
  const { channel, events, tags, classes } = wanted
  if (wanted.isForOrganisation && !input.isAdministrator) return yield* refused("administrators-only")
  const person = wanted.isForOrganisation ? null : ownerOf(input)
  if (person === null && !wanted.isForOrganisation) return yield* refused("not-a-person")
  const details = yield* detailsOf(wanted)
  const id = yield* newId(SubscriptionId, "sub")
  const sealed = yield* sealDetails({ id, organisation, person }, details)
  const added_at = DateTime.formatIso(yield* DateTime.now)
  const row: SubscriptionRow = { id, organisation, person, channel, events, tags, classes, added_at, details: sealed }
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const same = (yield* subscriptionsOf(organisation)).filter((each) => each.person === person)
      if (same.length >= (person === null ? OF_AN_ORGANISATION_MAX : OF_A_PERSON_MAX)) return yield* refused("too-many")
      yield* insertSubscription(row)
      yield* record(input, row, "notification.added", { events: events.join(" ") })
    })
  )
  const summary = summaryOf(row, details)
  return details._tag === "webhook" ? { summary, secret: Redacted.make(details.secret) } : { summary }
})

const refused = (reason: SubscriptionError["reason"]) => new SubscriptionError({ reason })

const detailsOf = Effect.fnUntraced(function* ({ channel, name, to }: NewSubscription) {
  if (channel === "mail") {
    if (!Schema.is(MailAddress)(to)) return yield* refused("invalid-address")
    return { _tag: "mail", name, address: to } satisfies Details
  }
  yield* (yield* Egress).check(to)
  const web = { name, url: to }
  const details: Details =
    channel === "slack"
      ? { _tag: "slack", ...web }
      : { _tag: "webhook", ...web, secret: Redacted.value(newWebhookSecret()) }
  return details
})

/** One that the caller may change. */
const changeable = Effect.fnUntraced(function* (input: One) {
  const row = (yield* seen(input)).find(({ id }) => id === input.id)
  if (row === undefined) return yield* refused("unknown")
  if (row.person === null && !input.isAdministrator) return yield* refused("administrators-only")
  const details = yield* openDetails(row)
  return details === undefined ? yield* refused("unknown") : { row, details }
})

const remove = Effect.fn("Subscriptions.remove")(function* (input: One) {
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const { row } = yield* changeable(input)
      yield* dropMessages(row.id)
      yield* deleteSubscription(row.id)
      yield* record(input, row, "notification.removed")
    })
  )
})

const test = Effect.fn("Subscriptions.test")(function* (input: One) {
  const { row, details } = yield* changeable(input)
  const id = yield* newId(MessageId, "msg")
  const at = DateTime.formatIso(yield* DateTime.now)
  const failure = yield* deliverTo(details, { id, body: bodyFor(row.channel, testOf(row.id), at) }).pipe(
    Effect.as(undefined),
    Effect.catchTag("DeliveryFailed", ({ code }: DeliveryFailed) => Effect.succeed(code))
  )
  const facts = failure === undefined ? { message: id } : { message: id, failure }
  yield* (yield* Database).transaction(record(input, row, "notification.tested", facts, failure === undefined))
  return failure
})

const rotate = Effect.fn("Subscriptions.rotate")(function* (input: One) {
  const secret = newWebhookSecret()
  const until = DateTime.formatIso(DateTime.add(yield* DateTime.now, { hours: OVERLAP_HOURS }))
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const { row, details } = yield* changeable(input)
      if (details._tag !== "webhook") return yield* refused("no-secret")
      const previous = { secret: details.secret, until }
      yield* updateDetails(row.id, yield* sealDetails(row, { ...details, secret: Redacted.value(secret), previous }))
      yield* record(input, row, "notification.secret-rotated", { until })
    })
  )
  return secret
})

const configure = Effect.fn("Subscriptions.setHasCommands")(function* ({
  organisation,
  actor,
  isOn
}: Asking & { readonly isOn: boolean }) {
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      yield* setHasCommands(organisation, isOn)
      const event = { organisation, actor, action: "notification.configured", object: organisation }
      yield* (yield* AuditLog).record({ ...event, outcome: "success", facts: { commands: isOn } })
    })
  )
})

const record = Effect.fnUntraced(function* (
  { organisation, actor }: Asking,
  { id, channel, person }: SubscriptionRow,
  action: string,
  facts: Readonly<Record<string, string>> = {},
  isSuccess = true
) {
  const whose = person === null ? "organisation" : "person"
  const event = { organisation, actor, action, object: id, facts: { channel, whose, ...facts } }
  yield* (yield* AuditLog).record({ ...event, outcome: isSuccess ? "success" : "failure" })
})
