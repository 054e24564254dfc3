// The two rule sets that ship. An organisation of one person cannot ask a second one; from two on it must.
import { ACTIONS } from "@fluxcybers/core"
import type { Demand, Rule, RuleSet } from "./rules.ts"

/** Whoever may approve at all (`core/authorization.ts`). */
const roles = ACTIONS["execution.approve"].roles

const onePerson = (requester: "may-decide" | "must-confirm" | "must-not-decide"): Demand => ({
  _tag: "People",
  count: 1,
  roles,
  requester
})

/** Harmless commands on targets that somebody tagged for it. */
const unattendedReads: Rule = {
  name: "unattended-reads",
  when: { access: ["read"], tags: ["unattended-reads"] },
  require: { _tag: "Nobody" }
}

const proposedForSomebody: Rule = {
  name: "proposed-by-a-program",
  when: { requester: ["agent", "service"] },
  require: onePerson("may-decide")
}

/** One member: they confirm what they propose themselves, and decide on what an agent proposes for them. */
export const SOLO: RuleSet = {
  name: "solo",
  version: 1,
  rules: [
    unattendedReads,
    { name: "own-proposal", when: { requester: ["person"] }, require: onePerson("must-confirm") },
    proposedForSomebody
  ]
}

/** Two or more members: another person decides on what a person proposes; what an agent proposes needs one person. */
export const TEAM: RuleSet = {
  name: "team",
  version: 1,
  rules: [
    unattendedReads,
    { name: "another-person", when: { requester: ["person"] }, require: onePerson("must-not-decide") },
    proposedForSomebody
  ]
}

/** The rule set for an organisation of so many members. Nobody is a team as well: then nobody can decide. */
export const ruleSetFor = (members: number): RuleSet => (members === 1 ? SOLO : TEAM)
