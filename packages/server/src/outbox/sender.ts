// Sending what the outbox holds: claimed under a lease, tried, and tried again with growing pauses until it is sent or given up.
import { AuditLog, Database, SubjectCipher, SystemActor } from "@fluxcybers/core"
import { Cause, Context, Effect, Layer, Random, Schema } from "effect"
import { bodyPlace } from "./outbox.ts"
import { everyMs } from "./periodic.ts"
import { claimDue, endAttempt, purgeSettled } from "./queue.ts"
import type { MessageRow } from "./tables.ts"

/** A message as it is handed over for delivery. */
export interface OutgoingMessage extends Pick<MessageRow, "id" | "organisation" | "person" | "destination" | "topic"> {
  readonly body: string
}

/** It did not leave, or nobody knows whether it arrived. */
export class DeliveryFailed extends Schema.TaggedError<DeliveryFailed>()("DeliveryFailed", {
  /** Never anything of the message or of what the other side wrote. */
  code: Schema.String,
  /** Trying again does not help. */
  isFinal: Schema.Boolean,
  /** The other side asks for so much patience. */
  againInMs: Schema.optionalKey(Schema.Finite)
}) {}

/** Delivers one message, within the lease. The same id may come twice. */
export class Deliveries extends Context.Service<
  Deliveries,
  { deliver(message: OutgoingMessage): Effect.Effect<void, DeliveryFailed> }
>()("fluxcybers/server/Deliveries") {}

/** How the outbox is worked on; each has a default. */
export interface SenderSettings {
  /** 1 s. */
  readonly lookEveryMs: number
  /** Longer than any delivery may take: 2 minutes. Whatever was claimed by a process that is gone is sent again afterwards. */
  readonly leaseMs: number
  /** 10: with the pauses, for about half a day. */
  readonly attemptsMax: number
  /** The first pause, 10 s; each is three times the one before, up to 6 hours, and up to a fifth longer or shorter by chance. */
  readonly pauseMs: number
  /** What has ended is kept for 30 days. */
  readonly keepDays: number
}

export const DEFAULT_SENDER_SETTINGS: SenderSettings = {
  lookEveryMs: 1_000,
  leaseMs: 120_000,
  attemptsMax: 10,
  pauseMs: 10_000,
  keepDays: 30
}

const PURGE_MS = 60 * 60 * 1_000
const BATCH = 20
const CONCURRENCY = 8
const PAUSE_MS_MAX = 6 * 60 * 60 * 1_000
const PAUSE_FACTOR = 3
const JITTER = 0.2
const SENDER = new SystemActor({ component: "outbox" })

type Services = Database | AuditLog | SubjectCipher | Deliveries

/** Works for as long as its scope is open. Any number of nodes may. */
export const senderLayer = (settings: Partial<SenderSettings> = {}): Layer.Layer<never, never, Services> => {
  const all = { ...DEFAULT_SENDER_SETTINGS, ...settings }
  return Layer.mergeAll(
    everyMs(all.lookEveryMs, "The outbox could not be worked on; it is tried again.", sendDue(all)),
    everyMs(PURGE_MS, "The outbox could not be purged; it is tried again.", purgeSettled(all.keepDays))
  )
}

/** Sends everything that is due now. */
export const sendDue = Effect.fn("Outbox.sendDue")(function* (settings: SenderSettings) {
  while (true) {
    const claim = crypto.randomUUID()
    const claimed = yield* claimDue({ claim, leaseMs: settings.leaseMs, limit: BATCH })
    yield* Effect.forEach(claimed, (row) => Effect.catchCause(attempt(row, settings), broken(row)), {
      concurrency: CONCURRENCY,
      discard: true
    })
    if (claimed.length < BATCH) return
  }
})

/** What is wrong with one message keeps no other from leaving; its lease ends, and it is tried again. */
const broken = (row: MessageRow) => (cause: Cause.Cause<unknown>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.logError("A message could not be sent; it is tried again.", { message: row.id }, cause)

const attempt = Effect.fnUntraced(function* (row: MessageRow, settings: SenderSettings) {
  const failure = yield* deliver(row, settings).pipe(Effect.as(undefined), Effect.catch(Effect.succeed))
  if (failure === undefined) return yield* end(row, { state: "sent" })
  const { code, isFinal, againInMs } = failure
  if (isFinal || row.attempts >= settings.attemptsMax) return yield* end(row, { state: "dead", failure: code })
  const pauseMs = Math.max(againInMs ?? 0, yield* pauseAfter(row.attempts, settings.pauseMs))
  yield* endAttempt(row, { state: "waiting", failure: code, againInMs: Math.min(pauseMs, PAUSE_MS_MAX) })
})

const deliver = Effect.fnUntraced(function* (row: MessageRow, { attemptsMax }: SenderSettings) {
  // Each of its attempts ended together with the process: no further one.
  if (row.attempts > attemptsMax) return yield* new DeliveryFailed({ code: "interrupted", isFinal: true })
  if (row.body === null) return yield* new DeliveryFailed({ code: "no-body", isFinal: true })
  const opened = yield* (yield* SubjectCipher)
    .open(bodyPlace(row), row.body)
    .pipe(Effect.mapError(({ reason }) => new DeliveryFailed({ code: reason, isFinal: true })))
  const { id, organisation, person, destination, topic } = row
  const message = { id, organisation, person, destination, topic, body: new TextDecoder().decode(opened) }
  yield* (yield* Deliveries).deliver(message)
})

const pauseAfter = (attempts: number, pauseMs: number) =>
  Effect.map(Random.next, (chance) => {
    const pause = Math.min(pauseMs * PAUSE_FACTOR ** (attempts - 1), PAUSE_MS_MAX)
    return Math.round(pause * (1 - JITTER + 2 * JITTER * chance))
  })

/** The end of a message and its entry in the log. */
const end = Effect.fnUntraced(function* (
  row: MessageRow,
  ending: { readonly state: "sent" } | { readonly state: "dead"; readonly failure: string }
) {
  const { id, organisation, topic, about, destination, attempts } = row
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      if (!(yield* endAttempt(row, ending))) return
      const isSent = ending.state === "sent"
      yield* (yield* AuditLog).record({
        organisation,
        actor: SENDER,
        action: isSent ? "message.sent" : "message.abandoned",
        object: id,
        outcome: isSent ? "success" : "failure",
        facts: { topic, about, destination, attempts, ...(isSent ? {} : { failure: ending.failure }) }
      })
    })
  )
})
