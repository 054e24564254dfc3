// What `doctor` found: one line each, and what to do about it. Pure.
import { visible } from "./visible-text.ts"

export interface Finding {
  /** What was looked at: `node`, `profiles`, `server`… */
  readonly check: string
  readonly status: "ok" | "problem" | "warning" | "skipped"
  readonly detail: string
  /** What to do about it. */
  readonly advice?: string
}

export const ok = (check: string, detail: string): Finding => ({ check, status: "ok", detail })

export const skipped = (check: string, detail: string): Finding => ({ check, status: "skipped", detail })

export const problem = (check: string, detail: string, advice: string): Finding => ({
  check,
  status: "problem",
  detail,
  advice
})

/** Nothing is broken, but somebody should know. */
export const warning = (check: string, detail: string, advice: string): Finding => ({
  check,
  status: "warning",
  detail,
  advice
})

export const problemsIn = (findings: ReadonlyArray<Finding>): number =>
  findings.filter(({ status }) => status === "problem").length

export const reportText = (findings: ReadonlyArray<Finding>): string => {
  const width = Math.max(...findings.map(({ check }) => check.length))
  return findings
    .flatMap(({ check, status, detail, advice }) => [
      `${status.padEnd(STATUS_COLUMNS)}${check.padEnd(width)}  ${visible(detail)}`,
      ...(advice === undefined ? [] : [`${" ".repeat(STATUS_COLUMNS + width)}  -> ${visible(advice)}`])
    ])
    .map((line) => `${line}\n`)
    .join("")
}

const STATUS_COLUMNS = 9
