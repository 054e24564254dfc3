// Verifying the log for a caller, in one answer or as messages that say how far it is. One at a time; each is in the log.
import { type AuditLog, closeBy, type OpenAction, type VerificationProgress } from "@fluxcybers/core"
import { Duration, Effect, Schema } from "effect"
import { LogVerificationMessage } from "../api/audit.ts"
import { Caller, type CallerIdentity } from "../api/authentication.ts"
import { oneAtATime, workMessages } from "./long-work.ts"
import { eventStream } from "./sse.ts"
import { Stopping } from "./stopping.ts"

/** What is verified, as entries name it. */
const LOG = "audit-log"

export const verificationHandlers = Effect.fnUntraced(function* (log: AuditLog["Service"]) {
  const stopping = yield* Stopping
  const alone = yield* oneAtATime
  return {
    verify: Effect.fn("audit.verify")(function* () {
      return yield* alone(verified(log, yield* Caller, () => {}))
    }),
    verification: Effect.fn("audit.verification")(function* () {
      const caller = yield* Caller
      const messages = workMessages<typeof LogVerificationMessage.Type, never>(
        (tell) =>
          Effect.map(alone(verified(log, caller, (progress) => tell({ _tag: "Progress", ...progress }))), (report) => ({
            _tag: "Report",
            report
          })),
        verificationMessage
      )
      return eventStream({ messages, failed: verificationMessage, until: stopping.begun })
    })
  }
})

const encodeVerification = Schema.encodeEffect(Schema.fromJsonString(LogVerificationMessage))
const verificationMessage = (content: typeof LogVerificationMessage.Type) =>
  Effect.map(Effect.orDie(encodeVerification(content)), (data) => ({ data }))

const verified = Effect.fnUntraced(function* (
  log: AuditLog["Service"],
  { organisation, actor }: Pick<CallerIdentity, "organisation" | "actor">,
  onProgress: (progress: VerificationProgress) => void
) {
  const action = yield* log.begin({ organisation, actor, action: "audit-log.verified", object: LOG })
  const found = Effect.andThen(covered(log, action), log.verification(onProgress))
  return yield* Effect.onExit(found, (exit) =>
    closeBy(action, exit, ({ size, problems, problemsOmitted }) => ({
      entries: size,
      problems: problems.length + problemsOmitted
    }))
  )
})

/** So that the report does not count its own beginning among what waits; a log that is damaged never comes so far. */
const covered = (log: AuditLog["Service"], { intent }: OpenAction) =>
  Effect.timeoutOption(Effect.exit(log.awaitCheckpoint(intent)), Duration.seconds(1))
