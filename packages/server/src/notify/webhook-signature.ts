// Signing webhooks as the Standard Webhooks specification says (standardwebhooks.com, version 1.0, symmetric signatures `v1`). Pure.
import { createHmac, randomBytes } from "node:crypto"
import { Redacted } from "effect"

const PREFIX = "whsec_"
/** The specification: between 24 and 64 bytes. */
const SECRET_BYTES = 32

/** A new secret, as its receiver needs it. */
export const newWebhookSecret = (): Redacted.Redacted<string> =>
  Redacted.make(`${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`)

/** A message and the secrets that its receiver may know: one, or two while the receiver changes to a new one. */
export interface SignedMessage {
  /** The same for each attempt: receivers drop what they have seen. */
  readonly id: string
  /** Seconds since 1970, of this attempt. */
  readonly timestampS: number
  readonly body: string
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
}

/** The headers that prove who sent the message, and when. */
export const webhookHeaders = ({ id, timestampS, body, secrets }: SignedMessage): Readonly<Record<string, string>> => ({
  "webhook-id": id,
  "webhook-timestamp": String(timestampS),
  "webhook-signature": secrets.map((secret) => `v1,${signature(secret, `${id}.${timestampS}.${body}`)}`).join(" ")
})

const signature = (secret: Redacted.Redacted<string>, content: string): string => {
  const key = Buffer.from(Redacted.value(secret).slice(PREFIX.length), "base64")
  return createHmac("sha256", key).update(content).digest("base64")
}
