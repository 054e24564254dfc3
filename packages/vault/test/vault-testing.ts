// What the suites of the vault share: people, organisations, layers on a fresh database.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  auditLogLayer,
  type Database,
  ephemeralSigningKey,
  OrganisationId,
  PersonActor,
  PersonId
} from "@fluxcybers/core"
import { Effect, Layer, Redacted } from "effect"
import { type RevealedSecret, rootKeyFileLayer, vaultLayer } from "../src/index.ts"

export { databaseAt } from "./database-at.ts"

export const ACME = OrganisationId.make("org_0000000000000000000000acme")
export const OTHER = OrganisationId.make("org_0000000000000000000000ther")
export const ALICE = new PersonActor({ person: PersonId.make("person_000000000000000000000a11ce") })

export const bytes = (text: string): Redacted.Redacted<Uint8Array> => Redacted.make(Buffer.from(text))
export const textOf = ({ value }: RevealedSecret): string => Buffer.from(Redacted.value(value)).toString()

/** A folder that is gone after the test. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-vault-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A root key in a new file. */
export const freshRootKey = Layer.unwrap(
  Effect.map(temporaryFolder, (folder) => rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true }))
)

const LOG = "test.example/vault"

const logLayer = auditLogLayer({ origin: LOG, key: ephemeralSigningKey(LOG) })

/** A whole vault with an audit log, on the given database. */
export const vaultOn = <E>(database: Layer.Layer<Database, E>) =>
  vaultLayer.pipe(Layer.provideMerge(logLayer), Layer.provideMerge(freshRootKey), Layer.provideMerge(database))
