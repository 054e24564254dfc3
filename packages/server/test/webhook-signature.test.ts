// Our webhooks, checked by the library that receivers use.
import { Redacted } from "effect"
import { Webhook } from "standardwebhooks"
import { describe, expect, it } from "vitest"
import { newWebhookSecret, webhookHeaders } from "../src/notify/webhook-signature.ts"

const [old, current, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
const nowS = Math.floor(Date.now() / 1_000)
const message = { id: "msg_1", timestampS: nowS, body: '{"type":"decision.wanted"}', secrets: [current, old] }
const receiver = (secret: Redacted.Redacted<string>) => new Webhook(Redacted.value(secret))

describe("a signed webhook", () => {
  it("is what the specification's own example is", () => {
    const secrets = [Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    const body = '{"test": 2432232314}'
    expect(webhookHeaders({ id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampS: 1_614_265_330, body, secrets })).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    })
  })

  it("is accepted by a receiver that knows either of two secrets, and by no other", () => {
    const headers = { ...webhookHeaders(message) }
    for (const secret of [old, current]) {
      expect(receiver(secret).verify(message.body, headers)).toEqual({ type: "decision.wanted" })
    }
    expect(() => receiver(other).verify(message.body, headers)).toThrow()
  })

  it("is refused when its body, id or time is another one, or old", () => {
    const headers = { ...webhookHeaders(message) }
    const verify =
      (changes: Record<string, string>, body = message.body) =>
      () =>
        receiver(current).verify(body, { ...headers, ...changes })
    expect(verify({}, '{"type":"decision.made"}')).toThrow()
    expect(verify({ "webhook-id": "msg_2" })).toThrow()
    expect(verify({ "webhook-timestamp": String(nowS + 1) })).toThrow()
    const late = { ...webhookHeaders({ ...message, timestampS: nowS - 3_600 }) }
    expect(() => receiver(current).verify(message.body, late)).toThrow()
  })

  it("secrets are long, new each time, and not printed", () => {
    expect(Redacted.value(current)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(Redacted.value(current)).not.toBe(Redacted.value(old))
    expect(JSON.stringify(message)).not.toContain("whsec_")
  })
})
