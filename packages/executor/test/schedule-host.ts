// A small host with a schedule, which several processes can open on one database.
import {
  auditLogLayer,
  Database,
  migrate,
  OrganisationId,
  type PersonActor,
  parseSigningKey,
  SecretDenied,
  signingKeyText
} from "@fluxcybers/core"
import { Effect, Layer, Redacted } from "effect"
import {
  BoundedGrants,
  Executors,
  executorMigrations,
  Gate,
  keyCipherLayer,
  Members,
  Policies,
  Runbooks,
  Scheduler,
  Schedules,
  SecretSource,
  Targets
} from "../src/index.ts"
import { testExecutor } from "./world.ts"

const LOG_NAME = "log.test/schedules"
const LOG_SEED = new Uint8Array(32).fill(5)
/** Longer than any test: these look when they are told to. */
const NEVER_MS = 2e9

export const ORGANISATION = OrganisationId.make("org_00000000000000000000000001")

const logLayer = Layer.unwrap(
  Effect.gen(function* () {
    const text = yield* Effect.fromResult(signingKeyText(LOG_NAME, LOG_SEED))
    return auditLogLayer({ origin: LOG_NAME, key: yield* Effect.fromResult(parseSigningKey(text)) })
  })
)

const noSecrets = Layer.succeed(SecretSource, {
  version: (_, name) => Effect.fail(new SecretDenied({ secret: name, reason: "unknown" })),
  reveal: ({ name }) => Effect.fail(new SecretDenied({ secret: name, reason: "unknown" }))
})

/** Everything but a dispatcher; the owner is the only member. */
export const scheduleHost = (owner: PersonActor["person"], database: Layer.Layer<Database>) =>
  Layer.mergeAll(
    Gate.layer(),
    Runbooks.layer,
    BoundedGrants.layer,
    Schedules.layer,
    Scheduler.layer({ lookEveryMs: NEVER_MS })
  ).pipe(
    Layer.provideMerge(Layer.mergeAll(Targets.layer, Policies.layer())),
    Layer.provideMerge(logLayer),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.effectDiscard(migrate("executor", executorMigrations)),
        keyCipherLayer(Redacted.make(new Uint8Array(32).fill(7))),
        Executors.layer([testExecutor()]),
        Layer.succeed(Members, { list: () => Effect.succeed([{ person: owner, roles: ["owner" as const] }]) }),
        noSecrets
      )
    ),
    Layer.provideMerge(database),
    Layer.orDie
  )
