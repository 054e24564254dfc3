// A command that writes a lot: through the whole server (recording, masking, sealing, log), against raw ssh2 that throws the bytes away.
// Both take what OpenSSH's sshd gives, over a kept connection, in turn.
import { Effect, Logger } from "effect"
import type ssh2 from "ssh2"
import type { Measured } from "./main.ts"
import { fleetServer } from "./measuring/fleet-server.ts"
import { type SshHosts, signedIn, sshHosts } from "./measuring/ssh-hosts.ts"

const ROUNDS = 5
/** 47 MB of lines. */
const ARGV = ["seq", "1", "6000000"] as const
const BYTES = 46_888_896

export const benchOutput = (): Promise<ReadonlyArray<Measured>> =>
  Effect.runPromise(Effect.scoped(compare).pipe(Effect.provide(Logger.layer([]))))

const compare = Effect.gen(function* () {
  const hosts = yield* sshHosts(1)
  const { execute } = yield* fleetServer(hosts)
  const client = yield* Effect.acquireRelease(
    Effect.promise(() => connected(hosts)),
    (each) => Effect.sync(() => each.end())
  )
  const ratios: Array<number> = []
  for (let round = 0; round <= ROUNDS; round++) {
    const rawMs = yield* timed(() => drained(client))
    const ourMs = yield* timed(() => execute({ argv: ARGV }))
    // The first round connects and compiles.
    if (round > 0) ratios.push(rawMs / ourMs)
  }
  const ratio = ratios.toSorted((a, b) => a - b)[ROUNDS >> 1]!
  return [{ name: "output: recorded, masked and sealed, to raw ssh2", ratio, target: "at least 0.8" }]
})

const connected = (hosts: SshHosts) => signedIn(hosts, hosts.hosts[0]!)

const timed = (work: () => Promise<unknown>) =>
  Effect.promise(async () => {
    const startedMs = performance.now()
    await work()
    return performance.now() - startedMs
  })

const drained = (client: ssh2.Client): Promise<void> =>
  new Promise((resolve, reject) => {
    client.exec(ARGV.join(" "), (error, channel) => {
      if (error) return reject(error)
      let bytes = 0
      channel.on("data", (chunk: Buffer) => {
        bytes += chunk.length
      })
      channel.stderr.resume()
      channel.once("close", () =>
        bytes === BYTES ? resolve() : reject(new Error(`${bytes} bytes came instead of ${BYTES}`))
      )
      channel.end()
    })
  })
