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
    const ratio = await Effect.runPromise(Effect.scoped(compare(server, raw)))
    return [{ name: "ssh: a command over a kept connection, to raw ssh2", ratio, target: "at most 1.3" }]
  } finally {
    raw.end()
    await server.stop()
  }
}

type Server = Pick<Awaited<ReturnType<typeof startTestSshServer>>, "host" | "port" | "account" | "privateKey">

const compare = Effect.fnUntraced(function* (server: Server, raw: ssh2.Client) {
  const { command } = yield* prepare(yield* sshExecutor(), server)
  const ourMs: Array<number> = []
  const rawMs: Array<number> = []
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    rawMs.push(yield* timed(Effect.promise(() => runRaw(raw))))
    ourMs.push(yield* timed(command))
  }
  return median(ourMs.slice(WARM_UP_ROUNDS)) / median(rawMs.slice(WARM_UP_ROUNDS))
})

const timed = Effect.fnUntraced(function* (run: Effect.Effect<unknown, RunError>) {
  const startedMs = performance.now()
  yield* run
  return performance.now() - startedMs
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
  const context = { run, plan, target, stdin: undefined, output: () => Effect.void }
  return { command: executor.run(context).pipe(Effect.scoped, Effect.provideService(SecretReader, reader)) }
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

const runRaw = (client: ssh2.Client): Promise<void> =>
  new Promise((resolve, reject) => {
    client.exec(ARGV.join(" "), (error, channel) => {
      if (error) return reject(error)
      channel.resume()
      channel.stderr.resume()
      channel.once("close", () => resolve())
      channel.end()
    })
  })
