// A subscription: who is told of what, on which way.
import { type OrganisationId, type PersonId, SubjectCipher } from "@fluxcybers/core"
import type { OccurrenceKind } from "@fluxcybers/executor"
import { Effect, Schema } from "effect"
import type { Channel, SubscriptionId, SubscriptionRow } from "./tables.ts"

const NAME_PART = { name: Schema.String }

/** What only its owner may read: sealed under the person's key, or the organisation's. */
export const Details = Schema.Union([
  Schema.TaggedStruct("mail", { ...NAME_PART, address: Schema.String }),
  Schema.TaggedStruct("webhook", {
    ...NAME_PART,
    url: Schema.String,
    /** `whsec_…` */
    secret: Schema.String,
    /** The one before: messages are signed with both until then. */
    previous: Schema.optionalKey(Schema.Struct({ secret: Schema.String, until: Schema.String }))
  }),
  // The address of an incoming webhook is its secret.
  Schema.TaggedStruct("slack", { ...NAME_PART, url: Schema.String })
])
export type Details = typeof Details.Type

/** A subscription as it is listed: of a web address only where it leads to. */
export interface SubscriptionSummary {
  readonly id: SubscriptionId
  /** Whose it is; absent for one of the organisation. */
  readonly person?: PersonId
  readonly channel: Channel
  readonly name: string
  readonly destination: string
  readonly events: ReadonlyArray<OccurrenceKind>
  readonly tags: ReadonlyArray<string>
  readonly classes: ReadonlyArray<string>
  readonly addedAt: string
}

/** What was refused about a subscription. Nothing was changed. */
export class SubscriptionError extends Schema.TaggedError<SubscriptionError>()("SubscriptionError", {
  reason: Schema.Literals([
    "unknown",
    "administrators-only",
    "too-many",
    "invalid-address",
    "no-secret",
    "not-a-person"
  ])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} Nothing was changed.`
  }
}

const EXPLANATIONS = {
  unknown: "You have no such subscription. List them with: fluxcybers notifications list",
  "administrators-only": "Only an owner or an administrator may change what the organisation itself is told.",
  "too-many": "A person can have 10 subscriptions, and an organisation 50. Remove one first.",
  "invalid-address": "Mail goes to one address like ada@example.com.",
  "no-secret": "Only a webhook has a secret that signs.",
  "not-a-person": "Only a person can have a subscription of their own."
} as const

const DetailsJson = Schema.fromJsonString(Details)
const encode = Schema.encodeEffect(DetailsJson)
const decode = Schema.decodeUnknownEffect(DetailsJson)

interface Place {
  readonly id: SubscriptionId
  readonly organisation: OrganisationId
  readonly person: PersonId | null
}

const sealedPlace = ({ id, organisation, person }: Place) => ({
  organisation,
  table: "server_subscriptions",
  column: "details",
  row: id,
  ...(person === null ? {} : { subject: person })
})

export const sealDetails = Effect.fnUntraced(function* (place: Place, details: Details) {
  const text = yield* Effect.orDie(encode(details))
  return yield* (yield* SubjectCipher).seal(sealedPlace(place), new TextEncoder().encode(text))
})

/** What was altered in the database is a defect; once the person's key is destroyed there is nothing. */
export const openDetails = Effect.fnUntraced(function* (row: SubscriptionRow) {
  const opened = yield* (yield* SubjectCipher)
    .open(sealedPlace(row), row.details)
    .pipe(
      Effect.catchTag("CipherFailed", (error) =>
        error.reason === "key-destroyed" ? Effect.undefined : Effect.die(error)
      )
    )
  return opened === undefined ? undefined : yield* Effect.orDie(decode(new TextDecoder().decode(opened)))
})

export const summaryOf = (row: SubscriptionRow, details: Details): SubscriptionSummary => ({
  id: row.id,
  ...(row.person === null ? {} : { person: row.person }),
  channel: row.channel,
  name: details.name,
  destination: details._tag === "mail" ? details.address : `${new URL(details.url).origin}/…`,
  events: row.events,
  tags: row.tags,
  classes: row.classes,
  addedAt: row.added_at
})
