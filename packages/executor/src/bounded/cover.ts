// Does a bounded grant cover a proposal? Exactly these commands on exactly these targets, or reads on these targets.
import { canonicalJson } from "@fluxcybers/core"
import { planDigest } from "../digest.ts"
import type { PlanDraft } from "../executor.ts"
import { secretNames } from "../pin.ts"
import type { PinnedTarget, Plan } from "../plan.ts"
import type { BoundedScope } from "./scope.ts"

/** Stands for the nonce, which makes every plan another one. */
export const NO_NONCE = "0".repeat(32)

/** One command on one target, whatever other targets the plan has: a digest for each target, or one without any. */
export const cellsOf = (plan: Plan, draft: PlanDraft): ReadonlyArray<string> =>
  (plan.targets.length === 0 ? [[]] : plan.targets.map((target) => [target])).map((targets) =>
    cellOf(plan, draft, targets)
  )

const cellOf = (plan: Plan, draft: PlanDraft, targets: ReadonlyArray<PinnedTarget>): string => {
  const names = secretNames(draft, targets)
  const secrets = plan.secrets.filter(({ name }) => names.includes(name))
  const { rollout: _, ...alone } = plan
  return planDigest({ ...alone, nonce: NO_NONCE, targets: targets.map(unselected), secrets })
}

/** A read of the same executor, with nothing else to connect to and nothing left behind, on targets that are still as they were when the window was opened. */
export const isWithinWindow = (scope: BoundedScope, plan: Plan): boolean => {
  const known = new Set(scope.targets.map((target) => canonicalJson(target)))
  return (
    scope.kind === "reads" &&
    plan.access === "read" &&
    plan.executor === scope.executor &&
    plan.targets.length > 0 &&
    plan.hosts === undefined &&
    plan.recoverable === undefined &&
    plan.targets.every((target) => known.has(canonicalJson(unselected(target))))
  )
}

/** How a target was found, and in which order targets are taken, is not what a grant is about. */
const unselected = ({ selectedBy: _, ...target }: PinnedTarget): PinnedTarget => target
