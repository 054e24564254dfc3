// What a passkey is asked to sign for a decision.
import { type ExecutionId, statementChallenge } from "@fluxcybers/core"
import { approvalStatement, Gate } from "@fluxcybers/executor"
import { Effect } from "effect"
import { Caller } from "../api/authentication.ts"
import { ApprovalKeyRegister } from "../data/approval-keys.ts"
import { page } from "./approval-keys.ts"
import { asProblem, problem } from "./problem.ts"

/** Time to read what an authenticator asks. */
const PASSKEY_TIMEOUT_MS = 120_000

interface Asked {
  readonly id: ExecutionId
  readonly verdict: "approve" | "reject"
  /** Of what was shown. */
  readonly digest: string
}

/** The options for `navigator.credentials.get`. */
export const passkeyRequest = Effect.gen(function* () {
  const gate = yield* Gate
  const keys = yield* ApprovalKeyRegister
  return Effect.fn("executions.passkeyOptions")(function* ({ id, verdict, digest }: Asked) {
    const { organisation, actor } = yield* Caller
    const execution = yield* asProblem(gate.get(organisation, id))
    if (actor._tag !== "Person") return yield* problem(403, "decision-not-a-person", "Only a person can decide.")
    if (execution.digest !== digest) {
      return yield* problem(409, "decision-digest", "The digest is not that of this execution. Look at it again.")
    }
    const { person } = actor
    const statement = approvalStatement({ organisation, person, verdict, execution })
    const credentials = yield* keys.credentials({ organisation, person })
    return {
      challenge: statementChallenge(statement).toString("base64url"),
      rpId: (yield* page).rpId,
      allowCredentials: credentials.map((credential) => ({ id: credential, type: "public-key" as const })),
      userVerification: "required" as const,
      timeout: PASSKEY_TIMEOUT_MS
    }
  })
})
