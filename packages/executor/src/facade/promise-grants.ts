// Bounded grants as promises.
import { type Actor, BoundedGrantId, type OrganisationId } from "@fluxcybers/core"
import type { Effect } from "effect"
import { Schema } from "effect"
import type { BoundedGrant, BoundedGrants, BoundedRequest, RunbookGrantRequest } from "../bounded-grants.ts"
import { type ActorInput, actorOf, personOf } from "./actor.ts"

/** What somebody wants to run later, or again, in one decision. Only whoever asks can use it. */
export interface GrantInput
  extends Pick<BoundedRequest, "executor" | "commands" | "usesMax" | "expiresInMs" | "repeat">,
    Partial<Pick<BoundedRequest, "targets">> {
  readonly by: ActorInput
}

/** One use of a runbook, once on each target or (with `repeat`) again and again. */
export interface RunbookGrantInput extends Omit<RunbookGrantRequest, "organisation" | "actor"> {
  readonly by: ActorInput
}

/** What a person decides on: a bounded grant as they saw it. */
export type SeenGrant = Pick<BoundedGrant, "id" | "digest">

/** Commands that are approved in advance: exact ones, once on each target, or for a time whatever only reads. The gate uses them by itself. */
export interface GateGrants {
  request(grant: GrantInput): Promise<BoundedGrant>
  /** For a use of a runbook: what schedules need. */
  requestRunbook(grant: RunbookGrantInput): Promise<BoundedGrant>
  /** `by`: `person_…` */
  approve(seen: SeenGrant, by: string): Promise<BoundedGrant>
  reject(seen: SeenGrant, by: string): Promise<BoundedGrant>
  /** What has not started under it will not run. */
  revoke(id: string, by: ActorInput): Promise<BoundedGrant>
  get(id: string): Promise<BoundedGrant>
  /** Newest first; at most 200. */
  list(): Promise<ReadonlyArray<BoundedGrant>>
}

interface Opened {
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<A>
  readonly organisation: OrganisationId
}

const grantId = Schema.decodeSync(BoundedGrantId)

export const promiseGrants = (grants: BoundedGrants["Service"], { run, organisation }: Opened): GateGrants => {
  const acting = (by: ActorInput): { readonly organisation: OrganisationId; readonly actor: Actor } => ({
    organisation,
    actor: actorOf(by)
  })
  const decide =
    (verdict: "approve" | "reject"): GateGrants["approve"] =>
    async ({ id, digest }, by) =>
      run(grants.decide({ organisation, actor: personOf(by), id, digest, verdict }))
  return {
    request: async ({ by, targets = [], ...grant }) => run(grants.request({ ...acting(by), targets, ...grant })),
    requestRunbook: async ({ by, ...grant }) => run(grants.requestRunbook({ ...acting(by), ...grant })),
    approve: decide("approve"),
    reject: decide("reject"),
    revoke: async (id, by) => run(grants.revoke({ ...acting(by), id: grantId(id) })),
    get: async (id) => run(grants.get(organisation, grantId(id))),
    list: () => run(grants.list(organisation))
  }
}
