// Runs commands on other hosts over SSH.
import { type SecretDenied, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted, Schedule, Schema, type Scope } from "effect"
import { CommandResult, draftCommand, isCommandSuccess, RecoverableCommandInput } from "../command-input.ts"
import { defineExecutor } from "../define.ts"
import type { Executor, PlanDraft, RunContext } from "../executor.ts"
import { DownloadInput, draftDownload, draftUpload, UploadInput } from "../file-input.ts"
import { filled } from "../fill.ts"
import type { PinnedTarget, Plan } from "../plan.ts"
import { UPLOAD_BYTES_MAX } from "../plan-limits.ts"
import { type CredentialMalformed, RunError, type RunFailure, StartRefused, TargetUnreachable } from "../run-error.ts"
import { revealSecretEnv } from "../secret-env.ts"
import { connectAnew, revealWith } from "./connect-anew.ts"
import type { ChannelRefused } from "./connection.ts"
import { makePool, type Pool } from "./pool.ts"
import { sshRecovery } from "./recoverable-ssh-run.ts"
import { runRemote } from "./remote-run.ts"
import { BOOTSTRAP, DIRECT_BOOTSTRAP } from "./remote-shell.ts"
import { DEFAULT_SETTINGS, type SshSettings } from "./settings.ts"

const ID = "ssh"
const RETRIES_MAX = 3
const RETRY = Schedule.exponential("100 millis").pipe(Schedule.jittered)

/** A command, or a file that is put on the target or fetched from it. */
const SshInput = Schema.Union([RecoverableCommandInput, UploadInput, DownloadInput])
type SshInput = typeof SshInput.Type

const draftOf = (input: SshInput): PlanDraft => {
  if ("upload" in input) return draftUpload(input)
  return "download" in input ? draftDownload(input) : draftCommand(input)
}

/**
 * Runs an argument vector, or a script with `/bin/sh`, on a target, as the target's account. Connections are kept and shared; they belong
 * to the scope. The host key must be the pinned one, or certified by the pinned authority. The credential is a private key, with a
 * passphrase or without, and with a certificate or without; the fingerprint of a key in an ssh-agent (`ssh-agent:SHA256:…`); or a password. Over a
 * kept connection it is not read again.
 *
 * What arrives: every byte of arguments, script, environment and standard input, whatever the account's login shell. None of it stands in
 * a process list, other than what the command's own arguments show. Interrupting a run ends the command's process group: TERM, and KILL
 * after 5 seconds; a process that makes itself a session of its own is not ended. A run that could not be started for want of a
 * connection or a channel is tried again, at most 3 times; one that was started never is.
 *
 * A file that is put on a target is written beside its destination, its SHA-256 is checked there, and it is renamed over the old one, which
 * stays as it was when anything goes wrong. It belongs to the account, with the mode of the plan; links and folders are not replaced.
 *
 * Targets need a POSIX `/bin/sh`; `head -c` for scripts, long commands and files; for uploads also a program that computes SHA-256. Not supported: Windows, keys of
 * security keys.
 */
export const sshExecutor = Effect.fnUntraced(function* (
  options?: Partial<SshSettings>
): Effect.fn.Return<Executor, never, Scope.Scope> {
  const settings = { ...DEFAULT_SETTINGS, ...options }
  const pool = yield* makePool<SecretDenied | CredentialMalformed>(settings)
  return defineExecutor({
    id: ID,
    version: "1",
    summary: "Runs a command on a host over SSH.",
    needsTarget: true,
    input: SshInput,
    output: CommandResult,
    plan: draftOf,
    isSuccess: isCommandSuccess,
    run: (context) => runCommand(pool, context),
    recovery: sshRecovery(ID, (context, isUrgent) => openShell(pool, context, isUrgent)),
    check: ({ target }) => Effect.mapError(checkTarget(settings, target), runError)
  })
})

const runError = (reason: RunFailure) => new RunError({ executor: ID, reason })

const runCommand = Effect.fnUntraced(function* (pool: Pool<SecretDenied | CredentialMalformed>, context: RunContext) {
  const opened = yield* Effect.mapError(openForCommand(pool, context), runError)
  return yield* runRemote({ ...context, ...opened, runError })
})

const openForCommand = Effect.fnUntraced(function* (
  pool: Pool<SecretDenied | CredentialMalformed>,
  context: RunContext
) {
  const secretEnv = yield* revealSecretEnv(context.plan)
  const stdin = yield* contentFor(context)
  const { target, ...opened } = yield* openShell(pool, context)
  return { ...opened, secretEnv, stdin, targetName: target.name }
})

/** Standard input; of an upload with placeholders the content with the secrets in their place, which is overwritten when the run has ended. */
const contentFor = Effect.fnUntraced(function* ({ plan: { command }, stdin }: RunContext) {
  if (command._tag !== "Upload" || command.fill === undefined || stdin === undefined) return stdin
  const reader = yield* SecretReader
  const values = new Map<string, Uint8Array>()
  for (const [placeholder, secret] of Object.entries(command.fill)) {
    values.set(placeholder, Redacted.value(yield* reader.reveal(secret)))
  }
  const content = yield* Effect.acquireRelease(
    Effect.sync(() => filled(stdin, values)),
    (bytes) => Effect.sync(() => bytes.fill(0))
  )
  if (content.length > UPLOAD_BYTES_MAX) return yield* new StartRefused({ detail: TOO_LARGE })
  return content
})

const TOO_LARGE = `with its secrets filled in, the file has more than ${UPLOAD_BYTES_MAX} bytes.`

/** Everything that comes before the command; nothing of it has been sent yet, so that it may be tried again. */
const openShell = Effect.fnUntraced(function* (
  pool: Pool<SecretDenied | CredentialMalformed>,
  { plan, target: named }: Pick<RunContext, "plan" | "target">,
  isUrgent?: boolean
) {
  const target = yield* wantedTarget(named)
  const reader = yield* SecretReader
  const wanted = {
    target,
    versionOf: (secret: string) => versionOf(plan, secret),
    reveal: revealWith(reader, pool.settings)
  }
  const start = Effect.gen(function* () {
    const connection = yield* pool.get(wanted)
    const isDirect = connection.known.isDirectPossible && plan.command._tag === "Argv"
    const line = isUrgent === undefined && isDirect ? DIRECT_BOOTSTRAP : BOOTSTRAP
    return { connection, remote: yield* isUrgent === true ? connection.start(line) : connection.startRun(line) }
  })
  const started = yield* start.pipe(
    Effect.retry({
      while: (error) => error._tag === "ChannelRefused" && error.reason !== "refused",
      schedule: RETRY,
      times: RETRIES_MAX
    }),
    Effect.catchTag("ChannelRefused", (refused) => Effect.fail(startRefusal(target, refused)))
  )
  return { ...started, target }
})

const startRefusal = (target: PinnedTarget, { reason }: ChannelRefused) => {
  if (reason === "lost") return new TargetUnreachable({ target: target.name, code: "dropped" })
  const detail =
    reason === "busy"
      ? "the server opens no further session now (MaxSessions). Try again when less is running there."
      : "the server runs no commands for this account."
  return new StartRefused({ detail })
}

const versionOf = (plan: Plan, secret: string): number => plan.secrets.find(({ name }) => name === secret)?.version ?? 0

/** Signs in anew, so that it is the credential of today that is tested. */
const checkTarget = Effect.fnUntraced(function* (settings: SshSettings, wanted: PinnedTarget | undefined) {
  yield* Effect.scoped(connectAnew(yield* wantedTarget(wanted), settings))
})

const wantedTarget = (target: PinnedTarget | undefined): Effect.Effect<PinnedTarget, StartRefused> =>
  target === undefined ? Effect.fail(new StartRefused({ detail: "no target was named." })) : Effect.succeed(target)
