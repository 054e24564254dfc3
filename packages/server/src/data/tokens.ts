// Bearer tokens: made, listed, revoked, and looked up by their hash.
import {
  type Actor,
  AgentId,
  AuditLog,
  AuditSlots,
  Database,
  newId,
  type OrganisationId,
  orStorageFailure,
  type PersonId,
  type Scope,
  SubjectCipher,
  TokenId
} from "@fluxcybers/core"
import { Context, DateTime, Effect, Layer, type Redacted } from "effect"
import { newTokenText, tokenHash } from "./bearer-token.ts"
import { rowDecoder } from "./rows.ts"
import { nameSlots, openName, sealName } from "./sealed-name.ts"
import { type TokenKind, TokenRow } from "./tables.ts"
import { TokenError } from "./token-policy.ts"

const tokenRows = rowDecoder(TokenRow)

export interface TokenSummary {
  readonly id: TokenId
  readonly name: string
  readonly kind: TokenKind
  readonly scopes: ReadonlyArray<Scope>
  readonly createdAt: string
  readonly expiresAt: string
  readonly lastUsedAt?: string
}

export interface NewToken {
  readonly organisation: OrganisationId
  /** Who makes it. */
  readonly actor: Actor
  readonly kind: TokenKind
  /** Whom it acts for; absent for a service token. */
  readonly person: PersonId | null
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
  /** 1 to 365. */
  readonly expiresInDays: number
}

/** What a person gets when they join: everything that their roles allow, for 90 days. */
export const FIRST_TOKEN = {
  kind: "person",
  scopes: ["read", "propose", "decide", "administer"],
  expiresInDays: 90
} as const satisfies Partial<NewToken>

/** Whose tokens: a person's own and those of their agents; `all` of the organisation's, service tokens among them. */
interface Owned {
  readonly organisation: OrganisationId
  readonly person: PersonId | "all"
}

/** Audit entries: `token.created`, `token.revoked`. The text of a token is given once and stored nowhere. */
export class Tokens extends Context.Service<
  Tokens,
  {
    create(
      token: NewToken
    ): Effect.Effect<{ readonly summary: TokenSummary; readonly token: Redacted.Redacted<string> }>
    /** What is neither revoked nor expired. */
    list(owned: Owned): Effect.Effect<ReadonlyArray<TokenSummary>>
    revoke(input: Owned & { readonly actor: Actor; readonly id: TokenId }): Effect.Effect<void, TokenError>
  }
>()("fluxcybers/server/Tokens") {
  static readonly layer = Layer.effect(
    Tokens,
    Effect.gen(function* () {
      const services = yield* Effect.context<Database | AuditLog | AuditSlots | SubjectCipher>()
      return Tokens.of({
        create: (token) => Effect.provideContext(create(token), services),
        list: (owned) => Effect.provideContext(list(owned), services),
        revoke: (input) => Effect.provideContext(revoke(input), services)
      })
    })
  )
}

const create = Effect.fn("Tokens.create")(function* (wanted: NewToken) {
  const { sql, transaction } = yield* Database
  const log = yield* AuditLog
  const { organisation, actor, kind, person, scopes } = wanted
  const id = yield* newId(TokenId, "token")
  const agent = kind === "agent" ? yield* newId(AgentId, "agent") : null
  const token = newTokenText("fcb")
  const now = yield* DateTime.now
  const created_at = DateTime.formatIso(now)
  const expires_at = DateTime.formatIso(DateTime.add(now, { days: wanted.expiresInDays }))
  const summary = { id, name: wanted.name, kind, scopes, createdAt: created_at, expiresAt: expires_at }
  const place = placeOf({ organisation, id, person })
  const name = yield* sealName(place, wanted.name)
  yield* transaction(
    Effect.gen(function* () {
      const row = { id, organisation, kind, person, agent, name, hash: tokenHash(token), created_at, expires_at }
      yield* sql`INSERT INTO server_tokens ${sql.insert({ ...row, scopes: JSON.stringify(scopes) })}`
      const facts = { kind, scopes: scopes.join(" "), expires: expires_at }
      const sealed = yield* nameSlots(place, wanted.name)
      yield* log.record({ organisation, actor, action: "token.created", object: id, outcome: "success", facts, sealed })
    }).pipe(orStorageFailure)
  )
  return { summary, token }
})

const list = Effect.fn("Tokens.list")(function* (owned: Owned) {
  const now = DateTime.formatIso(yield* DateTime.now)
  const rows = yield* rowsOf(owned)
  return yield* Effect.forEach(
    rows.filter((row) => row.revoked_at === null && row.expires_at > now),
    summaryOf
  )
})

const placeOf = ({ organisation, id, person }: Pick<typeof TokenRow.Type, "organisation" | "id" | "person">) =>
  ({ organisation, table: "server_tokens", row: id, person }) as const

const nameIn = (row: typeof TokenRow.Type) => openName(placeOf(row), row.name)

const summaryOf = Effect.fnUntraced(function* (row: typeof TokenRow.Type) {
  const name = yield* nameIn(row)
  const { id, kind, scopes } = row
  const lastUsed = row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }
  return { id, name, kind, scopes, createdAt: row.created_at, expiresAt: row.expires_at, ...lastUsed }
})

const revoke = Effect.fn("Tokens.revoke")(function* (input: Owned & { readonly actor: Actor; readonly id: TokenId }) {
  const { sql, transaction } = yield* Database
  const log = yield* AuditLog
  const { organisation, actor, id } = input
  yield* transaction(
    Effect.gen(function* () {
      const found = (yield* rowsOf(input)).find((row) => row.id === id && row.revoked_at === null)
      if (found === undefined) return yield* new TokenError({ reason: "unknown" })
      yield* sql`UPDATE server_tokens SET revoked_at = ${DateTime.formatIso(yield* DateTime.now)} WHERE id = ${id}`
      const sealed = yield* nameSlots(placeOf(found), yield* nameIn(found))
      yield* log.record({ organisation, actor, action: "token.revoked", object: id, outcome: "success", sealed })
    }).pipe(orStorageFailure)
  )
})

const rowsOf = Effect.fnUntraced(function* ({ organisation, person }: Owned) {
  const { sql } = yield* Database
  return yield* tokenRows(
    person === "all"
      ? sql`SELECT * FROM server_tokens WHERE organisation = ${organisation} ORDER BY id`
      : sql`SELECT * FROM server_tokens WHERE organisation = ${organisation} AND person = ${person} ORDER BY id`
  )
})
