// From an executor's draft to a plan: the pinned targets and secrets, the defaults, the nonce.
import { createHash } from "node:crypto"
import type { Executor, PlanDraft } from "./executor.ts"
import type { PinnedJump, PinnedSecret, PinnedTarget, Plan, PlanRunbook, Recoverable, Rollout } from "./plan.ts"
import { ASK_MS_DEFAULT, KEEP_MS_DEFAULT, OUTPUT_BYTES_DEFAULT, TIMEOUT_MS_DEFAULT } from "./plan-limits.ts"

/** What the gate adds to a draft. */
export interface Pins {
  readonly executor: Pick<Executor, "id" | "version">
  readonly targets: ReadonlyArray<PinnedTarget>
  readonly rollout?: Rollout | undefined
  readonly secrets: ReadonlyArray<PinnedSecret>
  readonly runbook?: PlanRunbook | undefined
  /** 128 random bits, in hex. */
  readonly nonce: string
}

/** The complete plan. Pure. */
export const pinPlan = (draft: PlanDraft, pins: Pins): Plan => ({
  v: 1,
  nonce: pins.nonce,
  executor: pins.executor.id,
  executorVersion: pins.executor.version,
  targets: pins.targets,
  ...(pins.rollout === undefined || Object.keys(pins.rollout).length === 0 ? {} : { rollout: pins.rollout }),
  command: draft.command,
  ...(draft.stdin === undefined ? {} : { stdinDigest: bytesDigest(draft.stdin) }),
  ...(draft.cwd === undefined ? {} : { cwd: draft.cwd }),
  env: draft.env ?? {},
  secretEnv: draft.secretEnv ?? {},
  secrets: pins.secrets,
  ...(draft.hosts === undefined || draft.hosts.length === 0 ? {} : { hosts: [...new Set(draft.hosts)].sort() }),
  ...(pins.runbook === undefined ? {} : { runbook: pins.runbook }),
  timeoutMs: draft.timeoutMs ?? TIMEOUT_MS_DEFAULT,
  outputBytesMax: draft.outputBytesMax ?? OUTPUT_BYTES_DEFAULT,
  ...(draft.recoverable === undefined ? {} : { recoverable: recoverableOf(draft.recoverable) }),
  access: draft.access ?? "unknown",
  sentence: draft.sentence
})

const recoverableOf = ({ askMs = ASK_MS_DEFAULT, keepMs }: NonNullable<PlanDraft["recoverable"]>): Recoverable => ({
  askMs,
  keepMs: keepMs ?? Math.max(askMs, KEEP_MS_DEFAULT)
})

/** Every secret that a run of the draft may read, each once, in order of name. */
export const secretNames = (draft: PlanDraft, targets: ReadonlyArray<PinnedTarget>): ReadonlyArray<string> => {
  const names = [
    ...targets.flatMap(({ jumps = [], ...target }) => [target, ...jumps].flatMap(hostSecrets)),
    ...Object.values(draft.secretEnv ?? {}),
    ...(draft.secrets ?? [])
  ]
  return [...new Set(names)].sort()
}

/** The secrets that sign in to a host. */
export const hostSecrets = ({ credential, passphrase }: PinnedJump): ReadonlyArray<string> =>
  passphrase === undefined ? [credential] : [credential, passphrase]

/** SHA-256 (hex) of bytes that a plan names without holding them. */
export const bytesDigest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
