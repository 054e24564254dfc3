// The way a message leaves for a person. Who sends and how is the host's affair.
import { Context, type Effect, Schema } from "effect"

const ADDRESS_LENGTH_MAX = 254

/**
 * One address without a name: `ada@example.com`. Quoted local parts, comments and lists of addresses are refused: mail programs read them
 * differently.
 */
export const MailAddress = Schema.String.check(
  Schema.isMaxLength(ADDRESS_LENGTH_MAX, { expected: `an address of at most ${ADDRESS_LENGTH_MAX} characters` }),
  Schema.isPattern(/^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]{1,64}@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*$/u, {
    expected: "an address like ada@example.com"
  })
)

/** A message to one person, as text and perhaps as HTML. */
export interface Mail {
  /** Names the message: the same when it is sent again, so that its reader's mail program can tell. Letters, digits, `_` and `-`. */
  readonly id: string
  /** One `MailAddress`. */
  readonly to: string
  /** One line; line breaks and other control characters become spaces. */
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** The message was not handed over. */
export class MailFailed extends Schema.TaggedError<MailFailed>()("MailFailed", {
  /** What the mail server answered (`550`), or the program's own code; never its words. */
  code: Schema.String,
  /** The server refuses this message or its recipient for good: sending it again does not help. */
  isFinal: Schema.Boolean
}) {
  override get message() {
    return `The mail was not handed over (${this.code}). ${this.isFinal ? "The mail server refuses it." : "It may be tried again."}`
  }
}

/** Hands one message over for delivery. */
export class Mailer extends Context.Service<
  Mailer,
  {
    send(mail: Mail): Effect.Effect<void, MailFailed>
  }
>()("fluxcybers/core/Mailer") {}
