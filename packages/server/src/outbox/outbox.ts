// The outbox: messages are rows, written in a transaction, and sent afterwards by any node, at least once, under the same id.
import {
  type Actor,
  AuditLog,
  Database,
  newId,
  type OrganisationId,
  type PersonId,
  SubjectCipher
} from "@fluxcybers/core"
import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { insertMessage, listDead, revive } from "./queue.ts"
import { MessageId, type MessageRow } from "./tables.ts"

/** A message before it has an id. */
export interface NewMessage {
  readonly organisation: OrganisationId
  /** Whom it is for, when it is for one person: it is sealed under their key. */
  readonly person: PersonId | null
  /** What knows how to deliver it. */
  readonly destination: string
  /** What kind of message it is, and the id of what it is about: neither holds anything personal. */
  readonly topic: string
  readonly about: string
  readonly body: string
}

/** A message that waits for nothing any more, because it could not be sent. */
export interface DeadMessage {
  readonly id: MessageId
  readonly destination: string
  readonly topic: string
  readonly about: string
  readonly attempts: number
  readonly failure: string
  readonly createdAt: string
}

/** There is no such dead message. Nothing was changed. */
export class NoDeadMessage extends Schema.TaggedError<NoDeadMessage>()("NoDeadMessage", { id: MessageId }) {
  override get message() {
    return `There is no undelivered message ${this.id}. Nothing was changed. List them with: fluxcybers notifications dead`
  }
}

/** Audit entries: `message.sent` and `message.abandoned` (from the sender), `message.revived`. */
export class Outbox extends Context.Service<
  Outbox,
  {
    /** Seals a message; call it before the transaction. */
    seal(message: NewMessage): Effect.Effect<MessageRow>
    /** Call it inside the transaction of the change that makes the message necessary. */
    put(sealed: MessageRow): Effect.Effect<void>
    /** Newest first, at most 200. */
    dead(organisation: OrganisationId): Effect.Effect<ReadonlyArray<DeadMessage>>
    /** Lets one be tried again from the beginning, under the same id. */
    retry(input: {
      readonly organisation: OrganisationId
      readonly actor: Actor
      readonly id: MessageId
    }): Effect.Effect<void, NoDeadMessage>
  }
>()("fluxcybers/server/Outbox") {
  static readonly layer: Layer.Layer<Outbox, never, Database | AuditLog | SubjectCipher> = Layer.effect(
    Outbox,
    Effect.map(Effect.context<Database | AuditLog | SubjectCipher>(), (context) => {
      const provide = Effect.provideContext(context)
      return Outbox.of({
        seal: (message) => provide(seal(message)),
        put: (sealed) => provide(insertMessage(sealed)),
        dead: (organisation) => Effect.map(provide(listDead(organisation)), (rows) => rows.map(deadMessage)),
        retry: (input) => provide(retry(input))
      })
    })
  )
}

const seal = Effect.fn("Outbox.seal")(function* ({ body, ...message }: NewMessage) {
  const id = yield* newId(MessageId, "msg")
  const now = DateTime.formatIso(yield* DateTime.now)
  const sealed = yield* (yield* SubjectCipher).seal(bodyPlace({ ...message, id }), new TextEncoder().encode(body))
  const row: MessageRow = {
    ...{ ...message, id, state: "waiting", attempts: 0, next_at: now, claim: null, failure: null },
    ...{ created_at: now, settled_at: null, body: sealed }
  }
  return row
})

/** Where the body of a message is sealed. */
export const bodyPlace = ({ organisation, id, person }: Pick<MessageRow, "organisation" | "id" | "person">) => ({
  organisation,
  table: "server_outbox",
  column: "body",
  row: id,
  ...(person === null ? {} : { subject: person })
})

const deadMessage = (row: MessageRow): DeadMessage => ({
  id: row.id,
  destination: row.destination,
  topic: row.topic,
  about: row.about,
  attempts: row.attempts,
  failure: row.failure ?? "unknown",
  createdAt: row.created_at
})

const retry = Effect.fn("Outbox.retry")(function* (input: Parameters<Outbox["Service"]["retry"]>[0]) {
  const { organisation, actor, id } = input
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const row = yield* revive(organisation, id)
      if (row === undefined) return yield* new NoDeadMessage({ id })
      const facts = { topic: row.topic, about: row.about, destination: row.destination }
      const event = { organisation, actor, action: "message.revived", object: id, facts }
      yield* (yield* AuditLog).record({ ...event, outcome: "success" })
    })
  )
})
