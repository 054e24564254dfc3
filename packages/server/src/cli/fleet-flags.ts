// Flags of `run` about where it runs, and how it goes over several targets.
import type { Rollout } from "@fluxcybers/executor"
import { Option } from "effect"
import { Flag } from "effect/cli"
import { present, repeated } from "./parameters.ts"

const count = (name: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.withMetavar("N"),
    Flag.withDescription(description),
    Flag.filter(
      (value) => value >= 1,
      () => "Expected a number from 1"
    ),
    Flag.optional
  )

/** `--on`: also in other commands that take targets. */
export const onFlag = Flag.String("on").pipe(
  Flag.withMetavar("SELECTOR"),
  Flag.withDescription(
    "Where it runs, by name or tags: tag:web, or tag:web+eu for targets with both; give it again for more. What it finds now is what is proposed"
  ),
  repeated
)

export const fleetFlags = {
  on: onFlag,
  concurrency: count("concurrency", "So many targets at the same time, at most; 10 unless told"),
  canary: count("canary", "So many targets first; the others only once all of these have succeeded"),
  batch: count("batch", "After the canary, so many targets at a time: a batch starts when the one before has ended"),
  stopAfter: count("stop-after", "Start no further target once so many have not succeeded")
}

interface FleetFlags {
  readonly targets: ReadonlyArray<string>
  readonly on: ReadonlyArray<string>
  readonly concurrency: Option.Option<number>
  readonly canary: Option.Option<number>
  readonly batch: Option.Option<number>
  readonly stopAfter: Option.Option<number>
}

/** What the proposal says about targets: those with `-t` come first, and so are the canary. */
export const fleetOf = (flags: FleetFlags): { readonly targets: ReadonlyArray<string>; readonly rollout?: Rollout } => {
  const rollout = present({
    concurrency: Option.getOrUndefined(flags.concurrency),
    canary: Option.getOrUndefined(flags.canary),
    batch: Option.getOrUndefined(flags.batch),
    stopAfter: Option.getOrUndefined(flags.stopAfter)
  })
  return { targets: [...flags.targets, ...flags.on], ...(Object.keys(rollout).length === 0 ? {} : { rollout }) }
}
