// The signs of life of the processes on this database, and what to do without them.
import { Clock, Effect } from "effect"
import { beat, claimingBoots, enterNode, otherNodes } from "../store/nodes.ts"
import type { Node } from "./claim.ts"
import { recoverFrom } from "./recover.ts"
import { retryStorage } from "./storage-retry.ts"

const BEAT_EVERY_MS = 10_000
/** A node that gave no sign of life for so long is gone. */
const GONE_AFTER_MS = 60_000

/** Enters this start of the node, and settles what earlier starts of it left behind. */
export const enter = Effect.fnUntraced(function* (self: Node) {
  yield* enterNode(self)
  for (const gone of yield* claimingBoots(self.node, self.boot)) yield* recoverFrom(gone)
})

/** Signs of life, for ever; ends when another process has started under this node's name. */
export const beating = (self: Node) =>
  beat(self).pipe(
    retryStorage(),
    Effect.tap(() => Effect.sleep(BEAT_EVERY_MS)),
    Effect.repeat({ while: (isOurs) => isOurs })
  )

interface Sign {
  readonly text: string
  readonly seenMs: number
}

/**
 * Looks for nodes that are gone and settles what they left. Told by this node's own clock, from when it saw the last sign of life:
 * clocks of two machines need not agree.
 */
export const makeGoneWatch = (self: Node) => {
  const signs = new Map<string, Sign>()
  return Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis
    for (const { node, boot, heartbeat_at } of yield* otherNodes(self)) {
      const text = `${boot} ${heartbeat_at}`
      const last = signs.get(node)
      if (last === undefined || last.text !== text) signs.set(node, { text, seenMs: nowMs })
      else if (nowMs - last.seenMs >= GONE_AFTER_MS) {
        for (const gone of yield* claimingBoots(node)) yield* recoverFrom(gone)
      }
    }
  })
}
