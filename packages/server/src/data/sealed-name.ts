// Names that people typed: sealed under the key of the person whom they belong to, so that they vanish when that key is destroyed.
import { AuditSlots, type OrganisationId, type PersonId, SubjectCipher } from "@fluxcybers/core"
import { Effect } from "effect"

export interface NamePlace {
  readonly organisation: OrganisationId
  readonly table: "server_members" | "server_tokens" | "server_approval_keys"
  readonly row: string
  /** Absent for a service token: sealed under the organisation's key. */
  readonly person: PersonId | null
}

const ERASED = "(erased)"

export const sealName = Effect.fnUntraced(function* (place: NamePlace, name: string) {
  const cipher = yield* SubjectCipher
  return yield* cipher.seal(sealedPlace(place), new TextEncoder().encode(name))
})

/** The name, or `(erased)` once its person's key is destroyed. */
export const openName = Effect.fnUntraced(function* (place: NamePlace, sealed: Uint8Array) {
  const cipher = yield* SubjectCipher
  return yield* cipher.open(sealedPlace(place), sealed).pipe(
    Effect.map((bytes) => new TextDecoder().decode(bytes)),
    Effect.catchTag("CipherFailed", (error) =>
      // A name that was altered or moved in the database is broken storage, nobody's expected outcome.
      error.reason === "key-destroyed" ? Effect.succeed(ERASED) : Effect.die(error)
    )
  )
})

/** The sealed part of an entry that speaks of a person by a name; empty for what is nobody's, and for whoever was erased. */
export const nameSlots = Effect.fnUntraced(function* (place: NamePlace, name: string) {
  const { organisation, person } = place
  if (person === null || name === ERASED) return {}
  return yield* (yield* AuditSlots).seal(organisation, [{ subject: person, text: name }])
})

const sealedPlace = ({ organisation, table, row, person }: NamePlace) => ({
  organisation,
  table,
  column: "name",
  row,
  ...(person === null ? {} : { subject: person })
})
