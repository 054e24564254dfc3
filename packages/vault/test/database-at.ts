// The database at a place that a test knows; also for processes outside vitest.
import type { Database } from "@fluxcybers/core"
import { postgresLayer } from "@fluxcybers/core/postgres"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { type Layer, Redacted } from "effect"

export const databaseAt = (
  location: { readonly sqlite: string } | { readonly postgres: string }
): Layer.Layer<Database> =>
  "sqlite" in location
    ? sqliteLayer({ filename: location.sqlite })
    : postgresLayer({ url: Redacted.make(location.postgres), connectionsMax: 4 })
