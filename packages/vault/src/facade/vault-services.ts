// The layers behind `openVault`: audit log, root key, vault.
import { auditLogLayer, type Database, migrate } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { KeyStore } from "../keys/key-store.ts"
import { loadLogKey } from "../keys/log-key.ts"
import { rootKeyFileLayer } from "../keys/root-key-file.ts"
import { sqlKeyStore } from "../keys/sql-key-store.ts"
import { vaultMigrations } from "../migrations.ts"
import { erasureJournalFileLayer } from "../shredding/journal-file.ts"
import { vaultLayer } from "../vault-layer.ts"
import type { VaultOptions } from "./vault.ts"

/** `database`: opened by whoever names its driver. */
export const vaultServices = (options: VaultOptions, database: Layer.Layer<Database>) =>
  vaultLayer.pipe(Layer.provideMerge(keyedLayer(options)), Layer.provide(database))

/** Root key and log key from their files. They are made for an empty database only: later, a missing file was lost. */
const keyedLayer = ({
  rootKeyFile,
  logKeyFile = `${rootKeyFile}.log`,
  erasureJournalFile = `${rootKeyFile}.erasures`,
  createIfMissing = false
}: VaultOptions) =>
  Layer.unwrap(
    Effect.gen(function* () {
      yield* migrate("vault", vaultMigrations)
      const isNew = (yield* (yield* KeyStore).rootKeys).length === 0
      const key = yield* loadLogKey({ path: logKeyFile, createIfMissing: createIfMissing && isNew })
      return Layer.mergeAll(
        erasureJournalFileLayer({ path: erasureJournalFile }),
        rootKeyFileLayer({ path: rootKeyFile, createIfMissing: createIfMissing && isNew }),
        auditLogLayer({ origin: key.name, key })
      )
    })
  ).pipe(Layer.provide(sqlKeyStore))
