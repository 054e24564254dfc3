// An execution as a person reads it: what would run, who must agree, who did, and what came of it. Pure.

import type { Decision, Execution, FaithfulView, Run } from "@fluxcybers/executor"
import { formatBytes, labelled, type Row, viewRows } from "@fluxcybers/executor/view"
import { moment } from "./moment.ts"
import { requirementText } from "./requirement-view.ts"
import { visible } from "./visible-text.ts"

/** An execution with the faithful view of its plan. */
export interface Viewed {
  readonly execution: Execution
  readonly view: FaithfulView
}

/** Names of people by their ids, as far as they are known. */
export type PeopleNames = ReadonlyMap<string, string>

export interface ViewOptions {
  readonly names: PeopleNames
  /** Width of the terminal, where there is one. */
  readonly columns?: number
}

export const executionView = ({ execution, view }: Viewed, { names, columns }: ViewOptions): string =>
  labelled(
    [
      ["Execution", execution.id],
      ["State", stateText(execution)],
      ["Proposed", `${moment(execution.proposedAt)} by ${personText(execution.requester, names)}`],
      ...viewRows(view),
      ["Reason", execution.reason === undefined ? undefined : visible(execution.reason)],
      ["Ticket", execution.ticket === undefined ? undefined : visible(execution.ticket)],
      ["Needs", requirementText(execution.requirement)],
      ...execution.decisions.map(
        (decision, index): Row => [index === 0 ? "Decisions" : "", decisionText(decision, names)]
      ),
      ...runRows(execution),
      ["Outcome", outcomeText(execution)]
    ],
    columns
  )

/** `Ada (person_…)`; an agent is shown with the person it works for. */
const personText = (actor: string, names: PeopleNames): string => {
  const [id = "", behind] = actor.split("/")
  const name = names.get(id)
  const self = name === undefined ? visible(id) : `${visible(name)} (${id})`
  return behind === undefined ? self : `${self}, for ${personText(behind, names)}`
}

const stateText = ({ state, expiresAt, settledAt }: Execution): string => {
  if (settledAt !== undefined) return `${state}, ${moment(settledAt)}`
  return state === "pending" || state === "granted" ? `${state}, until ${moment(expiresAt)}` : state
}

const decisionText = (decision: Decision, names: PeopleNames): string => {
  const said = decision.verdict === "approve" ? "approved" : "rejected"
  const self = decision.isSelfApproved ? ", who proposed it" : ""
  const reason = decision.reason === undefined ? "" : `: ${visible(decision.reason)}`
  const signed = decision.signed === undefined ? "" : `, signed with ${decision.signed} ${decision.signatureKey ?? ""}`
  return `${said} by ${personText(decision.person, names)}${self}${signed}, ${moment(decision.decidedAt)}${reason}`
}

/** What the runs have said already is not said again. */
const outcomeText = ({ detail, runs }: Execution): string | undefined =>
  detail === undefined || runs.some(({ outcome }) => outcome?.detail === detail) ? undefined : visible(detail)

/** Before anything has started there is only what the targets say already. */
const runRows = ({ runs }: Execution): ReadonlyArray<Row> =>
  (runs.some(({ state }) => state !== "waiting") ? runs : []).flatMap((run, index): ReadonlyArray<Row> => {
    const row: Row = [index === 0 ? "Runs" : "", `${visible(run.targetName)}  ${run.state}${endText(run)}  ${run.id}`]
    const detail = run.outcome?.detail
    return detail === undefined ? [row] : [row, ["", `  ${visible(detail)}`]]
  })

const endText = ({ outcome, startedAt, endedAt }: Run): string => {
  if (outcome === undefined) return startedAt === undefined ? "" : ` since ${moment(startedAt)}`
  const status = outcome.exitCode === undefined ? outcome.signal : `status ${outcome.exitCode}`
  return [
    status === undefined ? "" : `, ${visible(status)}`,
    `, ${formatBytes(outcome.outputBytes)} of output`,
    outcome.file === undefined ? "" : `, fetched ${outcome.file.bytes} bytes with SHA-256 ${outcome.file.digest}`,
    endedAt === undefined ? "" : `, ${moment(endedAt)}`
  ].join("")
}
