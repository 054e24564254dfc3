// What the nodes of a campaign stand on, the same in each of their processes: a database, the audit log, one member, one target.
import {
  AgentActor,
  AgentId,
  auditLogLayer,
  type Database,
  migrate,
  OrganisationId,
  PersonActor,
  PersonId,
  parseSigningKey,
  SecretDenied,
  signingKeyText
} from "@fluxcybers/core"
import { postgresLayer } from "@fluxcybers/core/postgres"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import {
  Executors,
  executorMigrations,
  keyCipherLayer,
  Members,
  Policies,
  SecretSource,
  Targets
} from "@fluxcybers/executor"
import { sshExecutor } from "@fluxcybers/executor/ssh"
import { Effect, Layer, Redacted, Result } from "effect"

/** Where a node finds what it stands on. */
export interface Ground {
  readonly database: { readonly sqlite: string } | { readonly postgres: string }
  /** OpenSSH private key that signs in to the target. */
  readonly privateKey: string
}

export const CREDENTIAL = "ssh/target"
export const TARGET = "target"

const ID = "0".repeat(26)
export const organisation = OrganisationId.make(`org_${ID}`)
const person = PersonId.make(`person_${ID}`)
export const owner = new PersonActor({ person })
export const agent = new AgentActor({ agent: AgentId.make(`agent_${ID}`), person })

const ORIGIN = "log.test/crash"
/** One key for all nodes: the log is signed by whichever comes first. */
const SEED = new Uint8Array(32).fill(3)
const CONNECTIONS_MAX = 6
/** A target that is out of reach is noticed soon, so that rounds stay short. */
const SSH = { connectMs: 3_000, keepaliveMs: 500 }

export const groundLayer = ({ database, privateKey }: Ground) =>
  Layer.mergeAll(Targets.layer, Policies.layer({})).pipe(
    Layer.provideMerge(auditLogLayer({ origin: ORIGIN, key: signingKey() })),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.effectDiscard(migrate("executor", executorMigrations)),
        keyCipherLayer(Redacted.make(new Uint8Array(32).fill(7))),
        Layer.unwrap(Effect.map(sshExecutor(SSH), (executor) => Executors.layer([executor]))),
        Layer.succeed(Members, { list: () => Effect.succeed([{ person, roles: ["owner" as const] }]) }),
        secretsLayer(privateKey)
      )
    ),
    Layer.provideMerge(databaseLayer(database)),
    Layer.orDie
  )

const signingKey = () => Result.getOrThrow(Result.flatMap(signingKeyText(ORIGIN, SEED), parseSigningKey))

const secretsLayer = (privateKey: string) => {
  const known = (name: string) =>
    name === CREDENTIAL
      ? Effect.succeed(privateKey)
      : Effect.fail(new SecretDenied({ secret: name, reason: "unknown" }))
  return Layer.succeed(SecretSource, {
    version: (_, name) => Effect.as(known(name), 1),
    reveal: ({ name }) => Effect.map(known(name), (value) => Redacted.make<Uint8Array>(new TextEncoder().encode(value)))
  })
}

const databaseLayer = (place: Ground["database"]): Layer.Layer<Database> =>
  "sqlite" in place
    ? sqliteLayer({ filename: place.sqlite })
    : postgresLayer({ url: Redacted.make(place.postgres), connectionsMax: CONNECTIONS_MAX })
