// The one-time owner link: how the first person of an organisation gets in.
import {
  AuditLog,
  AuditSlots,
  Database,
  type OrganisationId,
  orStorageFailure,
  type PersonId,
  SubjectCipher
} from "@fluxcybers/core"
import { Context, DateTime, Duration, Effect, Layer, Redacted, Schema } from "effect"
import { isTokenText, newTokenText, tokenHash } from "./bearer-token.ts"
import { MemberRegister } from "./members.ts"
import { lockOrganisation, SERVER } from "./organisations.ts"
import { rowDecoder } from "./rows.ts"
import { ClaimRow } from "./tables.ts"
import { FIRST_TOKEN, Tokens } from "./tokens.ts"

const claimRows = rowDecoder(ClaimRow)

const LINK_LIFETIME = Duration.hours(24)

/** The owner link lets nobody in. Nothing was changed. */
export class ClaimRefused extends Schema.TaggedError<ClaimRefused>()("ClaimRefused", {
  reason: Schema.Literals(["unknown", "expired", "used"])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} Nothing was changed.`
  }
}

const EXPLANATIONS = {
  unknown:
    "This owner link is not valid. Copy it again, completely; each start of an unclaimed server prints a new one.",
  expired: "This owner link has expired. Start the server again: it prints a new one.",
  used: "The organisation has its owner already. Ask them for a token."
} as const

/** Audit entries: `owner-link.issued`, `owner-link.used`, and those of the member and the token. */
export class OwnerLink extends Context.Service<
  OwnerLink,
  {
    /** A new code, valid for 24 hours, in place of the one before; `undefined` once there is an owner. */
    issue(organisation: OrganisationId): Effect.Effect<Redacted.Redacted<string> | undefined>
    /** Makes the organisation's owner and their first token. Works once. */
    redeem(input: {
      readonly code: Redacted.Redacted<string>
      readonly name: string
    }): Effect.Effect<
      { readonly person: PersonId; readonly token: Redacted.Redacted<string>; readonly expiresAt: string },
      ClaimRefused
    >
  }
>()("fluxcybers/server/OwnerLink") {
  static readonly layer = Layer.effect(
    OwnerLink,
    Effect.gen(function* () {
      const services = yield* Effect.context<
        Database | AuditLog | AuditSlots | SubjectCipher | MemberRegister | Tokens
      >()
      return OwnerLink.of({
        issue: (organisation) => Effect.provideContext(issue(organisation), services),
        redeem: (input) => Effect.provideContext(redeem(input), services)
      })
    })
  )
}

const issue = Effect.fn("OwnerLink.issue")(function* (organisation: OrganisationId) {
  const { sql, transaction } = yield* Database
  const log = yield* AuditLog
  return yield* transaction(
    Effect.gen(function* () {
      yield* lockOrganisation(organisation)
      if (yield* hasOwner(organisation)) return undefined
      const code = newTokenText("fcl")
      const now = yield* DateTime.now
      const created_at = DateTime.formatIso(now)
      const expires_at = DateTime.formatIso(DateTime.addDuration(now, LINK_LIFETIME))
      yield* sql`DELETE FROM server_claims WHERE organisation = ${organisation}`
      yield* sql`INSERT INTO server_claims ${sql.insert({ organisation, code_hash: tokenHash(code), created_at, expires_at })}`
      yield* log.record({
        organisation,
        actor: SERVER,
        action: "owner-link.issued",
        object: organisation,
        outcome: "success",
        facts: { expires: expires_at }
      })
      return code
    }).pipe(orStorageFailure)
  )
})

const redeem = Effect.fn("OwnerLink.redeem")(function* (input: {
  readonly code: Redacted.Redacted<string>
  readonly name: string
}) {
  const { sql, transaction } = yield* Database
  const log = yield* AuditLog
  const members = yield* MemberRegister
  const tokens = yield* Tokens
  return yield* transaction(
    Effect.gen(function* () {
      const organisation = yield* organisationOf(input.code)
      yield* sql`UPDATE server_claims SET used_at = ${DateTime.formatIso(yield* DateTime.now)} WHERE organisation = ${organisation}`
      const by = { organisation, actor: SERVER }
      // The server itself may make an owner, with a role: neither refusal of `add` can happen here.
      const person = yield* Effect.orDie(members.add({ ...by, name: input.name, roles: ["owner"] }))
      const sealed = yield* (yield* AuditSlots).seal(organisation, [{ subject: person, text: input.name }])
      yield* log.record({ ...by, action: "owner-link.used", object: organisation, outcome: "success", sealed })
      const { token, summary } = yield* tokens.create({ ...FIRST_TOKEN, ...by, person, name: "owner link" })
      return { person, token, expiresAt: summary.expiresAt }
    }).pipe(orStorageFailure)
  )
})

/** The organisation that the code opens, locked against a second redemption. */
const organisationOf = Effect.fnUntraced(function* (code: Redacted.Redacted<string>) {
  if (!isTokenText("fcl", Redacted.value(code))) return yield* new ClaimRefused({ reason: "unknown" })
  const { sql } = yield* Database
  const find = claimRows(sql`SELECT * FROM server_claims WHERE code_hash = ${tokenHash(code)}`)
  const [seen] = yield* find
  if (seen === undefined) return yield* new ClaimRefused({ reason: "unknown" })
  yield* lockOrganisation(seen.organisation)
  const [claim] = yield* find
  if (claim === undefined) return yield* new ClaimRefused({ reason: "unknown" })
  if (claim.used_at !== null || (yield* hasOwner(claim.organisation)))
    return yield* new ClaimRefused({ reason: "used" })
  if (claim.expires_at <= DateTime.formatIso(yield* DateTime.now)) return yield* new ClaimRefused({ reason: "expired" })
  return claim.organisation
})

const hasOwner = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const members = yield* MemberRegister
  return (yield* members.roles(organisation)).some(({ roles }) => roles.includes("owner"))
})
