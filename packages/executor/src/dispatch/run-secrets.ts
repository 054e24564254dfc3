// The secrets of one run: those that its plan names, in the versions that were approved. Each value is hidden from the recording before
// the executor gets it.
import { SecretDenied, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import { SecretSource } from "../ports.ts"
import type { Recorder } from "../transcript/recorder.ts"
import { DISPATCHER, type Held } from "./claim.ts"

export const runSecrets = Effect.fnUntraced(function* ({ header, plan }: Held, recorder: Recorder) {
  const source = yield* SecretSource
  return SecretReader.of({
    reveal: Effect.fn("SecretReader.reveal")(function* (name: string) {
      const pinned = plan.secrets.find((secret) => secret.name === name)
      if (pinned === undefined) return yield* new SecretDenied({ secret: name, reason: "not-in-plan" })
      const value = yield* source.reveal({
        organisation: header.organisation,
        actor: DISPATCHER,
        name,
        version: pinned.version,
        purpose: `execution ${header.id}`
      })
      recorder.hide(Redacted.value(value))
      return value
    })
  })
})
