// The signs of life of the processes on this database, and what to do without them.
import { makeGoneWatch } from "@fluxcybers/core"
import { Clock, Effect } from "effect"
import { beat, claimingBoots, enterNode, otherNodes } from "../store/nodes.ts"
import type { Node } from "./claim.ts"
import { recoverFrom } from "./recover.ts"
import { retryStorage } from "./storage-retry.ts"

/** Enters this start of the node, and settles what earlier starts of it left behind; what it takes over from them is returned. */
export const enter = Effect.fnUntraced(function* (self: Node) {
  yield* enterNode(self)
  const left = yield* claimingBoots(self.node, self.boot)
  return (yield* Effect.forEach(left, (gone) => recoverFrom(gone, self))).flat()
})

/** So many signs of life fit into the time after which a node counts as gone. */
const SIGNS = 6

/** Signs of life, for ever; ends when another process has started under this node's name. */
export const beating = (self: Node, goneAfterMs: number) =>
  beat(self).pipe(
    retryStorage(),
    Effect.tap(() => Effect.sleep(goneAfterMs / SIGNS)),
    Effect.repeat({ while: (isOurs) => isOurs })
  )

/** Looks for nodes that are gone and settles what they left; what this one takes over is returned. */
export const makeNodeWatch = (self: Node, goneAfterMs: number) => {
  const goneAmong = makeGoneWatch(goneAfterMs)
  return Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis
    const nodes = yield* otherNodes(self)
    const signs = nodes.map(({ node, boot, heartbeat_at }) => [node, `${boot} ${heartbeat_at}`] as const)
    const left = yield* Effect.forEach(goneAmong(signs, nowMs), (node) => claimingBoots(node))
    return (yield* Effect.forEach(left.flat(), (gone) => recoverFrom(gone, self))).flat()
  })
}
