// A plan as bytes, and the digest that people approve. Format and vectors: docs/spec/plan.md.
import { createHash } from "node:crypto"
import { canonicalJson } from "@fluxcybers/core"
import { type Effect, Schema } from "effect"
import { Plan } from "./plan.ts"

/** Says what is hashed, so that no other document can be made to have the digest of a plan. */
const PREFIX = "fluxcybers-plan-v1\n"

/** The bytes that the digest covers: the prefix, then RFC 8785 JSON of the plan without its `sentence`. */
export const canonicalBytes = (plan: Plan): Uint8Array => {
  const { sentence: _, ...covered } = plan
  return new TextEncoder().encode(PREFIX + canonicalJson(covered))
}

/** SHA-256 (lower-case hex) of the canonical bytes. */
export const planDigest = (plan: Plan): string => createHash("sha256").update(canonicalBytes(plan)).digest("hex")

/** The plan as it is stored: RFC 8785 JSON, the `sentence` included. */
export const encodePlan = (plan: Plan): Uint8Array => new TextEncoder().encode(canonicalJson(plan))

/** Reads what `encodePlan` wrote. Another form, or a field too many, fails: it was not written by this release. */
export const decodePlan = (bytes: Uint8Array): Effect.Effect<Plan, Schema.SchemaError> =>
  decode(new TextDecoder().decode(bytes), { onExcessProperty: "error" })

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Plan))
