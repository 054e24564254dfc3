// An export of the log as lines on standard output, written as they come.
import { Effect, Redacted, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { problemIn } from "./audit-bundle.ts"
import { apiFailure } from "./client.ts"
import type { Connection } from "./connection.ts"
import { writeOut } from "./output.ts"

/** Writes the entries from an index on. Memory stays flat, and a slow reader slows the server down. */
export const exportLines = Effect.fnUntraced(function* (
  { url, token }: Connection,
  { format, from }: { readonly format: "json" | "ocsf"; readonly from: number }
) {
  const client = yield* HttpClient.HttpClient
  const request = HttpClientRequest.get(`${url}/api/v1/audit/export?format=${format}&from=${from}`).pipe(
    HttpClientRequest.bearerToken(Redacted.value(token))
  )
  const response = yield* Effect.mapError(client.execute(request), apiFailure(url))
  if (response.status !== 200) return yield* Effect.flatMap(problemIn(response, url), Effect.fail)
  yield* Stream.runForEach(Stream.mapError(response.stream, apiFailure(url)), (bytes) => writeOut(bytes))
}, Effect.provide(FetchHttpClient.layer))
