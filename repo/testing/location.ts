// Where a database of a test is. Apart from the suites' own file, so that processes that no test runner started can read it.
import type { Database } from "@fluxcybers/core"
import { postgresLayer } from "@fluxcybers/core/postgres"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { type Layer, Redacted } from "effect"

/** Where a fresh database is: what the server's configuration and a second process need to find it. */
export type Location = { readonly sqlite: string } | { readonly postgres: string }

/** The layer of a database that `fresh` made. */
export const layerAt = (location: Location): Layer.Layer<Database> =>
  "sqlite" in location
    ? sqliteLayer({ filename: location.sqlite })
    : postgresLayer({ url: Redacted.make(location.postgres), connectionsMax: 4 })
