// What a bounded grant allows: complete, so that people decide on exactly that.
import { createHash } from "node:crypto"
import { canonicalJson } from "@fluxcybers/core"
import { Schema } from "effect"
import { PinnedTarget, Plan } from "../plan.ts"

/**
 * `commands`: each of these plans on each of its targets, once. `repeats`: each of them again and again. `reads`: whatever only reads on these
 * targets.
 */
export const BoundedScope = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literals(["commands", "repeats", "reads"]),
  executor: Schema.String,
  /** Empty for `reads`. */
  plans: Schema.Array(Plan),
  targets: Schema.Array(PinnedTarget),
  /** Executions, at most. */
  usesMax: Schema.Int,
  expiresAt: Schema.String,
  /** As the audit log names the actor. */
  requester: Schema.String
})
export type BoundedScope = typeof BoundedScope.Type

/** SHA-256 (hex) of the scope's RFC 8785 JSON behind a prefix, without the plans' explaining sentences: what people decide on. */
export const boundedDigest = ({ plans, ...scope }: BoundedScope): string => {
  const covered = plans.map(({ sentence: _, ...plan }) => plan)
  return createHash("sha256")
    .update(`fluxcybers-bounded-grant-v1\n${canonicalJson({ ...scope, plans: covered })}`)
    .digest("hex")
}
