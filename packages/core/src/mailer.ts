// The way a message leaves for a person. Who sends and how is the host's affair.
import { Context, type Effect, Schema } from "effect"

/** A message to one person, as text and perhaps as HTML. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** The message was not handed over; it may be tried again. */
export class MailFailed extends Schema.TaggedError<MailFailed>()("MailFailed", { code: Schema.String }) {}

/** Hands one message over for delivery. */
export class Mailer extends Context.Service<
  Mailer,
  {
    send(mail: Mail): Effect.Effect<void, MailFailed>
  }
>()("fluxcybers/core/Mailer") {}
