// What a requirement says, in words. Pure.
import type { Execution, Group, Requirement } from "@fluxcybers/executor"
import { moment } from "./moment.ts"
import { visible } from "./visible-text.ts"

/** How many more people must approve, at least. */
export const approvalsMissing = ({ requirement, decisions }: Pick<Execution, "requirement" | "decisions">): number => {
  if (requirement._tag !== "People") return 0
  const approvals = decisions.filter(({ verdict }) => verdict === "approve")
  const wanted = requirement.groups.reduce((sum, { count }) => sum + count, 0)
  const seats = requirement.groups.reduce((sum, group) => sum + Math.min(group.count, fitting(group, approvals)), 0)
  // Whoever fits into two groups counts in one of them: this many approvals are missing in any case.
  return Math.max(wanted - Math.min(seats, approvals.length), 1)
}

const fitting = ({ roles }: Group, decisions: Execution["decisions"]): number =>
  decisions.filter((decision) => decision.roles.some((role) => roles.includes(role))).length

/** `1 person (owner or admin), not whoever proposed it  [team@1/another-person]` */
export const requirementText = (requirement: Requirement): string => {
  const recorded = isRecorded(requirement) ? ", recorded" : ""
  const rule = `${recorded}  [${visible(requirement.rule)}]`
  switch (requirement._tag) {
    case "Nobody":
      return `nobody's approval${rule}`
    case "Refused":
      return `never runs: ${visible(requirement.reason)}${rule}`
    case "Bounded":
      return `nobody's approval: granted in advance by ${requirement.grant}${rule}`
    case "BreakGlass":
      return `GLASS BROKEN: it ran without the approvals of this rule; to be reviewed by ${moment(requirement.reviewBy)}${rule}`
    case "People":
      return `${peopleText(requirement)}${rule}`
  }
}

const isRecorded = (requirement: Requirement): boolean =>
  requirement._tag !== "Refused" && requirement.recording === "required"

const peopleText = ({ groups, requester, signature, ...terms }: Extract<Requirement, { readonly _tag: "People" }>) =>
  [
    groups.map(groupText).join(" and ") + REQUESTER[requester],
    ...(groups.length > 1 ? ["nobody counts twice"] : []),
    ...(signature === "none" ? [] : [signature === "passkey" ? "signed with a passkey" : "signed"]),
    ...(terms.reason === "required" ? ["a reason"] : []),
    ...(terms.ticket === undefined ? [] : [`a ticket like ${terms.ticket.map(visible).join(" or ")}`])
  ].join("; ")

const groupText = ({ count, roles }: Group): string =>
  `${count} ${count === 1 ? "person" : "people"} (${either(roles)})`

const REQUESTER = {
  "may-decide": "",
  "must-confirm": ": whoever proposed it must confirm",
  "must-not-decide": ", not whoever proposed it"
} as const

const either = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`
