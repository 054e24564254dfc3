// Two nodes on one database and one target, which are killed, frozen past every sign of life, and cut off from either, again and again, while
// commands are proposed and approved. Then everything is mended, and what the commands wrote down is held against what the log says.
import { AuditLog } from "@fluxcybers/core"
import { type Execution, Gate, Targets, Transcripts } from "@fluxcybers/executor"
import { Effect, Layer, ManagedRuntime, Stream } from "effect"
import { generator, pause } from "./chance.ts"
import { Ledger } from "./ledger.ts"
import { type Network } from "./links.ts"
import { NodeProcess } from "./node-process.ts"
import { agent, CREDENTIAL, type Ground, groundLayer, organisation, owner, TARGET } from "./node-world.ts"
import { judge, type RoundsVerdict } from "./rounds-verdict.ts"

export interface Rounds {
  readonly folder: string
  readonly rounds: number
  readonly seed: number
  /** As the campaign itself reaches it. */
  readonly ground: Ground
  /** As the nodes do: through their links, where there are any. */
  readonly groundOfNodes: Ground
  readonly target: { readonly host: string; readonly port: number; readonly account: string; readonly hostKey: string }
  readonly network: Network | undefined
  readonly onRound?: (count: number) => void
}

/** How a node is disturbed, and how often in proportion: starting a node anew takes longest. */
const DISTURBANCES = { kill: 1, freeze: 3, "cut-database": 3, "cut-target": 3 } as const
type Disturbance = keyof typeof DISTURBANCES

const NODES = ["a", "b"]
/** A node without a sign of life for so long is taken for gone. */
const GONE_AFTER_MS = 1_000
/** What is frozen or cut off stays so for longer than that, most of the time. */
const DISTURBED_MS_MIN = 600
const DISTURBED_MS_MAX = 2_400
const SETTLE_MS_MAX = 180_000
const ASK_MS = 120_000

export const rounds = async (options: Rounds): Promise<RoundsVerdict> => {
  const ledger = new Ledger(options.folder)
  const runtime = ManagedRuntime.make(
    Layer.mergeAll(Gate.layer(), Transcripts.layer).pipe(Layer.provideMerge(groundLayer(options.ground)))
  )
  const client = clientOf(runtime)
  await client.addTarget(options.target)
  const nodes = NODES.map((node) => nodeOf(node, options))
  try {
    await Promise.all(nodes.map((node) => node.start()))
    const counts = await underFire(options, { client, ledger, nodes })
    await client.settled()
    return { ...judge(await client.results(), ledger.counts(), await client.problems()), disturbances: counts }
  } finally {
    await Promise.all(nodes.map((node) => node.kill()))
    await runtime.dispose()
  }
}

const nodeOf = (node: string, { groundOfNodes, network }: Rounds) =>
  new NodeProcess({ node, ground: groundOfNodes, goneAfterMs: GONE_AFTER_MS }, network?.wire(node))

interface Scene {
  readonly client: ReturnType<typeof clientOf>
  readonly ledger: Ledger
  readonly nodes: ReadonlyArray<NodeProcess>
}

/** Each node is disturbed in its own rhythm, so that both may be at once. */
const underFire = async ({ rounds: wanted, seed, network, ground, onRound }: Rounds, scene: Scene) => {
  const counts: Record<string, number> = {}
  const possible = (Object.keys(DISTURBANCES) as Array<Disturbance>)
    .filter(
      (disturbance) =>
        (network !== undefined || !disturbance.startsWith("cut")) &&
        (disturbance !== "cut-database" || "postgres" in ground.database)
    )
    .flatMap((disturbance) => Array.from({ length: DISTURBANCES[disturbance] }, () => disturbance))
  let count = 0
  const disturb = async (node: NodeProcess, index: number) => {
    const random = generator(seed * NODES.length + index)
    while (count < wanted) {
      const round = ++count
      const disturbance = possible[Math.floor(random() * possible.length)]!
      await scene.client.propose(scene.ledger, `r${round}${node.name}`, random)
      await pause(random() * 500)
      await disturbances[disturbance](node, DISTURBED_MS_MIN + random() * (DISTURBED_MS_MAX - DISTURBED_MS_MIN))
      counts[disturbance] = (counts[disturbance] ?? 0) + 1
      onRound?.(round)
    }
  }
  await Promise.all(scene.nodes.map(disturb))
  return counts
}

const disturbances: Readonly<Record<Disturbance, (node: NodeProcess, ms: number) => Promise<void>>> = {
  kill: async (node) => {
    await node.kill()
    await node.start()
  },
  freeze: async (node, ms) => {
    node.signal("SIGSTOP")
    await pause(ms)
    node.signal("SIGCONT")
  },
  "cut-database": async ({ wiring }, ms) => {
    wiring!.cut("database")
    await pause(ms)
    wiring!.mend("database")
  },
  "cut-target": async ({ wiring }, ms) => {
    wiring!.cut("target")
    await pause(ms)
    wiring!.mend("target")
  }
}

type Services = Layer.Success<ReturnType<typeof groundLayer>> | Gate | Transcripts

/** What an execution came to, with its output where it must be whole. */
export interface Result {
  readonly execution: Execution
  readonly output: string
}

/** A frozen node may hold the database: what is refused for a while is tried again. */
const clientOf = (runtime: ManagedRuntime.ManagedRuntime<Services, never>) => {
  const patiently = async <A>(work: Effect.Effect<A, unknown, Services>): Promise<A> => {
    const deadline = Date.now() + SETTLE_MS_MAX
    while (true) {
      try {
        return await runtime.runPromise(work)
      } catch (error) {
        if (Date.now() > deadline) throw error
        await pause(200)
      }
    }
  }
  return {
    addTarget: (target: Rounds["target"]) =>
      patiently(
        Effect.flatMap(Targets, (targets) =>
          targets.add({
            organisation,
            actor: owner,
            settings: { name: TARGET, ...target, credential: CREDENTIAL, tags: [] }
          })
        )
      ),
    /** One command that ends with its connection, one that outlives it; each attempt has a mark of its own. */
    propose: async (ledger: Ledger, mark: string, random: () => number) => {
      for (const [index, more] of [{}, { recoverable: { askMs: ASK_MS } }].entries()) {
        const durationMs = random() * 800
        let attempt = 0
        await patiently(
          Effect.gen(function* () {
            const gate = yield* Gate
            const script = ledger.script(`${mark}x${index}x${attempt++}`, durationMs)
            const input = { script, ...more }
            const proposal = { organisation, actor: agent, executor: "ssh", input, targets: [TARGET] }
            const { id, digest } = yield* gate.propose(proposal)
            yield* gate.decide({ organisation, actor: owner, execution: id, verdict: "approve", digest })
          })
        )
      }
    },
    settled: async () => {
      const deadline = Date.now() + SETTLE_MS_MAX
      const isOpen = ({ state }: Execution) => state === "granted" || state === "running"
      while (Date.now() < deadline && (await patiently(allExecutions())).some(isOpen)) await pause(500)
    },
    results: (): Promise<ReadonlyArray<Result>> => patiently(allResults),
    problems: () => patiently(logProblems)
  }
}

const allExecutions = Effect.fnUntraced(function* () {
  const gate = yield* Gate
  const found: Array<Execution> = []
  while (true) {
    const before = found.at(-1)?.id
    const page = yield* gate.list({ organisation, limit: 100, ...(before === undefined ? {} : { before }) })
    found.push(...page)
    if (page.length < 100) return found
  }
})

const allResults = Effect.gen(function* () {
  const transcripts = yield* Transcripts
  return yield* Effect.forEach(yield* allExecutions(), (execution) =>
    Effect.map(
      Stream.runCollect(transcripts.read({ organisation, execution: execution.id })),
      (chunks): Result => ({ execution, output: Buffer.concat(chunks.map(({ bytes }) => bytes)).toString() })
    )
  )
})

const logProblems = Effect.flatMap(AuditLog, (log) =>
  Effect.map(log.verify, ({ problems }) => problems as ReadonlyArray<unknown>)
)
