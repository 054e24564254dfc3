import { readFileSync } from "node:fs"
import { it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { describe, expect } from "vitest"
import { brokenLimit, canonicalBytes, decodePlan, encodePlan, Plan, planDigest } from "../src/index.ts"

const vectors = Schema.decodeUnknownSync(
  Schema.Struct({
    prefix: Schema.String,
    plans: Schema.Array(
      Schema.Struct({ name: Schema.String, plan: Plan, canonical: Schema.String, digest: Schema.String })
    ),
    beyondLimits: Schema.Array(Schema.Struct({ name: Schema.String, plan: Plan })),
    malformed: Schema.Array(Schema.Struct({ name: Schema.String, plan: Schema.Unknown }))
  })
)(JSON.parse(readFileSync(new URL("../../../docs/spec/vectors/plan.json", import.meta.url), "utf8")))

describe("MUST have the canonical bytes and the digest of the specification:", () => {
  it.each(vectors.plans)("$name", ({ plan, canonical, digest }) => {
    expect(Buffer.from(canonicalBytes(plan)).toString()).toBe(vectors.prefix + canonical)
    expect(planDigest(plan)).toBe(digest)
    expect(brokenLimit(plan)).toBeUndefined()
  })
})

describe("MUST be refused as beyond the limits:", () => {
  it.each(vectors.beyondLimits)("$name", ({ plan }) => {
    expect(brokenLimit(plan)).toMatch(/\.$/)
  })
})

describe("MUST NOT be read as a plan:", () => {
  it.effect.each(vectors.malformed)("%s", ({ plan }) =>
    Effect.map(Effect.flip(decodePlan(new TextEncoder().encode(JSON.stringify(plan)))), (error) =>
      expect(error._tag).toBe("SchemaError")
    )
  )
})

describe("a stored plan", () => {
  it.effect.each(vectors.plans)("is read as it was written: %s", ({ plan }) =>
    Effect.map(decodePlan(encodePlan(plan)), (read) => expect(read).toEqual(plan))
  )

  it("has another digest after any change but that of its sentence", () => {
    const { plan, digest } = vectors.plans[1]!
    const changes: ReadonlyArray<Partial<Plan>> = [
      { executor: "local" },
      { executorVersion: "3" },
      { targets: plan.targets.slice(1) },
      { targets: plan.targets.map((target) => ({ ...target, account: "root" })) },
      { targets: plan.targets.map((target) => ({ ...target, selectedBy: "tag:web" })) },
      { rollout: { canary: 1 } },
      { rollout: { canary: 2 } },
      { rollout: { stopAfter: 1 } },
      { command: { _tag: "Argv", argv: ["true"] } },
      { stdinDigest: "0".repeat(64) },
      { cwd: "/srv" },
      { env: {} },
      { secretEnv: {} },
      { secrets: plan.secrets.map((secret) => ({ ...secret, version: secret.version + 1 })) },
      { timeoutMs: 1 },
      { outputBytesMax: 1 },
      { access: "read" },
      { nonce: "0".repeat(32) }
    ]
    const digests = changes.map((change) => planDigest({ ...plan, ...change }))
    expect(new Set([digest, ...digests]).size).toBe(changes.length + 1)
    expect(planDigest({ ...plan, sentence: "Something else." })).toBe(digest)
  })
})
