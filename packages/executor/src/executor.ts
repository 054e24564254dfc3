// What an executor is: a plugin that turns input into a plan, and runs plans. `run` gets the plan and never the input.
import type { RunId, SecretReader } from "@fluxcybers/core"
import type { Effect, Schema, Scope } from "effect"
import type { ExecutorNeeds } from "./needs.ts"
import type { PinnedTarget, Plan, Recoverable } from "./plan.ts"
import type { Recovery } from "./recovery.ts"
import type { RunError } from "./run-error.ts"

/** The parts of a plan that an executor decides; the gate adds the pinned targets, the secrets' versions and the defaults. */
export interface PlanDraft {
  readonly command: Plan["command"]
  /** `unknown` unless told: then the rules ask for what they ask for the worst. */
  readonly access?: Plan["access"]
  readonly sentence: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly secretEnv?: Readonly<Record<string, string>>
  /** Further secrets that the run reads, by name. */
  readonly secrets?: ReadonlyArray<string>
  /** Where the run connects to besides its targets: `api.example.com:443`, `[::1]:80`, `unix:/run/docker.sock`; nowhere unless told. */
  readonly hosts?: ReadonlyArray<string>
  /** Bytes for standard input, at most 1 MiB. */
  readonly stdin?: Uint8Array
  /** 10 minutes unless told; at most 24 hours. */
  readonly timeoutMs?: number
  /** 64 MiB unless told; at most 1 GiB. */
  readonly outputBytesMax?: number
  /** The run goes on without its connection and can be asked for; only where the executor has a `recovery`. */
  readonly recoverable?: Partial<Recoverable>
}

/** Where a piece of output belongs. `file`: it is of the file that a plan fetches, and no part of what the run says. */
export type OutputStream = "stdout" | "stderr" | "file"

/** What a run is given. */
export interface RunContext {
  readonly run: RunId
  readonly plan: Plan
  /** The target of this run; absent for an executor that needs none. */
  readonly target: PinnedTarget | undefined
  readonly stdin: Uint8Array | undefined
  /**
   * Hands over a piece of output and waits while the recording is behind. At the output limit it waits until the run is stopped. What is
   * `file` is kept as it is, not masked: only a plan that fetches one may hand it over.
   */
  readonly output: (stream: OutputStream, bytes: Uint8Array) => Effect.Effect<void>
}

/** Everything that a run may require: the secrets that its plan names, and a scope for what it must release. */
export type RunServices = SecretReader | Scope.Scope

/** What `defineExecutor` makes an executor of. */
export interface ExecutorSpec<In, InE, Out, OutE> {
  /** `acme.restart-unit`, or one word for ours: `ssh`, `local`, `http`. */
  readonly id: string
  /** What made a plan runs it: a plan that was approved under another version is refused. 1 to 64 printable characters without blanks. */
  readonly version: string
  /** The versions of this SDK that it was made for: `^0.1.0`. A host of another version does not load it. Plugins must say it. */
  readonly sdk?: string
  /** What it does, in a sentence. */
  readonly summary: string
  /** Does a plan of it name targets? */
  readonly needsTarget: boolean
  /** What its plans may name at most. Unless told: a plugin nothing, an executor inside the host anything. */
  readonly needs?: ExecutorNeeds
  /** A field that it does not know is an error. */
  readonly input: Schema.Codec<In, InE>
  /** What a run returns, in a form that JSON can hold. `exitCode` and `signal` are shown as such. */
  readonly output: Schema.Codec<Out, OutE>
  /** Pure: equal input, equal draft. Everything that the run needs of the input must be in the draft; it is what people approve. */
  readonly plan: (input: In) => PlanDraft
  /**
   * Interrupting it (time limit, cancel, output limit) must stop the work, also on the other side, within 15 seconds. Fails with a
   * `RunError` when it knows that nothing was started, or that nobody knows how it ended; a defect counts as the latter.
   */
  readonly run: (context: RunContext) => Effect.Effect<Out, RunError, RunServices>
  /** How it starts and finds again the runs of plans with `recoverable`; without it such plans are refused. `run` is not called for them. */
  readonly recovery?: Recovery<Out>
  /** Did that result mean success? Always, unless told. */
  readonly isSuccess?: (output: Out) => boolean
  /** Can the target be reached and signed in to? Changes nothing there. */
  readonly check?: (context: Pick<RunContext, "target">) => Effect.Effect<void, RunError, RunServices>
}

/** What a run returned, encoded, and whether that means success. */
export interface ExecutorResult {
  readonly isSuccess: boolean
  readonly output: unknown
}

/** An executor as the registry holds it, its input and output types erased. */
export interface Executor {
  readonly id: string
  readonly version: string
  readonly sdk?: string | undefined
  readonly needs?: ExecutorNeeds | undefined
  readonly summary: string
  readonly needsTarget: boolean
  readonly plan: (input: unknown) => Effect.Effect<PlanDraft, Schema.SchemaError>
  readonly run: (context: RunContext) => Effect.Effect<ExecutorResult, RunError, RunServices>
  readonly recovery?: Recovery<ExecutorResult> | undefined
  readonly check: ((context: Pick<RunContext, "target">) => Effect.Effect<void, RunError, RunServices>) | undefined
}
