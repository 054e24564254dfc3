// A target as it is told after it was added or changed.
import type { Target } from "@fluxcybers/executor"
import { labelled } from "@fluxcybers/executor/view"
import { Effect } from "effect"
import type { CallApi } from "./api.ts"
import { visible } from "./visible-text.ts"

/** The names of the targets through which it is reached, the nearest to it first. Ends where the way goes round in circles. */
export const wayOf = (target: Target, targets: ReadonlyArray<Target>): ReadonlyArray<string> => {
  const way: Array<string> = []
  for (let next = target.jump; next !== undefined && way.length < targets.length; ) {
    const jump = targets.find(({ id }) => id === next)
    way.push(jump?.name ?? next)
    next = jump?.jump
  }
  return way
}

/** Asks only where there is a way to tell. */
export const jumpNames = Effect.fnUntraced(function* (api: CallApi, target: Target) {
  if (target.jump === undefined) return []
  return wayOf(target, yield* api((client) => client.targets.list()))
})

export const targetDetails = (target: Target, way: ReadonlyArray<string>): string =>
  labelled([
    ["Name", visible(target.name)],
    ["Host", `${visible(target.account)}@${visible(target.host)}:${target.port}`],
    ["Through", way.length === 0 ? undefined : way.map(visible).join(", and that through ")],
    ["Host key", visible(target.hostKey)],
    ...(target.revokedKeys ?? []).map((key) => ["Never the key", visible(key)] as const),
    ["Credential", visible(target.credential)],
    ["Passphrase", target.passphrase === undefined ? undefined : visible(target.passphrase)],
    ["Tags", target.tags.length === 0 ? undefined : visible(target.tags.join(" "))],
    ["Id", target.id]
  ])
