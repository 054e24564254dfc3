// One request over a connection to exactly one address.
import { type ClientRequest, request as httpRequest, type RequestOptions } from "node:http"
import { request as httpsRequest } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { rootCertificates } from "node:tls"
import { Effect, Schema } from "effect"

/** An answer is read so far and thrown away: nothing in it is used. */
const ANSWER_BYTES_MAX = 64 * 1_024

/** It may be tried again: nobody answered, or not in time. Whether it arrived is not known. */
export class EgressFailed extends Schema.TaggedError<EgressFailed>()("EgressFailed", {
  reason: Schema.Literals(["unreachable", "certificate", "timed-out", "answer-too-large"]),
  /** The system's or TLS's own code. */
  code: Schema.String
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} (${this.code}).`
  }
}

const EXPLANATIONS = {
  unreachable: "There was no connection, or it broke",
  certificate: "The certificate of the server was not accepted",
  "timed-out": "There was no answer in time",
  "answer-too-large": "The answer was too large"
} as const

/** What the other side answered. */
export interface EgressResponse {
  readonly status: number
  /** What `Retry-After` asks for, in seconds; absent where it is not a number. */
  readonly retryAfterS?: number
}

interface Transmission {
  readonly url: URL
  /** Where the connection goes, whatever the name says now. */
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly timeoutMs: number
  readonly authorities: ReadonlyArray<string> | undefined
}

export const transmit = (transmission: Transmission): Effect.Effect<EgressResponse, EgressFailed> =>
  Effect.callback<EgressResponse, EgressFailed>((resume, signal) => {
    const request = begin(transmission, signal)
    request.on("error", (error) => resume(Effect.fail(failure(error))))
    request.on("response", (response) => {
      let bytes = 0
      response.on("error", (error) => resume(Effect.fail(failure(error))))
      response.on("data", (chunk: Uint8Array) => {
        bytes += chunk.byteLength
        if (bytes > ANSWER_BYTES_MAX) {
          resume(Effect.fail(new EgressFailed({ reason: "answer-too-large", code: `${ANSWER_BYTES_MAX} bytes` })))
          request.destroy()
        }
      })
      response.on("end", () => resume(Effect.succeed(answered(response.statusCode ?? 0, response.headers))))
    })
    request.end(transmission.body)
  }).pipe(
    Effect.timeoutOrElse({
      duration: transmission.timeoutMs,
      orElse: () => Effect.fail(new EgressFailed({ reason: "timed-out", code: `${transmission.timeoutMs} ms` }))
    })
  )

const begin = ({ url, address, headers, body, authorities }: Transmission, signal: AbortSignal): ClientRequest => {
  const options: RequestOptions = {
    method: "POST",
    headers: { ...headers, "content-length": String(body.byteLength) },
    // A connection of its own: none that was opened for another judgement is used again.
    agent: false,
    lookup: pinnedTo(address),
    signal
  }
  if (url.protocol === "http:") return httpRequest(url, options)
  const ca = authorities === undefined ? {} : { ca: [...rootCertificates, ...authorities] }
  return httpsRequest(url, { ...options, ...ca })
}

/** Node asks for one address or for all of them; literal addresses are not looked up. */
const pinnedTo = (address: string): LookupFunction => {
  const family = isIP(address)
  return (_host, options, callback) =>
    options.all === true ? callback(null, [{ address, family }]) : callback(null, address, family)
}

const answered = (status: number, headers: Readonly<Record<string, unknown>>): EgressResponse => {
  const retryAfterS = Number(headers["retry-after"])
  return Number.isSafeInteger(retryAfterS) && retryAfterS >= 0 ? { status, retryAfterS } : { status }
}

const failure = (error: Error): EgressFailed => {
  const code = "code" in error && typeof error.code === "string" ? error.code : "no connection"
  return new EgressFailed({ reason: CERTIFICATE.test(code) ? "certificate" : "unreachable", code })
}

const CERTIFICATE = /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/
