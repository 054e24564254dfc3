// Recoverable runs over SSH: start once, follow from any byte on, stop, clear away. Whatever is known of a run stands on its target.
import { Effect, Redacted } from "effect"
import type { CommandResult } from "../command-input.ts"
import type { RunContext, RunServices } from "../executor.ts"
import { forward } from "../output-source.ts"
import type { PinnedTarget } from "../plan.ts"
import type { FollowContext, Recovered, Recovery, StreamOffsets } from "../recovery.ts"
import { RunError, type RunFailure, StartRefused, StopUnconfirmed } from "../run-error.ts"
import { revealSecretEnv } from "../secret-env.ts"
import type { RemoteProcess } from "./remote-process.ts"
import {
  cancelVisit,
  fenceVisit,
  followVisit,
  releaseVisit,
  type SpoolAnswer,
  type SpoolVisit,
  startVisit
} from "./spool-program.ts"
import { type Answered, lost, readAnswer, sendProgram, visitNonce } from "./spool-visit.ts"

/** Opens a shell on the other side that waits for its program; nothing of the plan has been sent to it. */
export type OpenShell = (
  context: Pick<RunContext, "plan" | "target">,
  /** Before others that wait for a channel. */
  isUrgent: boolean
) => Effect.Effect<{ readonly remote: RemoteProcess; readonly target: PinnedTarget }, RunFailure, RunServices>

/** The recovery of an executor that opens shells in this way. */
export const sshRecovery = (executor: string, open: OpenShell): Recovery<CommandResult> => {
  const asRunError = Effect.mapError((reason: RunFailure) => new RunError({ executor, reason }))
  return {
    follow: (context) => asRunError(context.isNew ? start(open, context) : follow(open, context, context.from)),
    stop: (context, why) =>
      asRunError(
        Effect.flatMap(
          ask(open, context, (visit) => cancelVisit(visit, why)),
          ({ answer, target }) => {
            const end = recovered(answer)
            return end === undefined ? Effect.fail(new StopUnconfirmed({ target: target.name })) : Effect.succeed(end)
          }
        )
      ),
    release: (context) => asRunError(Effect.asVoid(ask(open, context, releaseVisit)))
  }
}

type Asked = Omit<RunContext, "output">

/** A visit that says one thing. */
const ask = Effect.fnUntraced(function* (open: OpenShell, context: Asked, program: (visit: SpoolVisit) => string) {
  const { remote, target } = yield* open(context, true)
  const nonce = visitNonce()
  sendProgram(remote, program({ run: context.run, nonce }), nonce)
  remote.endInput()
  return { ...(yield* readAnswer(remote, { nonce, target: target.name })), target }
}, Effect.scoped)

const start = Effect.fnUntraced(function* (open: OpenShell, context: FollowContext) {
  const { read, target } = yield* begin(open, context)
  // From here on no failure means that nothing was started.
  return yield* Effect.mapError(follow(open, context, read), () => lost(target.name))
})

/** From the first byte that is sent on, it may have been started. How far the output was read. */
const begin = Effect.fnUntraced(function* (open: OpenShell, context: FollowContext) {
  const { plan, stdin, run } = context
  const secretEnv = yield* revealSecretEnv(plan)
  const { remote, target } = yield* open(context, false)
  const secrets = secretEnv.map(([name, value]) => [name, Redacted.value(value)] as const)
  const nonce = visitNonce()
  const program = startVisit({
    run,
    nonce,
    plan: { ...plan, recoverable: plan.recoverable! },
    env: [...Object.entries(plan.env), ...secrets],
    stdinBytes: stdin?.length ?? 0
  })
  sendProgram(remote, program, nonce)
  const answered = yield* Effect.catchTag(startAnswer({ remote, nonce, target, stdin }), "TargetUnreachable", () =>
    Effect.fail(lost(target.name))
  )
  if (answered.answer._tag === "refused") return yield* new StartRefused({ detail: refusal(answered.answer.what) })
  return { read: yield* handOver({ remote, target, context, answered, from: NOTHING }), target }
}, Effect.scoped)

const NOTHING: StreamOffsets = { stdout: 0, stderr: 0 }

interface Starting {
  readonly remote: RemoteProcess
  readonly nonce: string
  readonly target: PinnedTarget
  readonly stdin: Uint8Array | undefined
}

/** Gives it its standard input when it asks for it. */
const startAnswer = Effect.fnUntraced(function* ({ remote, nonce, target, stdin }: Starting) {
  const heard = { nonce, target: target.name }
  const answered = yield* readAnswer(remote, heard)
  if (answered.answer._tag === "send") remote.write(stdin!)
  remote.endInput()
  return answered.answer._tag === "send" ? yield* readAnswer(remote, { ...heard, before: answered.rest }) : answered
})

const refusal = (what: string): string => {
  const tool = /^no-tool (.+)$/.exec(what)?.[1]
  if (tool !== undefined) {
    return `the target has no ${tool}, which a recoverable run needs there. Install it, or propose the command without recovery.`
  }
  return REFUSALS[what] ?? "the target refused it without a reason that is known."
}

const REFUSALS: Readonly<Record<string, string>> = {
  "no-folder": "the working directory does not exist on the target, or may not be entered.",
  "no-program": "there is no such program on the target, or it may not be executed.",
  "no-spool":
    "the account cannot write to .fluxcybers/runs in its home, where a recoverable run keeps its output. Make that possible, or propose the command without recovery.",
  cut: "its standard input did not arrive whole.",
  twice: "the target has already been asked to start this run, and starts none twice."
}

/** Up to its end, from there on; a run that never started is made sure never to. */
const follow = Effect.fnUntraced(function* (
  open: OpenShell,
  context: FollowContext,
  from: StreamOffsets
): Effect.fn.Return<Recovered<CommandResult>, RunFailure, RunServices> {
  let read = from
  for (let starting = 0; ; ) {
    const seen = yield* look(open, context, read)
    const { answer } = seen
    if (answer._tag === "refused" || answer._tag === "send") {
      return yield* new StartRefused({ detail: "the target gave an answer that does not fit." })
    }
    if (answer._tag === "fenced") return { _tag: "NeverStarted" }
    if ("sizes" in answer && seen.read.stdout >= answer.sizes.stdout && seen.read.stderr >= answer.sizes.stderr) {
      return recovered(answer)!
    }
    const isStill = seen.read.stdout === read.stdout && seen.read.stderr === read.stderr
    read = seen.read
    if (answer._tag === "absent" || (answer._tag === "starting" && starting++ >= STARTING_LOOKS_MAX)) {
      yield* fence(open, context)
    } else if (isStill) yield* Effect.sleep(LOOK_AGAIN_MS)
  }
})

/** A target that is busy takes a moment from the folder to the process: three seconds of looking. */
const STARTING_LOOKS_MAX = 15
const LOOK_AGAIN_MS = 200

const fence = Effect.fnUntraced(function* (open: OpenShell, context: Asked) {
  const { answer } = yield* ask(open, context, fenceVisit)
  // Where even a folder cannot be made, nobody can be sure that a late start will not succeed.
  if (answer._tag === "absent") return yield* new StartRefused({ detail: REFUSALS["no-spool"]! })
})

/** One visit that takes what there is, and what comes. */
const look = Effect.fnUntraced(function* (open: OpenShell, context: FollowContext, from: StreamOffsets) {
  const { remote, target } = yield* open(context, false)
  const nonce = visitNonce()
  sendProgram(remote, followVisit({ run: context.run, nonce }, from), nonce)
  remote.endInput()
  const answered = yield* readAnswer(remote, { nonce, target: target.name })
  return { answer: answered.answer, read: yield* handOver({ remote, target, context, answered, from }) }
}, Effect.scoped)

interface HandOver {
  readonly remote: RemoteProcess
  readonly target: PinnedTarget
  readonly context: FollowContext
  readonly answered: Answered
  readonly from: StreamOffsets
}

/** Up to the end of the visit; of a run that has ended not more than it had written by then. How far the output was read. */
const handOver = Effect.fnUntraced(function* ({ remote, target, context, answered, from }: HandOver) {
  const read = { ...from }
  const give = (stream: keyof StreamOffsets) => (bytes: Uint8Array) =>
    Effect.suspend(() => {
      const room = "sizes" in answered.answer ? answered.answer.sizes[stream] - read[stream] : bytes.length
      const kept = bytes.subarray(0, Math.max(0, room))
      read[stream] += kept.length
      return kept.length === 0 ? Effect.void : context.output(stream, kept)
    })
  remote.lingerAfterExit()
  yield* give("stdout")(answered.rest)
  const [result] = yield* Effect.all(
    [
      Effect.promise(() => remote.ended),
      forward(remote.stdout, give("stdout")),
      forward(remote.stderr, give("stderr"))
    ],
    { concurrency: "unbounded" }
  )
  return yield* result === undefined ? lost(target.name) : Effect.succeed<StreamOffsets>(read)
})

/** What an answer says about the end; `undefined` while there is none. */
const recovered = (answer: SpoolAnswer): Recovered<CommandResult> | undefined => {
  if (answer._tag === "fenced") return { _tag: "NeverStarted" }
  if (answer._tag === "lost") return { _tag: "Lost" }
  if (answer._tag !== "ended") return undefined
  const { exitCode, why } = answer
  return { _tag: "Ended", result: { exitCode }, ...(why === undefined ? {} : { why }) }
}
