// What the conformance cases need to know about an executor to try it.
import type { Effect, Scope } from "effect"
import type { Executor } from "../executor.ts"
import type { PinnedTarget } from "../plan.ts"

/** An executor and the inputs that the suite tries it with. */
export interface ExecutorSubject {
  /** Makes the executor; what it keeps is released after each case. */
  readonly make: Effect.Effect<Executor, unknown, Scope.Scope>
  /** The target of every run, asked for when a case begins. */
  readonly target?: () => PinnedTarget
  /** Values of secrets by name, asked for when a case begins. */
  readonly secrets?: () => Readonly<Record<string, string>>
  /** Inputs that are run, and succeed within seconds. At least one; with two, it is tested that a run knows its plan only. */
  readonly valid: ReadonlyArray<unknown>
  /** Inputs that are refused. At least one. */
  readonly invalid: ReadonlyArray<unknown>
  /** Inputs whose run fails: no such program, an address where nobody listens. */
  readonly failing?: ReadonlyArray<unknown>
  /** An input whose run prints the secret of the given name, if the executor can be made to do that. */
  readonly printing?: (secret: string) => unknown
  /** An input that runs for more than a minute with a time limit of 1 s, if there is one. */
  readonly endless?: unknown
  /** An input that prints more than its limit of output, if there is one. */
  readonly flooding?: unknown
  /** What of earlier runs still goes on, as text for the report; nothing after a run was stopped. */
  readonly leftovers?: () => Promise<ReadonlyArray<string>>
}

/** One thing that is tested. Rejects with an AssertionError when it does not hold. */
export interface ExecutorCase {
  /** Begins with MUST or MUST NOT. */
  readonly name: string
  readonly run: () => Promise<void>
}

/** A secret's value that is looked for everywhere it must not be. */
export const CANARY = "canary-value-5f1c0d9e7b"
/** Its name: an executor whose secrets are limited to a pattern must let this one through in the tests, or has no `printing`. */
export const CANARY_NAME = "suite/canary"
