// How commands call the server: `const api = yield* connect`, then `yield* api((client) => client.targets.list())`.
import { Effect } from "effect"
import type { ApiError, Client } from "./client.ts"
import { type Connection, connection } from "./connection.ts"
import type { CliFailure } from "./failure.ts"

export type CallApi = <A, R>(use: (client: Client) => Effect.Effect<A, ApiError, R>) => Effect.Effect<A, CliFailure, R>

/** Calls a given server, with or without a token. The client is loaded here and not before: it is most of the start-up time. */
export const connectTo = Effect.fnUntraced(function* (to: Pick<Connection, "url"> & Partial<Connection>) {
  const { makeClient, apiFailure } = yield* Effect.promise(() => import("./client.ts"))
  const client = yield* makeClient(to.url, to.token)
  const call: CallApi = (use) => Effect.mapError(use(client), apiFailure(to.url))
  return call
})

/** Calls the server that flags, environment and stored sign-in name. */
export const connect = Effect.flatMap(connection, connectTo)
