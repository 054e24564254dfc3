// Looking at executions.
import type { ExecutionId, OrganisationId } from "@fluxcybers/core"
import { Effect } from "effect"
import type { ExecutionState } from "../execution.ts"
import { findHeader, listHeaders, openExecution } from "../store/execution-reads.ts"
import { ExecutionNotFound } from "./refusal.ts"

/** The execution of that organisation; another organisation's is as unknown as one that never was. */
export const headerOf = Effect.fnUntraced(function* (organisation: OrganisationId, id: ExecutionId) {
  const header = yield* findHeader(id)
  if (header === undefined || header.organisation !== organisation) return yield* new ExecutionNotFound({ id })
  return header
})

export const get = Effect.fn("Gate.get")(function* (organisation: OrganisationId, id: ExecutionId) {
  return yield* openExecution(yield* headerOf(organisation, id))
})

/** Which executions, newest first. */
export interface ExecutionFilter {
  readonly organisation: OrganisationId
  readonly state?: ExecutionState
  /** Only those proposed before this one. */
  readonly before?: ExecutionId
  /** 1 to 200; 50 unless told. */
  readonly limit?: number
}

const LIST_LIMIT_DEFAULT = 50
const LIST_LIMIT_MAX = 200

export const list = Effect.fn("Gate.list")(function* (filter: ExecutionFilter) {
  const limit = Math.min(Math.max(filter.limit ?? LIST_LIMIT_DEFAULT, 1), LIST_LIMIT_MAX)
  const { organisation, state, before } = filter
  const headers = yield* listHeaders({ organisation, state, before, limit })
  return yield* Effect.forEach(headers, openExecution)
})
