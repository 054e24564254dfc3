// Using a runbook: the values are checked and filled in, and what comes of it is an ordinary proposal that says where it comes from.

import { Effect, Result } from "effect"
import type { Proposal } from "../gate/propose.ts"
import type { PlanRunbook } from "../plan.ts"
import type { RunbookDocument } from "./document.ts"
import { knownRunbook, knownVersion, openDocument } from "./open.ts"
import { fillIn } from "./places.ts"
import { runbookRefused as refused } from "./refusal.ts"
import { checkValues, type GivenValues } from "./values.ts"

/** A runbook, and what is filled in. */
export interface RunbookChoice {
  /** Its name, or its id. */
  readonly runbook: string
  /** The newest unless told. */
  readonly version?: number
  /** Whole numbers as such, or in decimal digits. A parameter with a default can be left out. */
  readonly parameters?: GivenValues
  /** Selectors as in a proposal, instead of those that the runbook names. */
  readonly targets?: ReadonlyArray<string>
  /** Instead of what the runbook says. */
  readonly rollout?: Proposal["rollout"]
}

/** What somebody wants to run by a runbook, and why. */
export interface RunbookUse
  extends RunbookChoice,
    Pick<Proposal, "organisation" | "actor" | "reason" | "ticket" | "breakGlass"> {}

/** A runbook with everything filled in: what would be proposed. */
export interface FilledIn extends Pick<Proposal, "executor" | "input" | "targets" | "rollout"> {
  readonly runbook: PlanRunbook
}

/** What the runbook says with these values. */
export const fillRunbook = Effect.fnUntraced(function* (organisation: Proposal["organisation"], choice: RunbookChoice) {
  const runbook = yield* knownRunbook(organisation, choice.runbook)
  if (runbook.retired_at !== null) return yield* refused("unknown", retired(runbook.name, runbook.retired_at))
  const version = yield* knownVersion(runbook, choice.version)
  const document = yield* openDocument(runbook, version)
  const values = checkValues(document.parameters ?? {}, choice.parameters ?? {})
  if (Result.isFailure(values))
    return yield* refused("parameters", `${values.failure.join("\n")}\nNothing was proposed.`)
  const rollout = choice.rollout ?? document.rollout
  return {
    executor: document.executor,
    input: fillIn(document.input, values.success),
    targets: choice.targets ?? targetsOf(document, values.success),
    ...(rollout === undefined ? {} : { rollout }),
    runbook: { id: runbook.id, name: runbook.name, version: version.version, parameters: values.success }
  } satisfies FilledIn
})

const retired = (name: string, at: string) => `The runbook "${name}" was retired at ${at}. Nothing was proposed.`

const targetsOf = ({ targets = [] }: RunbookDocument, values: Readonly<Record<string, string>>) =>
  targets.map((target) => (typeof target === "string" ? target : values[target.$parameter]!))
