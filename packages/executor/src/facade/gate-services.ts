// The layers behind `createGate`.
import { hkdfSync } from "node:crypto"
import { auditLogLayer, type Database, migrate, PersonId, parseSigningKey, signingKeyText } from "@fluxcybers/core"
import { Effect, Layer, Redacted, Schema, type Scope } from "effect"
import { BoundedGrants } from "../bounded-grants.ts"
import { Dispatcher } from "../dispatcher.ts"
import type { Executor } from "../executor.ts"
import { Gate } from "../gate.ts"
import { keyCipherLayer } from "../key-cipher.ts"
import type { PluginRefused } from "../plugins/plugin-refused.ts"
import { Policies } from "../policies.ts"
import { Members } from "../ports.ts"
import { Executors } from "../registry.ts"
import { Reviews } from "../reviews.ts"
import { Runbooks } from "../runbooks.ts"
import { Scheduler, Schedules } from "../schedules.ts"
import { executorMigrations } from "../store/migrations.ts"
import { Targets } from "../targets.ts"
import type { GateOptions, MemberInput } from "./options.ts"
import { secretFunctionLayer } from "./secret-function.ts"

type Entry = Executor | Effect.Effect<Executor, never, Scope.Scope>

/** What is opened by whoever names its drivers. */
export interface GateDrivers {
  readonly database: Layer.Layer<Database>
  readonly executors: ReadonlyArray<Entry>
  readonly plugins: Effect.Effect<ReadonlyArray<Executor>, PluginRefused, Scope.Scope>
}

export const gateServices = (options: GateOptions, drivers: GateDrivers) => {
  const { rules } = options
  const ground = Layer.mergeAll(
    Layer.effectDiscard(migrate("executor", executorMigrations)),
    keyCipherLayer(Redacted.make(options.key)),
    executorsLayer(options, drivers),
    membersLayer(options.members),
    secretFunctionLayer(options),
    logLayer(options)
  )
  const policies = Policies.layer(rules === undefined ? {} : { shipped: () => rules })
  const services = Layer.mergeAll(
    Gate.layer(),
    BoundedGrants.layer,
    Runbooks.layer,
    Schedules.layer,
    Scheduler.layer(),
    Reviews.layer
  )
  return Layer.mergeAll(services, Dispatcher.layer({ node: options.node ?? "gate" })).pipe(
    Layer.provideMerge(Layer.mergeAll(Targets.layer, policies)),
    Layer.provideMerge(ground),
    Layer.provide(drivers.database)
  )
}

const executorsLayer = ({ executors }: GateOptions, drivers: GateDrivers) =>
  Layer.unwrap(
    Effect.map(drivers.plugins, (plugins) =>
      // The gate's own handles are executors that do not show their Effect types.
      Executors.layer<ReadonlyArray<Entry>>([
        ...(executors as ReadonlyArray<Executor>),
        ...drivers.executors,
        ...plugins
      ])
    )
  )

const LOG_SEED_BYTES = 32

/** The key that signs the log is derived from the embedder's (HKDF, RFC 5869): one key to keep, another one for each use. */
const logLayer = ({ key, logName = "localhost/gate" }: GateOptions) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const seed = new Uint8Array(hkdfSync("sha256", key, "", "fluxcybers/executor/log-key/v1", LOG_SEED_BYTES))
      const text = yield* Effect.fromResult(signingKeyText(logName, seed))
      return auditLogLayer({ origin: logName, key: yield* Effect.fromResult(parseSigningKey(text)) })
    })
  )

const decodePerson = Schema.decodeSync(PersonId)

const membersLayer = (members: GateOptions["members"]) => {
  const known = (list: ReadonlyArray<MemberInput>) =>
    list.map(({ person, roles }) => ({ person: decodePerson(person), roles }))
  return Layer.succeed(Members, {
    list: () =>
      typeof members === "function"
        ? Effect.promise(async () => known(await members()))
        : Effect.succeed(known(members))
  })
}
