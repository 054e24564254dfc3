// What a host can set about the gate.
import type { Requirement } from "../rules.ts"

/** The gate's settings; each has a default. */
export interface GateSettings {
  /** How long a proposal waits for its decisions where its rule does not say: 24 hours unless told. */
  readonly decideWithinMs: number
  /** How long a grant can be used where its rule does not say: 1 hour unless told. */
  readonly startWithinMs: number
}

const HOUR_MS = 60 * 60 * 1_000

export const DEFAULT_GATE_SETTINGS: GateSettings = {
  decideWithinMs: 24 * HOUR_MS,
  startWithinMs: HOUR_MS
}

const MINUTE_MS = 60 * 1_000

/** How long it waits for its decisions: what the rule says, or the setting. */
export const decideWithinMs = (requirement: Requirement, settings: Pick<GateSettings, "decideWithinMs">): number =>
  inMs(requirement, "decideWithinMinutes") ?? settings.decideWithinMs

/** How long its grant can be used: what the rule says, or the setting. */
export const startWithinMs = (requirement: Requirement, settings: Pick<GateSettings, "startWithinMs">): number =>
  inMs(requirement, "startWithinMinutes") ?? settings.startWithinMs

const inMs = (requirement: Requirement, term: "decideWithinMinutes" | "startWithinMinutes"): number | undefined => {
  const minutes = requirement._tag === "People" ? requirement[term] : undefined
  return minutes === undefined ? undefined : minutes * MINUTE_MS
}
