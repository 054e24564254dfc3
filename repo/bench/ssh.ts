// A command over a kept connection through the SSH executor, against the same command over raw ssh2 on a kept connection with the same
// cipher and TCP_NODELAY. The two take turns. The server is OpenSSH's sshd where it is installed, ssh2's own otherwise.
import { RunId, SecretReader, TargetId } from "@fluxcybers/core"
import { type Executor, type PinnedTarget, type Plan, pinPlan, type RunError, secretNames } from "@fluxcybers/executor"
import { scanHostKey, sshExecutor } from "@fluxcybers/executor/ssh"
import { startTestSshServer } from "@fluxcybers/executor/testing/ssh-server"
import { Effect, Redacted } from "effect"
import ssh2 from "ssh2"
import { startSshd } from "../testing/sshd.ts"
import type { Measured } from "./main.ts"

const ROUNDS = 200
const WARM_UP_ROUNDS = 20
const CREDENTIAL = "ssh/bench"
/** What people run: it starts one program and prints a line. */
const ARGV = ["/bin/uname", "-a"] as const

export const benchSsh = async (): Promise<ReadonlyArray<Measured>> => {
  const server = (await startSshd()) ?? (await startTestSshServer())
  const raw = await signIn(server)
  try {
    const { whole, firstByte } = await Effect.runPromise(Effect.scoped(compare(server, raw)))
    return [
      { name: "ssh: a command over a kept connection, to raw ssh2", ratio: whole, target: "at most 1.3" },
      { name: "ssh: its first byte, to raw ssh2", ratio: firstByte, target: "at most 1.15" }
    ]
  } finally {
    raw.end()
    await server.stop()
  }
}

type Server = Pick<Awaited<ReturnType<typeof startTestSshServer>>, "host" | "port" | "account" | "privateKey">

const compare = Effect.fnUntraced(function* (server: Server, raw: ssh2.Client) {
  const ours = yield* prepare(yield* sshExecutor(), server)
  const ourMs: Array<Course> = []
  const rawMs: Array<Course> = []
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    rawMs.push(yield* timed((onByte) => Effect.promise(() => runRaw(raw, onByte))))
    ourMs.push(yield* timed(ours))
  }
  const ratio = (part: keyof Course) => {
    const [our, theirs] = [ourMs, rawMs].map((courses) =>
      median(courses.slice(WARM_UP_ROUNDS).map((each) => each[part]))
    )
    return our! / theirs!
  }
  return { whole: ratio("whole"), firstByte: ratio("firstByte") }
})

/** Milliseconds from the beginning. */
interface Course {
  readonly firstByte: number
  readonly whole: number
}

const timed = Effect.fnUntraced(function* (run: (onByte: () => void) => Effect.Effect<unknown, RunError>) {
  const startedMs = performance.now()
  let firstByte: number | undefined
  yield* run(() => {
    firstByte ??= performance.now() - startedMs
  })
  if (firstByte === undefined) return yield* Effect.die(new Error("The command wrote nothing."))
  return { firstByte, whole: performance.now() - startedMs } satisfies Course
})

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const prepare = Effect.fnUntraced(function* (executor: Executor, server: Server) {
  const { host, port, account, privateKey } = server
  const { fingerprint: hostKey } = yield* scanHostKey({ host, port })
  const id = TargetId.make(`target_${"0".repeat(26)}`)
  const target: PinnedTarget = { id, name: "bench", host, port, account, hostKey, credential: CREDENTIAL }
  const plan: Plan = yield* planOf(executor, target)
  const reader = SecretReader.of({ reveal: () => Effect.succeed(Redacted.make(Buffer.from(privateKey))) })
  const run = RunId.make(`run_${"0".repeat(26)}`)
  return (onByte: () => void) => {
    const context = { run, plan, target, stdin: undefined, output: () => Effect.sync(onByte) }
    return executor.run(context).pipe(Effect.scoped, Effect.provideService(SecretReader, reader))
  }
}, Effect.orDie)

const planOf = (executor: Executor, target: PinnedTarget) =>
  Effect.map(executor.plan({ argv: ARGV }), (draft) =>
    pinPlan(draft, {
      executor,
      targets: [target],
      secrets: secretNames(draft, [target]).map((name) => ({ name, version: 1 })),
      nonce: "0".repeat(32)
    })
  )

const signIn = (server: Server): Promise<ssh2.Client> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once("ready", () => resolve(client)).once("error", reject)
    const { host, port, account: username, privateKey } = server
    client.connect({ host, port, username, privateKey, algorithms: { cipher: ["aes128-gcm@openssh.com"] } })
    client.setNoDelay(true)
  })

const runRaw = (client: ssh2.Client, onByte: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    client.exec(ARGV.join(" "), (error, channel) => {
      if (error) return reject(error)
      channel.on("data", onByte)
      channel.stderr.resume()
      channel.once("close", () => resolve())
      channel.end()
    })
  })
