// Runbooks as promises.
import type { OrganisationId } from "@fluxcybers/core"
import type { Effect } from "effect"
import type { Execution } from "../execution.ts"
import type { Gate } from "../gate.ts"
import type { Runbook, RunbookChoice, Runbooks, RunbookUse } from "../runbooks.ts"
import { type ActorInput, actorOf, personOf } from "./actor.ts"

/** A runbook to use, what is filled in, who wants it and why. */
export interface RunbookUseInput extends RunbookChoice, Pick<RunbookUse, "reason" | "ticket" | "breakGlass"> {
  readonly by: ActorInput
}

/** Plan templates with typed parameters, in versions. */
export interface GateRunbooks {
  /** The document as a value; `by`: `person_…`. The same document again changes nothing. `replaces`: only if this version is the newest. */
  put(document: unknown, by: string, replaces?: number): Promise<Runbook>
  /** Nobody can use it any more; what was proposed before goes on. */
  retire(runbook: string, by: string): Promise<Runbook>
  /** By name or id; in its newest version unless told. */
  get(runbook: string, version?: number): Promise<Runbook>
  /** Each in its newest version, in order of name; at most 1,000. */
  list(): Promise<ReadonlyArray<Runbook>>
  /** Fills it in and proposes what comes of it: decided like anything else. */
  use(use: RunbookUseInput): Promise<Execution>
}

interface Opened {
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<A>
  readonly organisation: OrganisationId
  readonly gate: Gate["Service"]
}

export const promiseRunbooks = (runbooks: Runbooks["Service"], { run, organisation, gate }: Opened): GateRunbooks => ({
  put: async (document, by, replaces) =>
    run(
      runbooks.put({
        organisation,
        actor: personOf(by),
        document,
        ...(replaces === undefined ? {} : { replaces })
      })
    ),
  retire: async (runbook, by) => run(runbooks.retire({ organisation, actor: personOf(by), runbook })),
  get: (runbook, version) => run(runbooks.get(organisation, runbook, version)),
  list: () => run(runbooks.list(organisation)),
  use: async ({ by, ...use }) => run(gate.useRunbook({ organisation, actor: actorOf(by), ...use }))
})
