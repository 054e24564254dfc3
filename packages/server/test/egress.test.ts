// Requests to addresses that somebody gave: they go where they may, and nowhere else, whatever names and servers answer.
import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { addressPolicy, parseNetwork } from "../src/egress/address-policy.ts"
import { Egress, type EgressSettings } from "../src/egress/egress.ts"
import { Resolver } from "../src/egress/resolver.ts"
import { runReceiver } from "./receiver.ts"
import { CERTIFICATE } from "./test-certificate.ts"

const network = (text: string) => parseNetwork(text)!
const LOOPBACK = [network("127.0.0.0/8")]
const HELLO = { headers: { "content-type": "text/plain" }, body: new TextEncoder().encode("hello") }

/** Answers what the list says, one entry a question; the last one for ever. */
const namesAnswering = (...answers: ReadonlyArray<ReadonlyArray<string>>) => {
  const asked: Array<string> = []
  const resolve = (host: string) =>
    Effect.sync(() => {
      asked.push(host)
      return answers[Math.min(asked.length, answers.length) - 1] ?? []
    })
  return { asked, layer: Layer.succeed(Resolver, resolve) }
}

const egress = (settings: Partial<EgressSettings> = {}, names = namesAnswering([])) =>
  Egress.layer({ networks: [], ...settings }).pipe(Layer.provide(names.layer))

const post = (url: string) => Effect.flatMap(Egress, (out) => out.post({ url, ...HELLO }))
const refusal = (url: string) => Effect.map(Effect.flip(post(url)), ({ reason }) => reason)

describe("addresses", () => {
  const standing = addressPolicy([network("10.1.0.0/16"), network("fd12::/16")])

  it.each([
    ...["127.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.100.100.200"],
    ...["0.0.0.0", "192.0.0.192", "168.63.129.16", "224.0.0.1", "255.255.255.255", "198.18.0.1", "203.0.113.9"],
    ...["::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"],
    ...["64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:53aa:64c::", "2001:db8::1", "3fff::1", "localhost", ""]
  ])("%s is forbidden", (address) => {
    expect(standing(address)).toBe("forbidden")
  })

  it.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "11.0.0.1", "2606:4700:4700::1111", "2a00:1450::1"])(
    "%s is public",
    (address) => {
      expect(standing(address)).toBe("public")
    }
  )

  it("what the operator names is allowed, and only that", () => {
    expect(["10.1.2.3", "fd12::5", "::ffff:10.1.2.3", "10.2.0.1", "fd13::5"].map(standing)).toEqual([
      ...["allowed", "allowed", "allowed", "forbidden", "forbidden"]
    ])
    expect(["10.0.0.0", "10.0.0.0/33", "::/129", "a/8", "10.0.0/8", ""].map(parseNetwork)).toEqual(
      Array.from({ length: 6 }, () => undefined)
    )
  })
})

describe("a request", () => {
  it.live("goes to a network that the operator names, with its body and headers", () =>
    Effect.gen(function* () {
      const receiver = yield* runReceiver()
      receiver.answer = (_, response) => void response.writeHead(503, { "retry-after": "7" }).end("busy")
      const answered = yield* post(`http://127.0.0.1:${receiver.port}/hook?a=1`)
      expect(answered).toEqual({ status: 503, retryAfterS: 7 })
      expect(receiver.received).toMatchObject([
        { path: "/hook?a=1", body: "hello", headers: { "content-type": "text/plain", "content-length": "5" } }
      ])
    }).pipe(Effect.provide(egress({ networks: LOOPBACK })))
  )

  it.live("reaches nothing of this machine or of private networks unless told, however the address is written", () =>
    Effect.gen(function* () {
      const receiver = yield* runReceiver()
      const { port } = receiver
      for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"]) {
        for (const scheme of ["http", "https"]) {
          expect(`${host} ${yield* refusal(`${scheme}://${host}:${port}/`)}`).toBe(`${host} forbidden-address`)
        }
      }
      expect(yield* refusal("https://169.254.169.254/latest/meta-data/")).toBe("forbidden-address")
      expect(receiver.received).toEqual([])
    }).pipe(Effect.provide(egress()))
  )

  it.live("is refused when any address of a name is not public", () =>
    refusal("https://receiver.test/").pipe(
      Effect.tap((reason) => Effect.sync(() => expect(reason).toBe("forbidden-address"))),
      Effect.provide(egress({}, namesAnswering(["93.184.216.34", "127.0.0.1"])))
    )
  )

  it.live("is refused over plain http, with a password in its address, or to what is no web address", () =>
    Effect.gen(function* () {
      expect(yield* refusal("http://receiver.test/")).toBe("not-https")
      expect(yield* refusal("https://user:secret@receiver.test/")).toBe("credentials")
      for (const url of ["file:///etc/passwd", "gopher://receiver.test/", "receiver.test", "", "https://"]) {
        expect(yield* refusal(url)).toBe("invalid-url")
      }
      const error = yield* Effect.flip(post("https://user:secret@receiver.test/"))
      expect(JSON.stringify(error) + error.message).not.toContain("secret")
    }).pipe(Effect.provide(egress({}, namesAnswering(["93.184.216.34"]))))
  )

  const rebinding = namesAnswering(["127.0.0.2"], ["127.0.0.1"])
  it.live("goes to the address that was judged when its name answers another one a moment later", () =>
    Effect.gen(function* () {
      const judged = yield* runReceiver({ host: "127.0.0.2" })
      const url = `http://receiver.test:${judged.port}/`
      expect(yield* post(url)).toEqual({ status: 200 })
      expect(rebinding.asked).toEqual(["receiver.test"])
      expect(judged.received[0]?.headers.host).toBe(`receiver.test:${judged.port}`)
      // The next request asks again, and what is answered now is not allowed.
      expect(yield* refusal(url)).toBe("forbidden-address")
      expect(judged.received).toHaveLength(1)
    }).pipe(Effect.provide(egress({ networks: [network("127.0.0.2/32")] }, rebinding)))
  )

  it.live("does not follow a redirect", () =>
    Effect.gen(function* () {
      const inside = yield* runReceiver()
      const receiver = yield* runReceiver()
      receiver.answer = (_, response) =>
        void response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/` }).end()
      expect(yield* post(`http://127.0.0.1:${receiver.port}/`)).toEqual({ status: 307 })
      expect(inside.received).toEqual([])
    }).pipe(Effect.provide(egress({ networks: LOOPBACK })))
  )

  it.live("ends after its time, and after so much of an answer", () =>
    Effect.gen(function* () {
      const receiver = yield* runReceiver()
      const url = `http://127.0.0.1:${receiver.port}/`
      receiver.answer = (_, response) => void response.writeHead(200).write("slow")
      expect(yield* refusal(url)).toBe("timed-out")
      receiver.answer = (_, response) => void response.end(Buffer.alloc(200_000))
      expect(yield* refusal(url)).toBe("answer-too-large")
      receiver.answer = (request) => void request.socket.destroy()
      expect(yield* refusal(url)).toBe("unreachable")
    }).pipe(Effect.provide(egress({ networks: LOOPBACK, timeoutMs: 200 })))
  )

  const named = () => namesAnswering(["127.0.0.1"])
  it.live("checks the certificate against the name, not against the address", () =>
    Effect.gen(function* () {
      const { port } = yield* runReceiver({ tls: true })
      const trusting = egress({ networks: LOOPBACK, authorities: [CERTIFICATE] }, named())
      expect(yield* post(`https://receiver.test:${port}/`).pipe(Effect.provide(trusting))).toEqual({ status: 200 })
      expect(yield* refusal(`https://other.test:${port}/`).pipe(Effect.provide(trusting))).toBe("certificate")
      const usual = egress({ networks: LOOPBACK }, named())
      expect(yield* refusal(`https://receiver.test:${port}/`).pipe(Effect.provide(usual))).toBe("certificate")
    })
  )

  it.live("to a name that nobody knows may be tried again", () =>
    refusal("https://nowhere.test/").pipe(
      Effect.tap((reason) => Effect.sync(() => expect(reason).toBe("unreachable"))),
      Effect.provide(egress())
    )
  )
})
