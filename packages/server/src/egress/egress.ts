// Requests to addresses that somebody gave us. The name is resolved once, every address it has is judged, and the connection goes to the
// one that was judged: a name that answers differently a moment later (DNS rebinding) leads nowhere else. Redirects are not followed.
import { isIP } from "node:net"
import { Context, Effect, Layer, Schema } from "effect"
import { addressPolicy, type Network, type Standing } from "./address-policy.ts"
import { Resolver } from "./resolver.ts"
import { EgressFailed, type EgressResponse, transmit } from "./transmit.ts"

export { EgressFailed, type EgressResponse } from "./transmit.ts"

/** A POST to an address that somebody gave. */
export interface EgressRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** It was not sent, and trying again with the same address does not help. */
export class EgressRefused extends Schema.TaggedError<EgressRefused>()("EgressRefused", {
  reason: Schema.Literals(["invalid-url", "credentials", "not-https", "forbidden-address"])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} Nothing was sent.`
  }
}

const EXPLANATIONS = {
  "invalid-url": "This is not an address like https://host/path.",
  credentials: "An address must not hold a user name or a password.",
  "not-https":
    "Only https is possible; plain http only to networks that the operator names in FLUXCYBERS_EGRESS_NETWORKS.",
  "forbidden-address":
    "This address leads into a network that is not public (this machine, a private or link-local network, or a cloud's metadata). The operator can name networks that are meant in FLUXCYBERS_EGRESS_NETWORKS."
} as const

/** How requests leave. */
export interface EgressSettings {
  /** Networks that requests may go to although they are not public, also over plain http. */
  readonly networks: ReadonlyArray<Network>
  /** PEM certificates of authorities to trust besides the usual ones. */
  readonly authorities?: ReadonlyArray<string>
  /** For all of a request: 10 s unless told. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000

/** Sends to where it may, and nowhere else. */
export class Egress extends Context.Service<
  Egress,
  {
    /** Is this an address that something could be sent to now? A name that nobody knows at the moment passes. */
    check(url: string): Effect.Effect<void, EgressRefused>
    /** The answer's status, whatever it is; a redirect is an answer like any other. */
    post(request: EgressRequest): Effect.Effect<EgressResponse, EgressRefused | EgressFailed>
  }
>()("fluxcybers/server/Egress") {
  static readonly layer = (settings: EgressSettings): Layer.Layer<Egress> =>
    Layer.effect(
      Egress,
      Effect.map(Resolver, (resolve) => open(settings, resolve))
    )
}

const open = (settings: EgressSettings, resolve: typeof Resolver.Service): Egress["Service"] => {
  const { timeoutMs = TIMEOUT_MS, authorities } = settings
  const judge = addressPolicy(settings.networks)
  const judged = Effect.fnUntraced(function* (text: string) {
    const url = yield* parse(text)
    const host = url.hostname.replace(/^\[|\]$/g, "")
    const addresses = isIP(host) === 0 ? yield* Effect.timeoutOrElse(resolve(host), noAnswer(timeoutMs)) : [host]
    const standings = addresses.map(judge)
    // One bad address is enough: which of them would be used is the name server's choice.
    if (standings.includes("forbidden")) return yield* new EgressRefused({ reason: "forbidden-address" })
    if (url.protocol === "http:" && !areAllowed(standings)) return yield* new EgressRefused({ reason: "not-https" })
    return { url, address: addresses[0] }
  })
  return Egress.of({
    check: (url) => Effect.asVoid(judged(url)),
    post: Effect.fn("Egress.post")(function* (request) {
      const { url, address } = yield* judged(request.url)
      if (address === undefined) return yield* new EgressFailed({ reason: "unreachable", code: "ENOTFOUND" })
      return yield* transmit({ ...request, url, address, timeoutMs, authorities })
    })
  })
}

const noAnswer = (duration: number) => ({ duration, orElse: () => Effect.succeed<ReadonlyArray<string>>([]) })

const areAllowed = (standings: ReadonlyArray<Standing>): boolean =>
  standings.length > 0 && standings.every((standing) => standing === "allowed")

const parse = Effect.fnUntraced(function* (text: string) {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return yield* new EgressRefused({ reason: "invalid-url" })
  if (url.username !== "" || url.password !== "") return yield* new EgressRefused({ reason: "credentials" })
  return url
})
