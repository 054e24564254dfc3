// The difference to the last approved plan as rows.
import type { FaithfulView, PlanChange } from "./faithful-view.ts"
import { headed, joined, type Row } from "./rows.ts"
import { shownWord } from "./shell-word.ts"

export const differenceRows = (difference: FaithfulView["difference"]): ReadonlyArray<Row> => {
  if (difference._tag === "First") return [["Difference", "none of its kind was approved for these targets before"]]
  const { execution, proposedAt, changes } = difference
  const since = `to ${execution}, proposed ${proposedAt}`
  if (changes.length === 0) return [["Difference", `nothing ${since}: the same would run`]]
  return headed("Difference", [`${since}:`, ...changes.flatMap(changeTexts)])
}

const changeTexts = (change: PlanChange): ReadonlyArray<string> => {
  if (change._tag === "Lines") return [`  ${change.field}`, ...change.changes.map(lineText)]
  const [before, after] = [change.before, change.after].map((text) =>
    text === undefined ? "(nothing)" : shownWord(joined(text))
  )
  return [`  ${joined(change.field)}: was ${before}, is ${after}`]
}

const lineText = (change: Extract<PlanChange, { _tag: "Lines" }>["changes"][number]): string => {
  if (change._tag === "Same") return `      (${change.count} the same)`
  return `    ${change._tag === "Added" ? "+" : "-"} ${joined(change.text)}`
}
