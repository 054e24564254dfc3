// `approve`, `reject`, `cancel`: deciding on an execution that somebody proposed.
import type { ExecutionId } from "@fluxcybers/core"
import type { Execution } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type CallApi, connect } from "./api.ts"
import { decide, viewed } from "./decide.ts"
import { messageToSign, signatureFlags, signatureFor } from "./decision-signature.ts"
import { executionView, type Viewed } from "./execution-view.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { answer, writeError, writeOut } from "./output.ts"
import { executionArgument, yesFlag } from "./parameters.ts"
import { peopleNames } from "./people.ts"
import { confirm, requireTerminal } from "./questions.ts"
import { approvalsMissing } from "./requirement-view.ts"

const reasonFlag = Flag.String("reason").pipe(
  Flag.withMetavar("WHY"),
  Flag.withDescription("Why; the others can read it")
)

export const approve = Command.make(
  "approve",
  {
    id: executionArgument,
    yes: yesFlag("Do not ask; needs --digest, so that nobody approves what they have not seen"),
    digest: Flag.String("digest").pipe(
      Flag.withMetavar("SHA256"),
      Flag.withDescription("Approve only if the plan still has this digest"),
      Flag.optional
    ),
    reason: reasonFlag.pipe(Flag.optional),
    ...signatureFlags
  },
  Effect.fnUntraced(function* ({ id, yes, digest, reason, printMessage, ...signing }) {
    if (printMessage) return yield* printStatement(id)
    if (yes && Option.isNone(digest)) return yield* blind(id)
    if (!yes) yield* requireTerminal("An approval", `In a script: fluxcybers approve ${id} --yes --digest SHA256`)
    const api = yield* connect
    const shown = yield* viewed(api, id)
    const { execution } = shown
    if (Option.isSome(digest) && digest.value !== execution.digest) {
      return yield* otherDigest(id, digest.value, execution.digest)
    }
    if (!yes && !(yield* isApproved(api, shown))) return yield* notApproved(id)
    const signature = yield* signatureFor(signing, messageToSign(api, execution))
    const given = { verdict: "approve", reason: Option.getOrUndefined(reason), signature } as const
    const decided = yield* decide({ api, execution, ...given })
    yield* answer(decided, () => approvedText(decided))
  })
).pipe(
  Command.withDescription("Show exactly what would run, and approve it"),
  Command.withExamples([
    { command: "fluxcybers approve exec_01…", description: "Shows it, then asks" },
    {
      command: "fluxcybers approve exec_01… --yes --digest 9f86d081884c7d65…",
      description: "In a script that knows the digest of what it wants to approve"
    },
    { command: "fluxcybers approve exec_01… --sign-with ~/.ssh/id_ed25519", description: "Signed, for the log" }
  ])
)

/** What was shown elsewhere is checked here too: the message is that of the plan that the server shows now. */
const printStatement = Effect.fnUntraced(function* (id: ExecutionId) {
  const api = yield* connect
  const { execution } = yield* viewed(api, id)
  yield* writeOut(yield* messageToSign(api, execution))
})

export const reject = Command.make(
  "reject",
  { id: executionArgument, reason: reasonFlag },
  Effect.fnUntraced(function* ({ id, reason }) {
    const api = yield* connect
    const { execution } = yield* viewed(api, id)
    const decided = yield* decide({ api, execution, verdict: "reject", reason })
    yield* answer(decided, () => `Rejected ${id}. It will not run.\n`)
  })
).pipe(
  Command.withDescription("Reject an execution; one rejection is enough"),
  Command.withExamples([{ command: "fluxcybers reject exec_01… --reason 'not on a Friday'" }])
)

export const cancel = Command.make(
  "cancel",
  { id: executionArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    const execution = yield* api((client) => client.executions.cancel({ params: { id } }))
    yield* answer(execution, () =>
      execution.state === "withdrawn"
        ? `Took ${id} back. Nothing ran.\n`
        : `Asked ${id} to stop (${execution.state}).\nSee how it ends: fluxcybers executions show ${id}\n`
    )
  })
).pipe(
  Command.withDescription("Take back what has not started, or stop what runs"),
  Command.withExamples([{ command: "fluxcybers cancel exec_01…" }])
)

/** What is decided on is shown where the question is asked, also when standard output goes elsewhere. */
const isApproved = Effect.fnUntraced(function* (api: CallApi, shown: Viewed) {
  const names = yield* peopleNames(api)
  yield* writeError(`${executionView(shown, { names, columns: process.stderr.columns })}\n`)
  return yield* confirm("Approve exactly this?")
})

const approvedText = (execution: Execution): string => {
  const missing = approvalsMissing(execution)
  if (execution.state === "pending")
    return `Approved. ${missing} more ${missing === 1 ? "approval is" : "approvals are"} needed.\n`
  return `Approved. It runs now.\nWatch it: fluxcybers executions replay ${execution.id}\n`
}

const blind = (id: string) =>
  usageFailure(
    "--yes needs --digest: an approval is for exactly one plan, and somebody must have seen it. Nothing was decided.\n" +
      `Its digest and all the rest: fluxcybers executions show ${id}`
  )

const otherDigest = (id: ExecutionId, asked: string, shown: string) =>
  new CliFailure({
    exit: "plan-changed",
    code: "digest-differs",
    title: "Not that plan",
    detail: `${id} has the digest ${shown}, not ${asked}. Nothing was decided.\nLook at it: fluxcybers executions show ${id}`
  })

const notApproved = (id: ExecutionId) =>
  new CliFailure({
    exit: "failure",
    code: "not-approved",
    title: "Not approved",
    detail: `You did not approve it. Nothing was decided; it still waits.\nTo reject it: fluxcybers reject ${id} --reason WHY`
  })
