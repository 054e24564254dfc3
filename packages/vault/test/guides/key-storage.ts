import type { SubjectCipher } from "@fluxcybers/core"
import {
  type KeyScope,
  KeyStore,
  keyringLayer,
  rootKeyFileLayer,
  type StoredKey,
  subjectCipherLayer
} from "@fluxcybers/vault"
import Database from "better-sqlite3"
import { Effect, Layer } from "effect"

/** One text for each scope. */
const scopeName = (scope: KeyScope): string =>
  [scope.kind, "organisation" in scope ? scope.organisation : "", "subject" in scope ? scope.subject : ""].join("/")

interface Row {
  readonly wrapped: Buffer | null
  readonly rest: string
}

const keyOf = ({ wrapped, rest }: Row): StoredKey => ({ ...JSON.parse(rest), wrapped: wrapped ?? undefined })

/** Keys in a table of your own. The unique columns decide between two processes that make the same key at once. */
export const keysIn = (filename: string): Layer.Layer<KeyStore> =>
  Layer.effect(
    KeyStore,
    Effect.gen(function* () {
      const db = yield* Effect.acquireRelease(
        Effect.sync(() => new Database(filename)),
        (open) => Effect.sync(() => open.close())
      )
      db.exec(`CREATE TABLE IF NOT EXISTS our_keys (id TEXT PRIMARY KEY, scope TEXT NOT NULL, version INTEGER NOT NULL,
        root_key TEXT, wrapped BLOB, rest TEXT NOT NULL, UNIQUE (scope, version))`)
      const byScope = db.prepare<[string], Row>("SELECT * FROM our_keys WHERE scope = ? ORDER BY version DESC")
      const byId = db.prepare<[string], Row>("SELECT * FROM our_keys WHERE id = ?")
      const insert = db.prepare(`INSERT INTO our_keys VALUES (@id, @scope, @version, @rootKey, @wrapped, @rest)
        ON CONFLICT DO NOTHING`)
      const rootKeys = db.prepare<[], { readonly id: string }>(
        "SELECT DISTINCT root_key AS id FROM our_keys WHERE root_key IS NOT NULL AND wrapped IS NOT NULL"
      )
      const versions = (scope: KeyScope) => byScope.all(scopeName(scope)).map(keyOf)

      return KeyStore.of({
        newest: (scope) => Effect.sync(() => versions(scope)[0]),
        versions: (scope) => Effect.sync(() => versions(scope)),
        byId: (id) =>
          Effect.sync(() => {
            const row = byId.get(id)
            return row && keyOf(row)
          }),
        add: ({ wrapped, ...rest }) =>
          Effect.sync(() => {
            const { id, scope, version, wrappedBy } = rest
            const isUnderRoot = scope.kind === "organisation" || scope.kind === "system"
            const rootKey = isUnderRoot ? wrappedBy : null
            insert.run({ id, scope: scopeName(scope), version, rootKey, wrapped, rest: JSON.stringify(rest) })
          }),
        rootKeys: Effect.sync(() => rootKeys.all().map(({ id }) => id)),
        isTentative: Effect.succeed(false)
      })
    })
  )

/** Seals and opens under keys of organisations and people, which are kept in that table. */
export const cipherOn = (options: {
  readonly keys: string
  readonly rootKeyFile: string
}): Layer.Layer<SubjectCipher, unknown> =>
  subjectCipherLayer.pipe(
    Layer.provide(keyringLayer()),
    Layer.provide(keysIn(options.keys)),
    Layer.provide(rootKeyFileLayer({ path: options.rootKeyFile }))
  )
