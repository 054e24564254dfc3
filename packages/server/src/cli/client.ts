// The typed client of the API, derived from its contract. Loaded only by commands that talk to a server.
import { Effect, Redacted, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import * as HttpClientError from "effect/http/HttpClientError"
import { HttpApiClient } from "effect/http-api"
import { Api } from "../api/api.ts"
import type { Problem } from "../api/problem.ts"
import { CliFailure, problemFailure } from "./failure.ts"

export interface Client extends HttpApiClient.ForApi<typeof Api> {}

/** Everything that a call can fail with. */
export type ApiError = Problem | HttpClientError.HttpClientError | Schema.SchemaError

/** A client for one server; without a token only for the calls that need none. */
export const makeClient = (url: string, token?: Redacted.Redacted<string>): Effect.Effect<Client> =>
  HttpApiClient.make(Api, {
    baseUrl: url,
    transformClient: HttpClient.mapRequest((request) =>
      token === undefined ? request : HttpClientRequest.bearerToken(request, Redacted.value(token))
    )
  }).pipe(Effect.provide(FetchHttpClient.layer))

/** Any failure of a call, in this program's words. */
export const apiFailure =
  (url: string) =>
  (error: ApiError): CliFailure => {
    if (HttpClientError.isHttpClientError(error)) return transportFailure(url, error)
    return Schema.isSchemaError(error) ? notUnderstood(url, error.message) : problemFailure(error)
  }

const transportFailure = (url: string, error: HttpClientError.HttpClientError): CliFailure => {
  if (error.reason._tag !== "TransportError") return notUnderstood(url, error.reason.message)
  const why = rootCause(error.reason.cause)
  return NOT_SENT.test(why) ? unreachable(url, why) : connectionLost(url, why)
}

/** Where no connection came about, nothing was sent. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|bad port)/

const unreachable = (url: string, why: string): CliFailure =>
  new CliFailure({
    exit: "unreachable",
    code: "unreachable",
    title: "No answer",
    detail: `The server at ${url} does not answer (${why}). Nothing was sent.\nIs it running? Start one with: fluxcybers serve`
  })

const connectionLost = (url: string, why: string): CliFailure =>
  new CliFailure({
    exit: "unreachable",
    code: "connection-lost",
    title: "Connection lost",
    detail:
      `The connection to ${url} broke before the answer came (${why}). Whether it was done is not known.\n` +
      "Look before you repeat it."
  })

/** `fetch` says only "fetch failed"; the reason is in its cause. */
const rootCause = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "no connection"
  if (cause.cause instanceof Error) return rootCause(cause.cause)
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message
}

const notUnderstood = (url: string, why: string): CliFailure =>
  new CliFailure({
    exit: "failure",
    code: "not-understood",
    title: "Answer not understood",
    detail:
      `The answer of ${url} is not one of FluxCybers, or of another version of it. Whether it did anything is not known.\n${why}\n` +
      "Check the address, and that the server and this program have the same version (fluxcybers --version)."
  })
