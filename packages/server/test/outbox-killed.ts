// A process that puts a message into the outbox, takes it, and is killed before or after it was sent.
import { postgresLayer } from "@fluxcybers/core/postgres"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect, Redacted } from "effect"
import { outboxLayer, sendAndDie } from "./outbox-world.ts"

const [kind = "", location = "", logKey = "", file = "", when = ""] = process.argv.slice(2)
const database =
  kind === "sqlite" ? sqliteLayer({ filename: location }) : postgresLayer({ url: Redacted.make(location) })
await Effect.runPromise(Effect.provide(sendAndDie(file, when === "after"), outboxLayer(database, logKey)))
