import { randomBytes } from "node:crypto"
import { mkdtemp } from "node:fs/promises"
import {
  AgentActor,
  AgentId,
  AuditLog,
  auditLogLayer,
  ephemeralSigningKey,
  migrate,
  newId,
  OrganisationId,
  PersonActor,
  PersonId
} from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import {
  Dispatcher,
  Executors,
  executorMigrations,
  Gate,
  keyCipherLayer,
  localExecutor,
  Members,
  Policies,
  SecretSource,
  Targets
} from "@fluxcybers/executor"
import { Effect, Layer, Redacted, Stream } from "effect"

const program = Effect.gen(function* () {
  const gate = yield* Gate
  const organisation = yield* newId(OrganisationId, "org")
  const agent = new AgentActor({ agent: yield* newId(AgentId, "agent"), person: ada.person })

  // An agent proposes. Nothing runs yet, and the agent can never approve.
  const proposal = yield* gate.propose({
    organisation,
    actor: agent,
    executor: "local",
    input: { argv: ["echo", "$HOME is not expanded: no shell"] },
    targets: []
  })
  const { id: execution, digest } = proposal
  console.log("proposed", proposal.plan.sentence)
  console.log("digest  ", digest)
  const refused = yield* Effect.flip(gate.decide({ organisation, actor: agent, execution, verdict: "approve", digest }))
  console.log("agent   ", refused.message)

  // Ada approves exactly this digest. It runs once, and what it writes is recorded.
  yield* gate.decide({ organisation, actor: ada, execution, verdict: "approve", digest })
  yield* gate
    .events(organisation, execution)
    .pipe(
      Stream.runForEach((event) =>
        Effect.sync(() =>
          event._tag === "Output"
            ? console.log("output  ", Buffer.from(event.bytes).toString().trimEnd())
            : event._tag === "State" && console.log("state   ", event.state)
        )
      )
    )

  const log = yield* AuditLog
  const entries = yield* log.list({ organisation })
  for (const { entry } of entries) console.log("logged  ", entry.action)
  yield* log.awaitCheckpoint(entries[0]!.entry.id)
  const { size, problems } = yield* log.verify
  console.log("log     ", size, "entries,", problems.length, "problems")
})

const ada = new PersonActor({ person: Effect.runSync(newId(PersonId, "person")) })

const services = Layer.mergeAll(Gate.layer(), Dispatcher.layer({ node: "example" })).pipe(
  Layer.provide(Layer.mergeAll(Targets.layer, Policies.layer())),
  Layer.provideMerge(
    Layer.mergeAll(
      // A real log has its key in a file; this one signs for as long as the process lives.
      auditLogLayer({ origin: "example.com/log", key: ephemeralSigningKey("example.com/log") }),
      Layer.effectDiscard(migrate("executor", executorMigrations)),
      keyCipherLayer(Redacted.make(randomBytes(32))),
      Executors.layer([localExecutor]),
      Layer.succeed(Members, { list: () => Effect.succeed([{ person: ada.person, roles: ["owner"] }]) }),
      SecretSource.none
    )
  ),
  Layer.provide(sqliteLayer({ filename: `${await mkdtemp("/tmp/gate-")}/gate.db` }))
)
await Effect.runPromise(Effect.provide(program, services))
