// Granting: everybody who must agree has. The grant can be used once, until it expires.
import { AuditLog, SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import { instant } from "../instant.ts"
import { randomNonce } from "../nonce.ts"
import type { Header } from "../store/execution-reads.ts"
import { moveExecution } from "../store/execution-writes.ts"
import { type GateSettings, startWithinMs } from "./settings.ts"

const GATE = new SystemActor({ component: "gate" })

/** Call it inside the transaction that brought the last agreement. False when the execution was no longer pending. */
export const grantExecution = Effect.fnUntraced(function* (
  execution: Pick<Header, "id" | "organisation" | "digest" | "requirement" | "rule_set">,
  settings: Pick<GateSettings, "startWithinMs">
) {
  const { id, organisation, digest, requirement } = execution
  const changes = { grant_nonce: yield* randomNonce, expires_at: yield* instant(startWithinMs(requirement, settings)) }
  const isGranted = yield* moveExecution({ id, from: "pending", to: "granted", changes })
  if (!isGranted) return false
  yield* (yield* AuditLog).record({
    organisation,
    actor: GATE,
    action: "execution.granted",
    object: id,
    outcome: "success",
    facts: {
      digest,
      rule: requirement.rule,
      ruleSet: execution.rule_set ?? "",
      nonce: changes.grant_nonce,
      expiresAt: changes.expires_at
    }
  })
  return true
})
