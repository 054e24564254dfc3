// The executors that a plugin's module exports.
import { pathToFileURL } from "node:url"
import { Schema } from "effect"
import type { Executor } from "../executor.ts"
import { ExecutorNeeds } from "../needs.ts"

/** What the host can check of an executor before it uses it; the functions are looked at as such. */
const Shape = Schema.Struct({
  id: Schema.String,
  version: Schema.String,
  sdk: Schema.optional(Schema.String),
  needs: Schema.optional(ExecutorNeeds),
  summary: Schema.String,
  needsTarget: Schema.Boolean
})
const isShaped = Schema.is(Shape)

/** `executor`, or `executors`; entries that are falsy are left out. Throws an Error for its author. */
export const loadExecutors = async (module: string): Promise<ReadonlyArray<Executor>> => {
  const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(module).href)
  const { executor, executors = [executor] } = exported
  const found = (Array.isArray(executors) ? executors : [executors]).filter(Boolean)
  if (found.length === 0) throw new Error("The module exports neither `executor` nor `executors`.")
  return found.map(asExecutor)
}

const asExecutor = (value: unknown): Executor => {
  if (isShaped(value) && "plan" in value && "run" in value) return value as unknown as Executor
  throw new Error("What the module exports was not made with `defineExecutor`.")
}
