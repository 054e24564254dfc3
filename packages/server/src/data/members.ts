// The people of an organisation, their roles, and their names.
import {
  type Actor,
  AuditLog,
  AuditSlots,
  Database,
  newId,
  type OrganisationId,
  orStorageFailure,
  PersonId,
  type Role,
  SubjectCipher
} from "@fluxcybers/core"
import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { removeSubscriptionsOf } from "../notify/rows.ts"
import { revokeKeysOf } from "./approval-keys.ts"
import { lockOrganisation } from "./organisations.ts"
import { rowDecoder } from "./rows.ts"
import { nameSlots, openName, sealName } from "./sealed-name.ts"
import { MemberRow } from "./tables.ts"

const memberRows = rowDecoder(MemberRow)

/** What was refused about which member. Nothing was changed. */
export class MemberError extends Schema.TaggedError<MemberError>()("MemberError", {
  person: Schema.String,
  reason: Schema.Literals(["unknown", "last-owner", "owner-only", "no-roles"])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason].replace("%", this.person)} Nothing was changed.`
  }
}

const EXPLANATIONS = {
  unknown: "The organisation has no member %.",
  "last-owner": "% is the only owner. Make somebody else an owner first.",
  "owner-only": "Only an owner may make or remove an owner.",
  "no-roles": "A member needs at least one role."
} as const

interface Acting {
  readonly organisation: OrganisationId
  readonly actor: Actor
}

/** Audit entries: `member.added`, `member.removed`. Removing a member revokes every token that acts for them, and their keys. */
export class MemberRegister extends Context.Service<
  MemberRegister,
  {
    /** With their names. */
    list(
      organisation: OrganisationId
    ): Effect.Effect<
      ReadonlyArray<{ readonly person: PersonId; readonly name: string; readonly roles: ReadonlyArray<Role> }>
    >
    /** Without opening a name. */
    roles(
      organisation: OrganisationId
    ): Effect.Effect<ReadonlyArray<{ readonly person: PersonId; readonly roles: ReadonlyArray<Role> }>>
    name(organisation: OrganisationId, person: PersonId): Effect.Effect<string, MemberError>
    add(
      input: Acting & { readonly name: string; readonly roles: ReadonlyArray<Role> }
    ): Effect.Effect<PersonId, MemberError>
    remove(input: Acting & { readonly person: PersonId }): Effect.Effect<void, MemberError>
  }
>()("fluxcybers/server/MemberRegister") {
  static readonly layer = Layer.effect(
    MemberRegister,
    Effect.gen(function* () {
      const services = yield* Effect.context<Database | AuditLog | AuditSlots | SubjectCipher>()
      return MemberRegister.of({
        list: (organisation) => Effect.provideContext(list(organisation), services),
        roles: (organisation) => Effect.provideContext(rowsOf(organisation), services),
        name: (organisation, person) => Effect.provideContext(nameOf(organisation, person), services),
        add: (input) => Effect.provideContext(add(input), services),
        remove: (input) => Effect.provideContext(remove(input), services)
      })
    })
  )
}

const rowsOf = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  return yield* memberRows(sql`SELECT * FROM server_members WHERE organisation = ${organisation} ORDER BY person`)
})

const list = Effect.fn("MemberRegister.list")(function* (organisation: OrganisationId) {
  const rows = yield* rowsOf(organisation)
  return yield* Effect.forEach(rows, (row) =>
    Effect.map(nameIn(row), (name) => ({ person: row.person, name, roles: row.roles }))
  )
})

const nameOf = Effect.fn("MemberRegister.name")(function* (organisation: OrganisationId, person: PersonId) {
  return yield* nameIn(yield* member(organisation, person))
})

const placeOf = ({ organisation, person }: Pick<typeof MemberRow.Type, "organisation" | "person">) =>
  ({ organisation, table: "server_members", row: person, person }) as const

const nameIn = (row: typeof MemberRow.Type) => openName(placeOf(row), row.name)

const add = Effect.fn("MemberRegister.add")(function* (
  input: Acting & { readonly name: string; readonly roles: ReadonlyArray<Role> }
) {
  const { sql, transaction } = yield* Database
  const log = yield* AuditLog
  const { organisation, actor, roles } = input
  const person = yield* newId(PersonId, "person")
  if (roles.length === 0) return yield* new MemberError({ person, reason: "no-roles" })
  // The person's first sealed value makes their key: before the transaction, so that the key is remembered.
  const place = placeOf({ organisation, person })
  const name = yield* sealName(place, input.name)
  return yield* transaction(
    Effect.gen(function* () {
      if (roles.includes("owner")) yield* requireOwner(input, person)
      const row = { person, organisation, name, roles: JSON.stringify(roles) }
      yield* orStorageFailure(
        sql`INSERT INTO server_members ${sql.insert({ ...row, joined_at: DateTime.formatIso(yield* DateTime.now) })}`
      )
      const facts = { roles: roles.join(" ") }
      const sealed = yield* nameSlots(place, input.name)
      const event = { organisation, actor, action: "member.added", object: person, facts, sealed }
      yield* log.record({ ...event, outcome: "success" })
      return person
    })
  )
})

const remove = Effect.fn("MemberRegister.remove")(function* (input: Acting & { readonly person: PersonId }) {
  const { sql, transaction } = yield* Database
  const log = yield* AuditLog
  const { organisation, actor, person } = input
  yield* transaction(
    Effect.gen(function* () {
      yield* lockOrganisation(organisation)
      const leaving = yield* member(organisation, person)
      if (leaving.roles.includes("owner")) {
        yield* requireOwner(input, person)
        const owners = (yield* rowsOf(organisation)).filter((row) => row.roles.includes("owner"))
        if (owners.length === 1) return yield* new MemberError({ person, reason: "last-owner" })
      }
      const revoked_at = DateTime.formatIso(yield* DateTime.now)
      yield* sql`DELETE FROM server_members WHERE organisation = ${organisation} AND person = ${person}`
      yield* sql`UPDATE server_tokens SET revoked_at = ${revoked_at}
        WHERE organisation = ${organisation} AND person = ${person} AND revoked_at IS NULL`
      yield* removeSubscriptionsOf(organisation, person)
      yield* revokeKeysOf(input)
      const sealed = yield* nameSlots(placeOf(leaving), yield* nameIn(leaving))
      yield* log.record({ organisation, actor, action: "member.removed", object: person, outcome: "success", sealed })
    }).pipe(orStorageFailure)
  )
})

const member = Effect.fnUntraced(function* (organisation: OrganisationId, person: PersonId) {
  const found = (yield* rowsOf(organisation)).find((row) => row.person === person)
  return found ?? (yield* new MemberError({ person, reason: "unknown" }))
})

/** An administrator must not be able to become, or to remove, an owner. The server itself makes the first one. */
const requireOwner = Effect.fnUntraced(function* ({ organisation, actor }: Acting, person: PersonId) {
  if (actor._tag === "System") return
  const acting = (yield* rowsOf(organisation)).find((row) => actor._tag === "Person" && row.person === actor.person)
  if (acting?.roles.includes("owner") !== true) return yield* new MemberError({ person, reason: "owner-only" })
})
