// Where a value belongs, in plain words.
import { OrganisationId, type SealedPlace } from "@fluxcybers/core"
import { Schema } from "effect"

/** The organisation of whoever has only one. */
const ONLY_ORGANISATION = OrganisationId.make("org_00000000000000000000000000")

/** Where a sealed value is stored. A value that was moved to another place does not open. */
export interface Place {
  readonly table: string
  readonly column: string
  /** The row's primary key, as text. */
  readonly row: string
  /** An organisation's id, `org_…`; left out by whoever has only one. */
  readonly organisation?: string
  /** The pseudonym of the person whom the value is about: it is sealed under a key of their own. */
  readonly subject?: string
}

export const organisationOf = (id: string | undefined): OrganisationId =>
  id === undefined ? ONLY_ORGANISATION : Schema.decodeSync(OrganisationId)(id)

export const sealedPlace = ({ organisation, ...place }: Place): SealedPlace => ({
  ...place,
  organisation: organisationOf(organisation)
})

/** Text is sealed as UTF-8. */
export const bytesOf = (value: string | Uint8Array): Uint8Array =>
  typeof value === "string" ? Buffer.from(value, "utf8") : value
