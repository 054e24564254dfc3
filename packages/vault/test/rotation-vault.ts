// The vault whose keys the tests rotate; also for processes outside vitest.
import { join } from "node:path"
import { auditLogLayer, type Database, OrganisationId, PersonActor, PersonId, parseSigningKey } from "@fluxcybers/core"
import { Layer, Redacted, Result } from "effect"
import { erasureJournalFileLayer, keyRotationLayer, type RootKey, rootKeyFileLayer, vaultLayer } from "../src/index.ts"

const NOTES = {
  table: "app_notes",
  column: "body",
  key: ["book", "page"],
  row: "book || '/' || page",
  indexed: "exact"
} as const

export const acting = {
  organisation: OrganisationId.make("org_0000000000000000000000acme"),
  actor: new PersonActor({ person: PersonId.make("person_000000000000000000000a11ce") })
}

export const keyFile = (folder: string, name: string) =>
  rootKeyFileLayer({ path: join(folder, name), createIfMissing: true })

export interface VaultPlace {
  readonly folder: string
  readonly database: Layer.Layer<Database>
  /** `a.key` in the folder unless told. */
  readonly rootKey?: Layer.Layer<RootKey, unknown>
  readonly logKey: string
}

export const rotatedVault = ({ folder, database, rootKey = keyFile(folder, "a.key"), logKey }: VaultPlace) => {
  const key = Result.getOrThrow(parseSigningKey(Redacted.make(logKey)))
  return keyRotationLayer([NOTES]).pipe(
    Layer.provideMerge(vaultLayer),
    Layer.provideMerge(auditLogLayer({ origin: key.name, key })),
    Layer.provideMerge(rootKey),
    Layer.provideMerge(erasureJournalFileLayer({ path: join(folder, "erasures") })),
    Layer.provideMerge(database)
  )
}
