// A plugin that does what it is told, harmful things among them.
import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { type AsyncRunContext, defineExecutor, StartRefused } from "../../src/sdk.ts"

interface Order {
  readonly do: string
  readonly path?: string
  readonly host?: string
  readonly secret?: string
  readonly timeoutMs?: number
}

const isOrder = (input: unknown): input is Order =>
  typeof input === "object" &&
  input !== null &&
  "do" in input &&
  typeof input.do === "string" &&
  input.do.split(" ").every((deed) => deed in DEEDS)

/** Runs what may be refused, and writes how that ended. */
const attempt = async ({ output }: AsyncRunContext, deed: () => unknown) => {
  const end = await Promise.resolve()
    .then(deed)
    .then(
      () => "done",
      (cause: Error & { readonly code?: string }) => cause.code ?? cause.message
    )
  await output("stdout", `${end}\n`)
}

const argument = ({ plan }: AsyncRunContext): string =>
  plan.command._tag === "Argv" ? (plan.command.argv[1] ?? "") : ""

const talk = (port: number, context: AsyncRunContext) =>
  new Promise<void>((done, failed) => {
    const socket = connect(port, "127.0.0.1")
    socket.on("data", (piece) => void context.output("stdout", piece).then(() => socket.end()))
    socket.once("close", () => done()).once("error", failed)
    socket.write("hello")
  })

const spin = (): never => {
  for (;;);
}

const DEEDS = {
  greet: async (context) => context.output("stdout", "hello\n"),
  reveal: async ({ plan, secret, output }) => output("stdout", await secret(plan.secrets[0]?.name ?? "none")),
  "read-file": async (context) => attempt(context, () => readFileSync(argument(context))),
  "write-file": async (context) => attempt(context, () => writeFileSync(argument(context), "x")),
  spawn: async (context) => attempt(context, () => spawn("true")),
  signal: async (context) => attempt(context, () => process.kill(Number(argument(context)), "SIGKILL")),
  environment: async ({ output }) => output("stdout", Object.keys(process.env).join(" ")),
  talk: async (context) => attempt(context, () => talk(Number(argument(context)), context)),
  "talk-elsewhere": async (context) => attempt(context, () => talk(Number(argument(context)) + 1, context)),
  crash: async () => process.exit(7),
  throw: async () => Promise.reject(new Error("it broke")),
  "refuse-start": async () => Promise.reject(new StartRefused({ detail: "no hands." })),
  "spin-in-run": async ({ output }) => {
    await output("stdout", "begun")
    spin()
  },
  "stop-when-told": async ({ signal, output }) => {
    await output("stdout", "begun")
    await sleep(60_000, undefined, { signal }).catch(() => {})
  },
  "eat-heap": async () => {
    const eaten: Array<unknown> = []
    for (;;) eaten.push(Array.from({ length: 100_000 }, () => ({})))
  },
  "eat-buffers": async () => {
    const eaten: Array<Buffer> = []
    for (;;) eaten.push(Buffer.alloc(64 * 1024 * 1024, 1))
  },
  flood: async ({ output }) => {
    const piece = Buffer.alloc(64 * 1024, "x")
    for (;;) void output("stdout", piece)
  },
  garble: async () => void process.getBuiltinModule("fs").writeSync(3, `${"x".repeat(5_000_000)}\n`),
  "spin-in-plan": async () => {},
  "crash-in-plan": async () => {},
  "take-other-secret": async () => {}
} satisfies Record<string, (context: AsyncRunContext) => Promise<void>>

export const executors = [
  false,
  defineExecutor<Order>({
    id: "test.hostile",
    version: "1",
    sdk: "^0.1.0",
    needs: { hosts: ["127.0.0.1:*"], secrets: ["test/*"] },
    summary: "Does what it is told.",
    parse: (input) => {
      if (!isOrder(input)) throw new Error("an order is wanted")
      return input
    },
    plan: (order) => {
      if (order.do === "spin-in-plan") spin()
      if (order.do === "crash-in-plan") process.exit(8)
      return {
        command: { _tag: "Argv", argv: [order.do, ...(order.path === undefined ? [] : [order.path])] },
        sentence: `Does ${order.do}.`,
        ...(order.host === undefined ? {} : { hosts: [order.host] }),
        ...(order.do === "take-other-secret" ? { secrets: ["other"] } : {}),
        ...(order.secret === undefined ? {} : { secrets: [order.secret] }),
        ...(order.timeoutMs === undefined ? {} : { timeoutMs: order.timeoutMs })
      }
    },
    run: async (context) => {
      const [deeds] = context.plan.command._tag === "Argv" ? context.plan.command.argv : [""]
      for (const deed of deeds.split(" ")) await DEEDS[deed as keyof typeof DEEDS](context)
      return { exitCode: 0 }
    }
  })
]
