// From an occurrence to messages in the outbox: who is to be told, and what.
import {
  ACTIONS,
  type AuditLog,
  Database,
  type OrganisationId,
  personBehind,
  type Role,
  StorageFailure,
  type SubjectCipher
} from "@fluxcybers/core"
import {
  dueOccurrences,
  type Members,
  type Occurrence,
  type OccurrenceFacts,
  Occurrences,
  occurrenceFacts
} from "@fluxcybers/executor"
import { Cause, Effect, Layer } from "effect"
import { MemberRegister } from "../data/members.ts"
import { Outbox } from "../outbox/outbox.ts"
import { everyMs } from "../outbox/periodic.ts"
import { mailBody, slackBody, type Told, webhookBody } from "./render.ts"
import { hasCommands, insertOccurrence, markTold, openOccurrences, purgeOccurrences, subscriptionsOf } from "./rows.ts"
import type { Channel, OccurrenceRow, SubscriptionRow } from "./tables.ts"

const LOOK_MS = 1_000
const DEADLINES_MS = 60_000
const LEAD = { reviewHours: 4, grantHours: 1 }
const KEEP_DAYS = 30

/** Occurrences become rows in the transaction that they belong to. */
export const occurrencesLayer: Layer.Layer<never, never, Database> = Layer.effect(
  Occurrences,
  Effect.map(
    Database,
    (database) => (occurrence: Occurrence) => Effect.provideService(insertOccurrence(occurrence), Database, database)
  )
)

type Services = Database | AuditLog | SubjectCipher | Members | MemberRegister | Outbox

/** Makes messages of what occurred, for as long as its scope is open. Any number of nodes may; each occurrence is told of once. */
export const tellerLayer: Layer.Layer<never, never, Services> = Layer.mergeAll(
  everyMs(
    LOOK_MS,
    "Nobody could be notified; it is tried again.",
    Effect.suspend(() => tellAll)
  ),
  everyMs(
    DEADLINES_MS,
    "Deadlines could not be looked at; it is tried again.",
    Effect.suspend(() => findDue)
  )
)

const findDue = Effect.gen(function* () {
  yield* Effect.forEach(yield* dueOccurrences(LEAD), insertOccurrence, { discard: true })
  yield* purgeOccurrences(KEEP_DAYS)
})

const tellAll = Effect.gen(function* () {
  for (const occurrence of yield* openOccurrences) {
    yield* tell(occurrence).pipe(Effect.catchCause((cause) => setAside(occurrence, cause)))
  }
})

/** What is wrong with one occurrence must not keep others from being told. Storage that is broken is tried again with all of them. */
const setAside = (occurrence: OccurrenceRow, cause: Cause.Cause<never>): Effect.Effect<void, never, Database> => {
  const defect = Cause.squash(cause)
  if (Cause.hasInterruptsOnly(cause) || defect instanceof StorageFailure) return Effect.failCause(cause)
  const { kind, object } = occurrence
  return Effect.andThen(
    Effect.logError("Nobody was notified of this: what it is about could not be read.", { kind, object }, cause),
    asOccurrence(occurrence).pipe(Effect.flatMap(markTold), Effect.asVoid)
  )
}

const asOccurrence = ({ organisation, kind, object }: OccurrenceRow): Effect.Effect<Occurrence> =>
  Effect.succeed({ organisation, kind, object: object as Occurrence["object"] })

const tell = Effect.fnUntraced(function* (row: OccurrenceRow) {
  const occurrence = yield* asOccurrence(row)
  const facts = yield* occurrenceFacts(occurrence)
  const wanted = facts === undefined || isLate(occurrence, facts) ? [] : yield* wantedBy(occurrence, facts)
  const told = facts === undefined || wanted.length === 0 ? undefined : yield* toldOf(occurrence, facts)
  const outbox = yield* Outbox
  const sealed = yield* Effect.forEach(told === undefined ? [] : wanted, ({ id, person, channel }) =>
    outbox.seal({
      organisation: occurrence.organisation,
      person,
      destination: id,
      topic: occurrence.kind,
      about: occurrence.object,
      body: bodyFor(channel, told!, row.at)
    })
  )
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      if (yield* markTold(occurrence)) yield* Effect.forEach(sealed, outbox.put, { discard: true })
    })
  )
})

/** Nobody is asked for a decision that was made meanwhile. */
const isLate = ({ kind }: Occurrence, { state }: OccurrenceFacts): boolean =>
  kind === "decision.wanted" && state !== "pending"

export const bodyFor = (channel: Channel, told: Told, at: string): string => {
  if (channel === "webhook") return webhookBody(told, at)
  return channel === "slack" ? slackBody(told) : JSON.stringify(mailBody(told))
}

/** The subscriptions that fit. A person is told only while they may see executions, and asked to decide only when they may. */
const wantedBy = Effect.fnUntraced(function* ({ organisation, kind }: Occurrence, facts: OccurrenceFacts) {
  const members = new Map(
    (yield* (yield* MemberRegister).roles(organisation)).map(({ person, roles }) => [person, roles])
  )
  return (yield* subscriptionsOf(organisation)).filter(
    (row) =>
      row.events.includes(kind) &&
      fits(row, facts) &&
      (row.person === null ||
        (maySee(members.get(row.person)) && (kind !== "decision.wanted" || facts.deciders.includes(row.person))))
  )
})

const fits = ({ tags, classes }: SubscriptionRow, facts: OccurrenceFacts): boolean =>
  (tags.length === 0 || tags.some((tag) => facts.tags.includes(tag))) &&
  (classes.length === 0 || facts.classes.some((each) => classes.includes(each)))

const maySee = (roles: ReadonlyArray<Role> = []): boolean => {
  const allowed: ReadonlyArray<Role> = ACTIONS["execution.show"].roles
  return roles.some((role) => allowed.includes(role))
}

const toldOf = Effect.fnUntraced(function* ({ organisation, kind, object }: Occurrence, facts: OccurrenceFacts) {
  const { targets, classes, state, expiresAt, commands } = facts
  const told: Told = {
    ...{ kind, object, targets, classes, state, expiresAt },
    who: yield* nameOf(organisation, facts.requester),
    ...((yield* hasCommands(organisation)) ? { commands } : {})
  }
  return told
})

const nameOf = Effect.fnUntraced(function* (organisation: OrganisationId, actor: OccurrenceFacts["requester"]) {
  const person = personBehind(actor)
  if (person === undefined) return actor._tag === "Service" ? "a service" : "the system"
  const name = yield* (yield* MemberRegister)
    .name(organisation, person)
    .pipe(Effect.catchTag("MemberError", () => Effect.succeed("a former member")))
  return actor._tag === "Agent" ? `an agent of ${name}` : name
})
