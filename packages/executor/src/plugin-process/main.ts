// The program of a plugin's process: closes what a plugin must not reach, loads the plugin, and serves its host over descriptor 3.
import { registerHooks } from "node:module"
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
// A plugin gets the SDK of its host, so that it needs no installation for it, and there is one copy.
registerHooks({
  resolve: (name, context, next) =>
    next(name, /^(@fluxcybers\/|effect$|effect\/)/.test(name) ? { ...context, parentURL: import.meta.url } : context)
})
await serve(channel, () => loadExecutors(module))
