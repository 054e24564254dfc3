// What a host can set about the gate.
import { ruleSetFor } from "../rule-sets.ts"
import type { RuleSet } from "../rules.ts"

/** The gate's settings; each has a default. */
export interface GateSettings {
  /** How long a proposal waits for its decisions: 24 hours unless told. */
  readonly decideWithinMs: number
  /** How long a grant can be used: 1 hour unless told. */
  readonly startWithinMs: number
  /** The rule set for an organisation of so many members: `solo` for one, `team` for more, unless told. */
  readonly ruleSet: (members: number) => RuleSet
}

const HOUR_MS = 60 * 60 * 1_000

export const DEFAULT_GATE_SETTINGS: GateSettings = {
  decideWithinMs: 24 * HOUR_MS,
  startWithinMs: HOUR_MS,
  ruleSet: ruleSetFor
}
