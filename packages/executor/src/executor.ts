// What an executor is: a plugin that turns input into a plan, and runs plans. `run` gets the plan and never the input.
import type { RunId, SecretReader } from "@fluxcybers/core"
import type { Effect, Schema, Scope } from "effect"
import type { PinnedTarget, Plan } from "./plan.ts"
import type { RunError } from "./run-error.ts"

/** The parts of a plan that an executor decides; the gate adds the pinned targets, the secrets' versions and the defaults. */
export interface PlanDraft {
  readonly command: Plan["command"]
  readonly access: Plan["access"]
  readonly sentence: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly secretEnv?: Readonly<Record<string, string>>
  /** Further secrets that the run reads, by name. */
  readonly secrets?: ReadonlyArray<string>
  /** Bytes for standard input, at most 1 MiB. */
  readonly stdin?: Uint8Array
  /** 10 minutes unless told; at most 24 hours. */
  readonly timeoutMs?: number
  /** 64 MiB unless told; at most 1 GiB. */
  readonly outputBytesMax?: number
}

/** What a run is given. */
export interface RunContext {
  readonly run: RunId
  readonly plan: Plan
  /** The target of this run; absent for an executor that needs none. */
  readonly target: PinnedTarget | undefined
  readonly stdin: Uint8Array | undefined
  /** Hands over a piece of output and waits while the recording is behind. At the output limit it waits until the run is stopped. */
  readonly output: (stream: "stdout" | "stderr", bytes: Uint8Array) => Effect.Effect<void>
}

/** Everything that a run may require: the secrets that its plan names, and a scope for what it must release. */
export type RunServices = SecretReader | Scope.Scope

/** What `defineExecutor` makes an executor of. */
export interface ExecutorSpec<In, InE, Out, OutE> {
  /** `acme.restart-unit`, or one word for ours: `ssh`, `local`, `http`. */
  readonly id: string
  readonly version: string
  readonly summary: string
  /** Does a plan of it name targets? */
  readonly needsTarget: boolean
  readonly input: Schema.Codec<In, InE>
  readonly output: Schema.Codec<Out, OutE>
  /** Pure: equal input, equal draft. */
  readonly plan: (input: In) => PlanDraft
  /** Interrupting it (timeout, cancel) must stop the work, also on the other side. */
  readonly run: (context: RunContext) => Effect.Effect<Out, RunError, RunServices>
  /** Did that result mean success? Always, unless told. */
  readonly isSuccess?: (output: Out) => boolean
  /** Can the target be reached and signed in to? Changes nothing there. */
  readonly check?: (context: Pick<RunContext, "target">) => Effect.Effect<void, RunError, RunServices>
}

/** An executor as the registry holds it, its input and output types erased. */
export interface Executor {
  readonly id: string
  readonly version: string
  readonly summary: string
  readonly needsTarget: boolean
  readonly plan: (input: unknown) => Effect.Effect<PlanDraft, Schema.SchemaError>
  readonly run: (
    context: RunContext
  ) => Effect.Effect<{ readonly isSuccess: boolean; readonly output: unknown }, RunError, RunServices>
  readonly check: ((context: Pick<RunContext, "target">) => Effect.Effect<void, RunError, RunServices>) | undefined
}
