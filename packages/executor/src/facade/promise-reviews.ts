// Reviews of what ran without the people whom the rules want, as promises.
import { ExecutionId, type OrganisationId } from "@fluxcybers/core"
import { type Effect, Schema } from "effect"
import type { Review, Reviews } from "../reviews.ts"
import { personOf } from "./actor.ts"

/** What another person must look at because somebody broke the glass. */
export interface GateReviews {
  /** Those that are open; with `all`, also those that are closed. */
  list(all?: boolean): Promise<ReadonlyArray<Review>>
  /** `execution`: its id. `by`: `person_…`, somebody else than whoever broke the glass. */
  close(execution: string, by: string, conclusion: string): Promise<Review>
}

interface Opened {
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<A>
  readonly organisation: OrganisationId
}

const executionId = Schema.decodeSync(ExecutionId)

export const promiseReviews = (reviews: Reviews["Service"], { run, organisation }: Opened): GateReviews => ({
  list: (all = false) => run(reviews.list(organisation, all)),
  close: async (execution, by, conclusion) =>
    run(reviews.close({ organisation, actor: personOf(by), execution: executionId(execution), conclusion }))
})
