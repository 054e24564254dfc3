// What is said to the shell on the other side about a recoverable run. Pure: text in, text out.
import type { Plan } from "../plan.ts"
import { quoteWord } from "../shell-quote.ts"
import { SPOOL_LIBRARY, SPOOL_VISITS, SUPERVISOR } from "./spool-library.ts"

/** Every visit names the run, and marks its answer with something that nobody can guess. */
export interface SpoolVisit {
  readonly run: string
  readonly nonce: string
}

/** How far each stream has been read. */
export interface Offsets {
  readonly stdout: number
  readonly stderr: number
}

/** Why a run is stopped, in the words that stand on the target. */
export type SpoolReason = "cancelled" | "timed-out" | "output-limit" | "not-recorded"

export interface SpoolStart extends SpoolVisit {
  readonly plan: Pick<Plan, "command" | "cwd" | "timeoutMs" | "outputBytesMax"> & {
    readonly recoverable: NonNullable<Plan["recoverable"]>
  }
  /** Plain and secret variables together. */
  readonly env: ReadonlyArray<readonly [name: string, value: string]>
  readonly stdinBytes: number
}

/** Starts the run, at most once, and follows it. Where there is standard input, the answer `send` asks for it. */
export const startVisit = (start: SpoolStart): string => {
  const { plan, stdinBytes } = start
  const limits = [seconds(plan.timeoutMs), plan.outputBytesMax, seconds(plan.recoverable.keepMs)]
  return [
    visitHead(start),
    `fx_prepare=${quoteWord(preparation(start))}`,
    `fx_run=${quoteWord(running(plan.command))}`,
    `fx_supervisor=${quoteWord(SPOOL_LIBRARY + SUPERVISOR)}`,
    `fx_start ${limits.join(" ")} ${stdinBytes}`
  ].join("\n")
}

/** Follows the run from here on, to its end. */
export const followVisit = (visit: SpoolVisit, { stdout, stderr }: Offsets): string =>
  `${visitHead(visit)}\nfx_follow ${stdout} ${stderr}`

/** Makes sure that it never starts, unless it already has. */
export const fenceVisit = (visit: SpoolVisit): string => `${visitHead(visit)}\nfx_fence`

/** Ends its process group, and fences it where it has not started. */
export const cancelVisit = (visit: SpoolVisit, why: SpoolReason): string => `${visitHead(visit)}\nfx_cancel ${why}`

/** Removes what the target still holds of a run that has ended. */
export const releaseVisit = (visit: SpoolVisit): string => `${visitHead(visit)}\nfx_release`

const seconds = (ms: number): number => Math.ceil(ms / 1_000)

const visitHead = ({ run, nonce }: SpoolVisit): string =>
  [`fx_n=${nonce}`, 'fx_r="$HOME/.fluxcybers/runs"', `d="$fx_r/"${quoteWord(run)}`, SPOOL_LIBRARY, SPOOL_VISITS].join(
    "\n"
  )

/** Ends the shell with 91 or 92 where there is no such folder or program. */
const preparation = ({ plan, env }: SpoolStart): string =>
  [
    ...(plan.cwd === undefined ? [] : [`cd -- ${quoteWord(plan.cwd)} >/dev/null 2>&1 || exit 91`]),
    ...env.map(([name, value]) => `export ${name}=${quoteWord(value)}`),
    ...(plan.command._tag === "Argv"
      ? [`command -v ${quoteWord(plan.command.argv[0])} >/dev/null 2>&1 || exit 92`]
      : []),
    ":"
  ].join("; ")

const running = (command: Plan["command"]): string => {
  if (command._tag === "Argv") return `exec ${command.argv.map(quoteWord).join(" ")}`
  if (command._tag === "Script") return `eval ${quoteWord(command.script)}`
  // The limits of plans let none of these come here.
  throw new Error("a file is not moved by a recoverable run")
}

/** What a target says of a run. `lost`: its supervisor is gone without a word of how it ended. */
export type SpoolAnswer =
  | { readonly _tag: "absent" | "starting" | "running" | "fenced" | "send" }
  | ({ readonly _tag: "ended"; readonly exitCode: number; readonly why?: SpoolReason } & { readonly sizes: Offsets })
  | { readonly _tag: "lost"; readonly sizes: Offsets }
  | { readonly _tag: "refused"; readonly what: string }

const PLAIN = ["absent", "starting", "running", "fenced", "send"] as const
const REASONS: ReadonlyArray<string> = [
  "cancelled",
  "timed-out",
  "output-limit",
  "not-recorded"
] satisfies ReadonlyArray<SpoolReason>

/** Reads what stands behind the nonce; `undefined` for what no visit of ours says. */
export const spoolAnswer = (text: string): SpoolAnswer | undefined => {
  const plain = PLAIN.find((word) => word === text)
  if (plain !== undefined) return { _tag: plain }
  const [, exitCode, endOut, endErr, why] = /^ended (\d+) (\d+) (\d+) (\S+)$/.exec(text) ?? []
  if (exitCode !== undefined) {
    const sizes = { stdout: Number(endOut), stderr: Number(endErr) }
    return {
      _tag: "ended",
      exitCode: Number(exitCode),
      sizes,
      ...(REASONS.includes(why!) ? { why: why as SpoolReason } : {})
    }
  }
  const [, lostOut, lostErr] = /^lost (\d+) (\d+)$/.exec(text) ?? []
  if (lostOut !== undefined) return { _tag: "lost", sizes: { stdout: Number(lostOut), stderr: Number(lostErr) } }
  const [, what] = /^refused (.+)$/.exec(text) ?? []
  return what === undefined ? undefined : { _tag: "refused", what }
}
