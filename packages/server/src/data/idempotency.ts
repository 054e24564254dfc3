// Repeating a proposal without making it twice: the execution that a key made is remembered for a day.
import { createHmac } from "node:crypto"
import { Database, type ExecutionId, orStorageFailure, type TokenId } from "@fluxcybers/core"
import { Context, DateTime, Duration, Effect, Layer, Redacted, Schema } from "effect"
import { rowDecoder } from "./rows.ts"
import { IdempotencyRow } from "./tables.ts"

const idempotencyRows = rowDecoder(IdempotencyRow)

const REMEMBERED = Duration.hours(24)

/** The key was used for something else. Nothing was made. */
export class IdempotencyRefused extends Schema.TaggedError<IdempotencyRefused>()("IdempotencyRefused", {
  reason: Schema.Literals(["reused"])
}) {
  override get message() {
    return "This Idempotency-Key was used for another request. Nothing was made. Send a new key with a new request."
  }
}

export interface RepeatedRequest {
  readonly token: TokenId
  /** The text of the token, which keys the hashes. */
  readonly bearer: Redacted.Redacted<string>
  readonly key: string
  /** Canonical: equal requests, equal text. */
  readonly body: string
}

export class Idempotency extends Context.Service<
  Idempotency,
  {
    /** Runs `make` once for a key, in one transaction with remembering it; a repetition gets the id of what the first one made. */
    once<E, R>(
      request: RepeatedRequest,
      make: Effect.Effect<ExecutionId, E, R>
    ): Effect.Effect<ExecutionId, E | IdempotencyRefused, R>
  }
>()("fluxcybers/server/Idempotency") {
  static readonly layer = Layer.effect(
    Idempotency,
    Effect.map(Database, (database) =>
      Idempotency.of({ once: (request, make) => Effect.provideService(once(request, make), Database, database) })
    )
  )
}

const once = Effect.fn("Idempotency.once")(function* <E, R>(
  request: RepeatedRequest,
  make: Effect.Effect<ExecutionId, E, R>
) {
  const { sql, transaction } = yield* Database
  const { token } = request
  const key_hash = keyed(request, `key ${request.key}`)
  const body_hash = keyed(request, `body ${request.body}`)
  return yield* transaction(
    Effect.gen(function* () {
      const now = yield* DateTime.now
      yield* forget(token, now)
      const created_at = DateTime.formatIso(now)
      const taken = yield* sql`INSERT INTO server_idempotency ${sql.insert({ token, key_hash, body_hash, created_at })}
        ON CONFLICT DO NOTHING RETURNING token`.pipe(orStorageFailure)
      const mine = sql`token = ${token} AND key_hash = ${key_hash}`
      if (taken.length === 0) return yield* remembered(body_hash, sql`SELECT * FROM server_idempotency WHERE ${mine}`)
      const execution = yield* make
      yield* orStorageFailure(sql`UPDATE server_idempotency SET execution = ${execution} WHERE ${mine}`)
      return execution
    })
  )
})

const remembered = Effect.fnUntraced(function* <E>(
  body_hash: Uint8Array,
  select: Effect.Effect<ReadonlyArray<unknown>, E>
) {
  const [row] = yield* idempotencyRows(select)
  if (row === undefined || row.execution === null || !Buffer.from(row.body_hash).equals(body_hash)) {
    return yield* new IdempotencyRefused({ reason: "reused" })
  }
  return row.execution
})

const forget = Effect.fnUntraced(function* (token: TokenId, now: DateTime.Utc) {
  const { sql } = yield* Database
  const before = DateTime.formatIso(DateTime.subtractDuration(now, REMEMBERED))
  yield* orStorageFailure(sql`DELETE FROM server_idempotency WHERE token = ${token} AND created_at < ${before}`)
})

const keyed = (request: RepeatedRequest, text: string): Uint8Array =>
  new Uint8Array(createHmac("sha256", Redacted.value(request.bearer)).update(text).digest())
