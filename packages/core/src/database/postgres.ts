// PostgreSQL through @effect/sql-pg: its own wire protocol, a pool, prepared statements.
import { PgClient } from "@effect/sql-pg"
import { Context, Duration, Effect, Layer, type Redacted } from "effect"
import { Reactivity } from "effect/reactivity"
import { Database } from "./database.ts"
import { orStorageFailure } from "./storage-failure.ts"

const CONNECTIONS_MAX = 10
const CONNECT_TIMEOUT = Duration.seconds(10)
/** Ten seconds after this silence, a connection of which the network ate the other end is given up; without it a query waits for ever. */
const KEEP_ALIVE = Duration.seconds(5)
/**
 * The same on the server's side: what a node that is frozen or cut off had locked is free again soon. No transaction of ours waits for anything
 * but the database.
 */
const SESSION = {
  idle_in_transaction_session_timeout: "30000",
  tcp_keepalives_idle: "15",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3"
}
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024

/** Where a PostgreSQL database is, and how many connections to keep. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: Redacted.Redacted<string>
  /** Size of the pool; 10 unless told. */
  readonly connectionsMax?: number
}

/** A `Database` on PostgreSQL 15 or newer. */
export const postgresLayer = (options: PostgresOptions): Layer.Layer<Database> =>
  Layer.effectContext(orStorageFailure(open(options))).pipe(Layer.provide(Reactivity.layer))

const open = Effect.fnUntraced(function* (options: PostgresOptions) {
  const sql = yield* PgClient.make({
    url: options.url,
    maxConnections: options.connectionsMax ?? CONNECTIONS_MAX,
    connectTimeout: CONNECT_TIMEOUT,
    maxMessageSize: MESSAGE_BYTES_MAX,
    keepAlive: KEEP_ALIVE,
    startupParameters: SESSION,
    applicationName: "fluxcybers"
  })
  return Context.make(Database, Database.fromClient(sql, "postgres"))
})
