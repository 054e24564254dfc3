// Memory of a kept connection: ours, with its place in the pool, against a signed-in client of raw ssh2.
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect, Logger } from "effect"
import type { Measured } from "./main.ts"
import { fleetServer } from "./measuring/fleet-server.ts"
import { signedIn, sshHosts } from "./measuring/ssh-hosts.ts"

const HOSTS = 100

export const benchIdleConnections = (): Promise<ReadonlyArray<Measured>> =>
  Effect.runPromise(Effect.scoped(compare).pipe(Effect.provide(Logger.layer([]))))

const compare = Effect.gen(function* () {
  const hosts = yield* sshHosts(HOSTS)
  const { execute } = yield* fleetServer(hosts)
  const run = () => execute({ argv: ["uname"], concurrency: 25 })
  // Everything that is made once is made now; then all connections are given up.
  yield* Effect.promise(run)
  hosts.cutConnections()
  yield* Effect.sleep(500)
  const ours = yield* grownBy(run)
  hosts.cutConnections()
  const raw = yield* grownBy(async () => {
    const clients = []
    for (const host of hosts.hosts) clients.push(await signedIn(hosts, host))
    return clients
  })
  return [{ name: "idle connections: memory of one, to raw ssh2", ratio: ours / raw }]
})

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

const heldBytes = (): number => {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What is held more while the result of `work` is. */
const grownBy = (work: () => Promise<unknown>) =>
  Effect.promise(async () => {
    const before = heldBytes()
    const result = await work()
    const grown = heldBytes() - before
    if (result === null) throw new Error("Nothing was made.")
    return grown
  })
