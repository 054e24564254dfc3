// From the text of a bearer token to who calls.
import {
  AgentActor,
  Database,
  orStorageFailure,
  PersonActor,
  Role,
  ServiceActor,
  StorageFailure
} from "@fluxcybers/core"
import { Context, DateTime, Duration, Effect, Layer, Redacted, Schema } from "effect"
import type { CallerIdentity } from "../api/authentication.ts"
import { isTokenText, tokenHash } from "./bearer-token.ts"
import { rowDecoder } from "./rows.ts"
import { TokenRow } from "./tables.ts"

/** A service token acts as an operator of its organisation, within its scopes. */
const SERVICE_ROLES: ReadonlyArray<Role> = ["operator"]
/** The time of last use is written at most this often, so that reading stays free of writes. */
const LAST_USE_PRECISION = Duration.minutes(5)

/** The token lets nobody in; says why, so that its holder knows what to do. */
export class TokenRefused extends Schema.TaggedError<TokenRefused>()("TokenRefused", {
  reason: Schema.Literals(["missing", "malformed", "unknown", "revoked", "expired"]),
  /** When it expired. */
  at: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    return EXPLANATIONS[this.reason].replace("%", this.at ?? "")
  }
}

const LOGIN = 'Get a new one from a member who may make tokens, then use "fluxcybers login".'
const EXPLANATIONS = {
  missing: 'No bearer token was sent. Send "Authorization: Bearer fcb_…", or use "fluxcybers login".',
  malformed: "This is not a token of FluxCybers, or a part of it is missing. Copy it again, completely.",
  unknown: "This server does not know the token. Check that it was made by this server.",
  revoked: `The token was revoked. ${LOGIN}`,
  expired: `The token expired at %. ${LOGIN}`
} as const

/** Resolves bearer tokens. */
export class Callers extends Context.Service<
  Callers,
  {
    resolve(token: Redacted.Redacted<string>): Effect.Effect<CallerIdentity, TokenRefused>
  }
>()("fluxcybers/server/Callers") {
  static readonly layer = Layer.effect(
    Callers,
    Effect.gen(function* () {
      const database = yield* Database
      return Callers.of({ resolve: (token) => Effect.provideService(resolve(token), Database, database) })
    })
  )
}

const CallerRow = Schema.Struct({
  ...TokenRow.fields,
  /** The person's roles now; null when they are no longer a member. */
  member_roles: Schema.NullOr(Schema.fromJsonString(Schema.Array(Role)))
})

const callerRows = rowDecoder(CallerRow)

const resolve = Effect.fn("Callers.resolve")(function* (token: Redacted.Redacted<string>) {
  const text = Redacted.value(token)
  if (text === "") return yield* new TokenRefused({ reason: "missing" })
  if (!isTokenText("fcb", text)) return yield* new TokenRefused({ reason: "malformed" })
  const { sql } = yield* Database
  // A subquery and no outer join: with one, SQLite would plan the statement anew each time that it runs.
  const [row] = yield* callerRows(sql`SELECT t.*, (SELECT m.roles FROM server_members m
      WHERE m.person = t.person AND m.organisation = t.organisation) AS member_roles
    FROM server_tokens t WHERE t.hash = ${tokenHash(token)}`)
  if (row === undefined) return yield* new TokenRefused({ reason: "unknown" })
  if (row.revoked_at !== null) return yield* new TokenRefused({ reason: "revoked" })
  const now = yield* DateTime.now
  if (row.expires_at <= DateTime.formatIso(now)) {
    return yield* new TokenRefused({ reason: "expired", at: row.expires_at })
  }
  yield* noteUse(row, now)
  return yield* identityOf(row)
})

const identityOf = Effect.fnUntraced(function* (row: typeof CallerRow.Type) {
  const { id, kind, organisation, person, scopes } = row
  const shared = { organisation, kind, scopes, token: id, tokenExpiresAt: row.expires_at }
  if (kind === "service") return { ...shared, actor: new ServiceActor({ token: id }), roles: SERVICE_ROLES }
  if (person === null || row.member_roles === null) return yield* new TokenRefused({ reason: "revoked" })
  const actor = row.agent === null ? new PersonActor({ person }) : new AgentActor({ agent: row.agent, person })
  return { ...shared, actor, roles: row.member_roles }
})

/** Reading must go on while the disk is full or read-only: the time of last use is then left as it is, and the log says so. */
const noteUse = Effect.fnUntraced(function* (row: typeof CallerRow.Type, now: DateTime.Utc) {
  const due = DateTime.formatIso(DateTime.subtractDuration(now, LAST_USE_PRECISION))
  if (row.last_used_at !== null && row.last_used_at > due) return
  const { sql } = yield* Database
  yield* orStorageFailure(
    sql`UPDATE server_tokens SET last_used_at = ${DateTime.formatIso(now)} WHERE id = ${row.id}`
  ).pipe(
    Effect.catchDefect((defect) =>
      defect instanceof StorageFailure
        ? Effect.logWarning("The time of a token's last use was not stored", {
            reason: defect.reason,
            code: defect.code
          })
        : Effect.die(defect)
    )
  )
})
