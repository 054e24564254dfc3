// A small world to run executions in: a real database, the real audit log, and members, secrets and executors that a test can change.
import {
  AgentActor,
  AgentId,
  AuditLog,
  auditLogLayer,
  auditRetentionLayer,
  coreInventory,
  Database,
  ExecutionId,
  ephemeralSigningKey,
  migrate,
  newId,
  OrganisationId,
  PersonActor,
  PersonId,
  type Role,
  SecretDenied,
  ServiceActor,
  TokenId
} from "@fluxcybers/core"
import { Effect, Layer, Redacted, Schema, Stream } from "effect"
import type { TestDatabase } from "../../../repo/testing/databases.ts"
import {
  Dispatcher,
  type DispatcherSettings,
  defineExecutor,
  type Execution,
  type Executor,
  type ExecutorSpec,
  Executors,
  executorInventory,
  executorMigrations,
  Gate,
  type GateSettings,
  Members,
  Policies,
  type PolicySettings,
  SecretSource,
  type TargetSettings,
  Targets,
  TranscriptRetention,
  TranscriptSearch,
  Transcripts
} from "../src/index.ts"
import { keyCipherLayer } from "../src/key-cipher.ts"

const made = Effect.runSync(
  Effect.all({
    organisation: newId(OrganisationId, "org"),
    stranger: newId(OrganisationId, "org"),
    ada: newId(PersonId, "person"),
    bob: newId(PersonId, "person"),
    cyd: newId(PersonId, "person"),
    agent: newId(AgentId, "agent"),
    token: newId(TokenId, "token"),
    nowhere: newId(ExecutionId, "exec")
  })
)
export const organisation = made.organisation
export const otherOrganisation = made.stranger
export const unknownExecution = made.nowhere
export const ada = new PersonActor({ person: made.ada })
export const bob = new PersonActor({ person: made.bob })
export const cyd = new PersonActor({ person: made.cyd })
/** Works for Ada. */
export const agent = new AgentActor({ agent: made.agent, person: made.ada })
export const service = new ServiceActor({ token: made.token })

export const web1: TargetSettings = {
  name: "web-1",
  host: "10.0.0.1",
  port: 22,
  account: "ops",
  hostKey: `SHA256:${"A".repeat(43)}`,
  credential: "ssh/ops",
  tags: []
}

export interface World {
  readonly members: Map<PersonActor, ReadonlyArray<Role>>
  readonly secrets: Map<string, { version: number; value: string }>
  readonly revealed: Array<{ readonly name: string; readonly purpose: string }>
  readonly executors: Array<Executor>
}

/** Ada alone, with an executor `echo` and a credential. */
export const makeWorld = (changes: Partial<World> = {}): World => ({
  members: new Map([[ada, ["owner"]]]),
  secrets: new Map([["ssh/ops", { version: 1, value: "canary-7f3a91c2d4" }]]),
  revealed: [],
  executors: [echo],
  ...changes
})

export const team = () =>
  makeWorld({
    members: new Map<PersonActor, ReadonlyArray<Role>>([
      [ada, ["owner"]],
      [bob, ["approver"]],
      [cyd, ["viewer"]]
    ])
  })

type Spec = Partial<
  ExecutorSpec<{ readonly words: ReadonlyArray<string> }, unknown, { readonly exitCode: number }, unknown>
>

/** An executor for tests: a plan `echo <words>`, and whatever the test wants it to do. */
export const testExecutor = (spec: Spec = {}): Executor =>
  defineExecutor({
    id: "echo",
    version: "1",
    summary: "Says its words.",
    needsTarget: false,
    input: Schema.Struct({ words: Schema.Array(Schema.String) }),
    output: Schema.Struct({ exitCode: Schema.Int }),
    plan: ({ words }) => ({
      command: { _tag: "Argv", argv: ["echo", ...words] },
      access: "write",
      sentence: `Says ${words.length} words.`
    }),
    isSuccess: ({ exitCode }) => exitCode === 0,
    run: ({ plan, output }) =>
      Effect.as(output("stdout", new TextEncoder().encode(`${JSON.stringify(plan.command)}\n`)), { exitCode: 0 }),
    ...spec
  } as ExecutorSpec<{ readonly words: ReadonlyArray<string> }, unknown, { readonly exitCode: number }, unknown>)

const echo = testExecutor()

const origin = "log.test/executor"
const key = ephemeralSigningKey(origin)

const membersLayer = (world: World) =>
  Layer.succeed(Members, {
    list: (id) =>
      Effect.succeed(id === organisation ? [...world.members].map(([{ person }, roles]) => ({ person, roles })) : [])
  })

const secretsLayer = (world: World) => {
  const find = (name: string) => {
    const secret = world.secrets.get(name)
    return secret === undefined
      ? Effect.fail(new SecretDenied({ secret: name, reason: "unknown" }))
      : Effect.succeed(secret)
  }
  return Layer.succeed(SecretSource, {
    version: (_, name) => Effect.map(find(name), ({ version }) => version),
    reveal: ({ name, version, purpose }) =>
      Effect.flatMap(find(name), (secret) => {
        if (secret.version !== version)
          return Effect.fail(new SecretDenied({ secret: name, reason: "version-changed" }))
        world.revealed.push({ name, purpose })
        return Effect.succeed(Redacted.make<Uint8Array>(new TextEncoder().encode(secret.value)))
      })
  })
}

/** Everything but the gate and the dispatcher. */
const ground = (world: World, database: Layer.Layer<Database>, rules: Partial<PolicySettings> = {}) =>
  Layer.mergeAll(Targets.layer, Policies.layer(rules)).pipe(
    Layer.provideMerge(auditRetentionLayer),
    Layer.provideMerge(auditLogLayer({ origin, key })),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.effectDiscard(migrate("executor", executorMigrations)),
        keyCipherLayer(Redacted.make(new Uint8Array(32).fill(7))),
        Executors.layer(world.executors),
        membersLayer(world),
        secretsLayer(world)
      )
    ),
    Layer.provideMerge(database),
    Layer.orDie
  )

const transcripts = Layer.mergeAll(Transcripts.layer, TranscriptRetention.layer, TranscriptSearch.layer)

/** A gate on a new, empty database; nothing runs. */
export const gateLayer = (
  world: World,
  { layer }: Pick<TestDatabase, "layer">,
  settings: Partial<GateSettings & PolicySettings> = {}
) => Layer.mergeAll(Gate.layer(settings), transcripts).pipe(Layer.provideMerge(ground(world, layer(), settings)))

/** With a dispatcher that looks often. */
export const hostLayer = (
  world: World,
  { layer }: Pick<TestDatabase, "layer">,
  settings: Partial<DispatcherSettings> = {}
) =>
  Layer.mergeAll(Gate.layer(), transcripts, dispatcherLayer(settings)).pipe(Layer.provideMerge(ground(world, layer())))

export const dispatcherLayer = (settings: Partial<DispatcherSettings> = {}) =>
  Dispatcher.layer({ node: "node-1", lookEveryMs: 20, drainMs: 0, ...settings })

export const proposeAs = Effect.fnUntraced(function* (
  actor: Parameters<Gate["Service"]["propose"]>[0]["actor"],
  more: Partial<Parameters<Gate["Service"]["propose"]>[0]> = {}
) {
  const gate = yield* Gate
  return yield* gate.propose({ organisation, actor, executor: "echo", input: { words: ["hi"] }, targets: [], ...more })
})

export const decideAs = Effect.fnUntraced(function* (
  actor: Parameters<Gate["Service"]["decide"]>[0]["actor"],
  execution: Execution,
  more: Partial<Parameters<Gate["Service"]["decide"]>[0]> = {}
) {
  const gate = yield* Gate
  const { id, digest } = execution
  return yield* gate.decide({ organisation, actor, execution: id, verdict: "approve", digest, ...more })
})

/** Waits for the end and answers the execution as it is then. */
export const ended = Effect.fnUntraced(function* (id: ExecutionId) {
  const gate = yield* Gate
  yield* Stream.runDrain(gate.events(organisation, id))
  return yield* gate.get(organisation, id)
})

/** What an execution wrote. */
export const outputOf = Effect.fnUntraced(function* (execution: ExecutionId) {
  const chunks = yield* Stream.runCollect((yield* Transcripts).read({ organisation, execution }))
  return Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
})

/** The actions in the log about an execution, oldest first. */
export const actionsOn = Effect.fnUntraced(function* (object: string) {
  const listed = yield* (yield* AuditLog).list({ organisation, object, limit: 1_000 })
  return listed.map(({ entry }) => entry.action).reverse()
})

/** Everything that the tables hold, byte for byte. */
export const databaseDump = Effect.gen(function* () {
  const { sql } = yield* Database
  const tables = [...coreInventory, ...executorInventory].map(({ table }) => table)
  const rows = yield* Effect.forEach(tables, (table) => sql`SELECT * FROM ${sql(table)}`)
  return rows
    .flat()
    .flatMap((row) => Object.values(row))
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
    .join("\n")
})
