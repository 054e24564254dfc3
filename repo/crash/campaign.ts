// Kills the server with SIGKILL again and again while somebody proposes and approves, then asks whether anything ran twice, was
// lost, or is claimed to have happened.
import { mkdirSync } from "node:fs"
import { generator, pause } from "./chance.ts"
import { Client } from "./client.ts"
import { Ledger } from "./ledger.ts"
import { ServerProcess } from "./server-process.ts"
import { type Verdict, verdict } from "./verdict.ts"

export interface Campaign {
  readonly folder: string
  readonly kills: number
  readonly seed: number
  readonly postgresUrl?: string
  readonly onKill?: (count: number, step: Step) => void
}

/** Where in the flow the next kill falls. */
export const STEPS = ["proposing", "proposed", "approving", "approved", "started", "finished", "any"] as const
export type Step = (typeof STEPS)[number]

const SETTLE_TIMEOUT_MS = 60_000
const PAUSE_MS = 5

export const campaign = async (options: Campaign): Promise<Verdict> => {
  mkdirSync(options.folder, { recursive: true })
  const ledger = new Ledger(options.folder)
  const server = await ServerProcess.create(options)
  await server.start()
  try {
    const client = await Client.claim(server.url, server.ownerCode ?? "")
    const acknowledged = await underFire(options, { server, client, ledger })
    await settled(client)
    return await verdict(client, ledger, acknowledged)
  } finally {
    await server.kill()
  }
}

interface Scene {
  readonly server: ServerProcess
  readonly client: Client
  readonly ledger: Ledger
}

const underFire = async (options: Campaign, { server, client, ledger }: Scene) => {
  const random = generator(options.seed)
  const proposed = new Map<string, string>()
  const approved = new Set<string>()
  for (let count = 1; count <= options.kills; count++) {
    const step = STEPS[Math.floor(random() * STEPS.length)] ?? "any"
    const user = usage({ client, ledger, proposed, approved, prefix: `k${count}` }, random)
    await moment(step, { user, ledger, random })
    await server.kill()
    await user.stopped()
    options.onKill?.(count, step)
    await server.start()
  }
  return { proposed, approved }
}

interface Usage {
  readonly client: Client
  readonly ledger: Ledger
  readonly proposed: Map<string, string>
  readonly approved: Set<string>
  readonly prefix: string
}

/** Two people who propose and approve until the server is gone. */
const usage = ({ client, ledger, proposed, approved, prefix }: Usage, random: () => number) => {
  const seen = { proposing: 0, proposed: 0, approving: 0, approved: 0 }
  let isOver = false
  const person = async (name: string) => {
    for (let turn = 0; !isOver; turn++) {
      const mark = `${prefix}${name}${turn}`
      seen.proposing++
      const execution = await client.propose(ledger.script(mark, random() * 60))
      proposed.set(mark, execution.id)
      seen.proposed++
      seen.approving++
      await client.approve(execution)
      approved.add(execution.id)
      seen.approved++
    }
  }
  // A call that fails is the kill itself; what was not answered is judged from the server's own list at the end.
  const people = ["a", "b"].map((name) => person(name).catch(() => undefined))
  return {
    seen,
    stopped: async () => {
      isOver = true
      await Promise.all(people)
    }
  }
}

const moment = async (
  step: Step,
  scene: { readonly user: ReturnType<typeof usage>; readonly ledger: Ledger; readonly random: () => number }
) => {
  const { user, ledger, random } = scene
  const count = (): number => {
    if (step === "started") return ledger.startedLines()
    if (step === "finished") return ledger.finishedLines()
    return step === "any" ? 0 : user.seen[step]
  }
  if (step === "any") return pause(random() * 600)
  const goal = count() + 1 + Math.floor(random() * 3)
  for (let waited = 0; count() < goal && waited < 3_000; waited += PAUSE_MS) await pause(PAUSE_MS)
  await pause(random() * 8)
}

const settled = async (client: Client) => {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS
  while (Date.now() < deadline) {
    const open = (await client.executions()).filter(({ state }) => state === "granted" || state === "running")
    if (open.length === 0) return
    await pause(100)
  }
}
