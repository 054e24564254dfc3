// One node of a campaign: a dispatcher in a process of its own, until it is killed. Its settings come as JSON on standard input.
import { readFileSync } from "node:fs"
import { Dispatcher } from "@fluxcybers/executor"
import { Effect, Layer } from "effect"
import { type Ground, groundLayer } from "./node-world.ts"

export interface NodeSettings {
  readonly node: string
  readonly ground: Ground
  readonly goneAfterMs: number
}

const { node, ground, goneAfterMs } = JSON.parse(readFileSync(0, "utf8")) as NodeSettings
const dispatcher = Dispatcher.layer({ node, goneAfterMs, lookEveryMs: 100, drainMs: 0 })
const ready = Effect.sync(() => process.stdout.write("ready\n"))

Effect.runFork(
  Layer.launch(Layer.provide(Layer.effectDiscard(ready), Layer.provideMerge(dispatcher, groundLayer(ground))))
)
