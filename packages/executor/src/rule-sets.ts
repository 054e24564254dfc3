// The two rule sets that ship. An organisation of one person cannot ask a second one; from two on it must.
import { ACTIONS } from "@fluxcybers/core"
import type { Demand, RequesterPart, Rule, RuleSet } from "./rules.ts"

/** Whoever may approve at all (`core/authorization.ts`). */
const roles = ACTIONS["execution.approve"].roles

const onePerson = (requester: RequesterPart): Demand => ({ people: [{ count: 1, roles }], requester })

/** Harmless commands on targets that somebody tagged for it. */
const unattendedReads: Rule = {
  name: "unattended-reads",
  why: "Commands that only read, on targets that somebody tagged for it.",
  when: { access: ["read"], everyTarget: { tags: ["unattended-reads"] } },
  require: "nobody",
  examples: {
    match: [{ command: "df -h", targets: [{ tags: ["unattended-reads"] }] }],
    noMatch: [
      { command: "df -h" },
      { command: "df -h > /etc/motd", targets: [{ tags: ["unattended-reads"] }] },
      { command: "df -h", targets: [{ tags: ["unattended-reads"] }, { name: "untagged" }] }
    ]
  }
}

const proposedForSomebody: Rule = {
  name: "proposed-by-a-program",
  why: "What a program proposes needs one person, who may be the one it works for.",
  when: { requester: ["agent", "service"] },
  require: onePerson("may-decide"),
  examples: { match: [{ command: "reboot", requester: "agent" }], noMatch: [{ command: "reboot" }] }
}

/** One member: they confirm what they propose themselves, and decide on what an agent proposes for them. */
export const SOLO: RuleSet = {
  name: "solo",
  version: 1,
  rules: [
    unattendedReads,
    {
      name: "own-proposal",
      why: "There is nobody else: whoever proposes it confirms it.",
      when: { requester: ["person"] },
      require: onePerson("must-confirm"),
      examples: { match: [{ command: "reboot" }], noMatch: [{ command: "reboot", requester: "agent" }] }
    },
    proposedForSomebody
  ],
  examples: [{ given: { command: "reboot", requester: "system" }, rule: "none" }]
}

/** Two or more members: another person decides on what a person proposes; what an agent proposes needs one person. */
export const TEAM: RuleSet = {
  name: "team",
  version: 1,
  // An owner can change the rules as well; breaking the glass is the way to do it that everybody sees.
  breakGlass: { roles: ["owner"], reviewWithinHours: 24 },
  rules: [
    unattendedReads,
    {
      name: "another-person",
      why: "What a person proposes is decided by another one.",
      when: { requester: ["person"] },
      require: onePerson("must-not-decide"),
      examples: { match: [{ command: "reboot" }], noMatch: [{ command: "reboot", requester: "agent" }] }
    },
    proposedForSomebody
  ],
  examples: [{ given: { command: "reboot", requester: "system" }, rule: "none" }]
}

/** The rule set for an organisation of so many members. Nobody is a team as well: then nobody can decide. */
export const ruleSetFor = (members: number): RuleSet => (members === 1 ? SOLO : TEAM)
