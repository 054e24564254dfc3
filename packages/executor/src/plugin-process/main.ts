// The program of a plugin's process: closes what a plugin must not reach, loads the plugin, and serves its host over descriptor 3.
import { Socket } from "node:net"
import { closeOff } from "./close-off.ts"
import { loadExecutors } from "./load-executors.ts"
import { serve } from "./serve.ts"

const { module, broker } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly module: string
  readonly broker?: string
}
process.argv.length = 2

const channel = new Socket({ fd: 3, readable: true, writable: true })
channel.on("error", () => process.exit(0)).on("close", () => process.exit(0))
closeOff(broker)
await serve(channel, () => loadExecutors(module))
