// The file that names the witnesses of the audit log.
import { readFileSync } from "node:fs"
import { parseWitnessPolicy } from "@fluxcybers/core"
import { Effect, Schema } from "effect"

/** The policy file cannot be used. Nothing was started. */
export class WitnessPolicyError extends Schema.TaggedError<WitnessPolicyError>()("WitnessPolicyError", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message() {
    return `The witness policy ${this.path} cannot be used: ${this.problem} Nothing was started.`
  }
}

export const readWitnessPolicy = Effect.fn("readWitnessPolicy")(function* (path: string) {
  const text = yield* Effect.try({
    // The format is one of octets: each stands for itself.
    try: () => readFileSync(path, "latin1"),
    catch: (cause) => new WitnessPolicyError({ path, problem: cause instanceof Error ? cause.message : String(cause) })
  })
  return yield* Effect.mapError(
    Effect.fromResult(parseWitnessPolicy(text)),
    ({ message }) => new WitnessPolicyError({ path, problem: message })
  )
})
