// The way to a target: the jump hosts before it.
import type { PinnedJump, PinnedTarget } from "./plan.ts"
import type { SelectedTarget } from "./selectors.ts"
import type { Target } from "./targets.ts"

/** Jump hosts before a target, at most: each is another sign-in, and another chance to fail. */
export const JUMPS_MAX = 5

/** A way that leads nowhere, as a sentence. */
export interface RouteProblem {
  readonly problem: string
}

/** The target with the hosts on the way there, as they are among these. Pure. */
export const pinTarget = (
  target: SelectedTarget,
  targets: ReadonlyMap<Target["id"], Target>
): PinnedTarget | RouteProblem => {
  const jumps: Array<PinnedJump> = []
  for (let next = target.jump; next !== undefined; ) {
    const jump = targets.get(next)
    if (jump === undefined) return { problem: `A target on the way to "${target.name}" is no longer there (${next}).` }
    if (jump.id === target.id || jumps.some(({ id }) => id === jump.id))
      return { problem: `The way to "${target.name}" goes round in circles, through "${jump.name}".` }
    if (jumps.length === JUMPS_MAX)
      return { problem: `The way to "${target.name}" has more than ${JUMPS_MAX} jump hosts.` }
    jumps.unshift(pinnedHost(jump))
    next = jump.jump
  }
  const { selectedBy } = target
  return {
    ...pinnedHost(target),
    ...(jumps.length === 0 ? {} : { jumps }),
    ...(selectedBy === undefined ? {} : { selectedBy })
  }
}

export const isRouteProblem = (pinned: PinnedTarget | RouteProblem): pinned is RouteProblem => "problem" in pinned

const pinnedHost = ({ tags: _tags, jump: _jump, selectedBy: _by, ...host }: SelectedTarget): PinnedJump => host
