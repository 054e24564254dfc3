// A suite that cannot fail proves nothing: for each thing that it tests there is an executor that does it wrong, and is caught.
import { connect, createServer, type Server } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CANARY_NAME, type ExecutorSubject, executorCases } from "../src/conformance/index.ts"
import type { Executor, PlanDraft } from "../src/index.ts"
import {
  type AsyncExecutorSpec,
  type AsyncRunContext,
  defineExecutor,
  StartRefused,
  StopUnconfirmed
} from "../src/sdk.ts"
import { executorSuite } from "../src/testing/index.ts"

interface Wish {
  readonly say: string
  readonly secret?: string
}

const parse = (input: unknown): Wish => {
  if (typeof input !== "object" || input === null || !("say" in input) || typeof input.say !== "string") {
    throw new Error("say is wanted")
  }
  return { ...input, say: input.say }
}

const plan = ({ say, secret }: Wish): PlanDraft => ({
  command: { _tag: "Argv", argv: ["say", say] },
  sentence: `Says ${say}.`,
  ...(secret === undefined ? {} : { secrets: [secret] }),
  ...(say === "on and on" ? { timeoutMs: 1_000 } : {}),
  ...(say === "much" ? { outputBytesMax: 1_000 } : {})
})

const wordOf = (context: Pick<AsyncRunContext, "plan">): string =>
  context.plan.command._tag === "Argv" ? (context.plan.command.argv[1] ?? "") : ""

const run = async (context: AsyncRunContext): Promise<undefined> => {
  const word = wordOf(context)
  if (word === "nothing") throw new StartRefused({ detail: "there is nothing to say." })
  const [secret] = context.plan.secrets
  if (secret !== undefined) await context.output("stdout", await context.secret(secret.name))
  if (word === "on and on") await sleep(60_000, undefined, { signal: context.signal }).catch(() => {})
  if (word === "much") while (!context.signal.aborted) await context.output("stdout", "x".repeat(100))
  await context.output("stdout", word)
}

const spec: AsyncExecutorSpec<Wish> = { id: "test.say", version: "1", summary: "Says a word.", parse, plan, run }

/** The subject with an executor that differs from the good one. */
const subject = (
  wrong: Partial<AsyncExecutorSpec<Wish>> = {},
  change = (executor: Executor) => executor
): ExecutorSubject => ({
  make: Effect.sync(() => change(defineExecutor({ ...spec, ...wrong }) as Executor)),
  valid: [{ say: "yes" }, { say: "no" }],
  invalid: [{ tell: "yes" }],
  failing: [{ say: "nothing" }],
  printing: (secret) => ({ say: "it", secret }),
  endless: { say: "on and on" },
  flooding: { say: "much" }
})

executorSuite("a good one", subject())

/** The first case whose name begins so, against a wrong executor. */
const judged = async (name: string, ...wrong: Parameters<typeof subject>) => {
  const found = executorCases(subject(...wrong)).find((each) => each.name.startsWith(name))
  if (found === undefined) throw new Error(`There is no case "${name}".`)
  return await found.run().then(
    () => "holds",
    (cause: Error) => cause.message
  )
}

const PURE = "MUST plan equal input equally"
const ITS_PLAN_ONLY = "MUST run the plan that it is given"
const SECRET = "MUST NOT put a secret"
const DECLARED = "MUST fail with nothing but"
const TIME = "MUST stop, with all"

describe("the suite catches an executor", () => {
  it("that plans by the clock, by the dice, by what came before, or changes its input", async () => {
    let count = 0
    for (const word of [() => String(Date.now()).slice(0, -4), () => String(Math.random()), () => String(count++)]) {
      expect(await judged(PURE, { plan: (wish) => plan({ ...wish, say: word() }) })).toMatch(/deep-equal/)
    }
    const grabbing = { parse: (input: unknown) => Object.assign(input as Wish, { say: "mine" }) }
    expect(await judged(PURE, grabbing)).not.toBe("holds")
  })

  it("that plans beyond the limits", async () => {
    const limits = "MUST plan within the limits"
    expect(await judged(limits, { plan: (wish) => ({ ...plan(wish), timeoutMs: 0 }) })).toMatch(/timeout/)
  })

  it("that plans invalid input, or breaks down over it", async () => {
    const refuse = "MUST refuse the input"
    expect(await judged(refuse, { parse: () => ({ say: "whatever" }) })).toMatch(/not valid/)
    const broken = (executor: Executor) => ({ ...executor, plan: () => Effect.die(new Error("no such field")) })
    expect(await judged(refuse, {}, broken)).toMatch(/no such field/)
  })

  it("that fails where it should succeed", async () => {
    expect(await judged("MUST run {", { run: async () => ({ exitCode: 3 }) })).toMatch(/did not succeed/)
  })

  it("whose run uses the input that was planned last, or what it kept of it", async () => {
    let last = ""
    const remembering = {
      plan: (wish: Wish) => {
        last = wish.say
        return plan(wish)
      },
      run: async ({ output }: AsyncRunContext) => void (await output("stdout", last))
    }
    expect(await judged(ITS_PLAN_ONLY, remembering)).not.toBe("holds")
    const kept = new WeakMap<object, string>()
    const keeping = (executor: Executor): Executor => ({
      ...executor,
      plan: (input) => Effect.tap(executor.plan(input), (draft) => Effect.sync(() => kept.set(draft.command, "it"))),
      run: (context) => (kept.has(context.plan.command) ? executor.run(context) : Effect.die(new Error("what input?")))
    })
    expect(await judged(ITS_PLAN_ONLY, {}, keeping)).not.toBe("holds")
  })

  it("that fails with what it does not declare", async () => {
    expect(await judged(DECLARED, { run: async () => Promise.reject(new Error("oh")) })).toMatch(/broke down/)
    expect(await judged(DECLARED, { run: async () => undefined })).toMatch(/did not fail/)
  })

  it("that lets a secret out: in its result, an error, a log, the environment, or encoded", async () => {
    const leaks: ReadonlyArray<(value: string, context: AsyncRunContext) => unknown> = [
      (value) => ({ exitCode: 0, signal: value }),
      (value) => Promise.reject(new StartRefused({ detail: value })),
      (value) => void console.log("token", value),
      (value) => void process.stderr.write(value),
      (value) => void Object.assign(process.env, { TEST_LEAK: Buffer.from(value).toString("base64") })
    ]
    for (const leak of leaks) {
      const leaking = async (context: AsyncRunContext) => {
        const value = Buffer.from(await context.secret(CANARY_NAME)).toString()
        await context.output("stdout", value)
        return (await leak(value, context)) as undefined
      }
      expect(await judged(SECRET, { run: leaking })).toMatch(/The secret stands in it/)
      delete process.env["TEST_LEAK"]
    }
    expect(await judged(SECRET, { run: async ({ secret }) => void (await secret(CANARY_NAME)) })).toMatch(/not printed/)
  })

  it("that goes on without the secret that it is not given", async () => {
    const without = "MUST NOT run with a secret"
    expect(await judged(without, { run: async () => undefined })).toMatch(/did not fail with a RunError/)
  })

  it("that cannot stop when it is told to", async () => {
    const angry = async ({ signal }: AsyncRunContext) => {
      await sleep(60_000, undefined, { signal }).catch(() => {})
      throw new StopUnconfirmed({ target: "there" })
    }
    expect(await judged(TIME, { run: angry })).toMatch(/did not stop|failed while/)
  })

  it("that writes more than it may", async () => {
    expect(await judged("MUST stop when it has printed", { run: async () => undefined })).not.toBe("holds")
  })

  describe("that leaves something open", () => {
    let server: Server
    beforeAll(async () => {
      server = createServer()
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    })
    afterAll(() => server.close())

    it("when its time is over", async () => {
      const { port } = server.address() as { readonly port: number }
      const open: Array<ReturnType<typeof connect>> = []
      const leaving = async (context: AsyncRunContext) => {
        open.push(connect(port, "127.0.0.1"))
        return await run(context)
      }
      expect(await judged(TIME, { run: leaving })).toMatch(/left sockets/)
      for (const socket of open) socket.destroy()
    })

    it("and says so itself", async () => {
      const found = executorCases({ ...subject(), leftovers: async () => ["a process"] })
      const [stop] = found.filter(({ name }) => name.startsWith(TIME))
      await expect(stop!.run()).rejects.toThrow(/a process/)
    })
  })
})
