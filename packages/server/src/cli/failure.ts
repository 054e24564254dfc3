// What a command tells the person when it cannot do its work: what happened, what was not changed, what to do next.
import { Schema } from "effect"
import type { Problem } from "../api/problem.ts"
import { EXIT_CODES, type ExitName, exitStatus } from "./exit-codes.ts"
import { visible } from "./visible-text.ts"

const exitNames = Object.keys(EXIT_CODES) as ReadonlyArray<ExitName>

/** A command's expected failure. `code` is for programs, `detail` for people. */
export class CliFailure extends Schema.TaggedError<CliFailure>()("CliFailure", {
  exit: Schema.Literals(exitNames),
  code: Schema.String,
  title: Schema.String,
  detail: Schema.String,
  /** The HTTP status, when a server said so. */
  status: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    return this.detail
  }
}

/** Ends the program with a status of somebody else's making (a remote command's); everything has been said already. */
export class ExitWith extends Schema.TaggedError<ExitWith>()("ExitWith", { exitCode: Schema.Int }) {}

export const usageFailure = (detail: string): CliFailure =>
  new CliFailure({ exit: "usage", code: "usage", title: "Wrong use", detail })

/** RFC 9457, with the exit status of this program added. */
export const problemDocument = (failure: CliFailure, isRun: boolean) => ({
  type: "about:blank",
  title: failure.title,
  ...(failure.status === undefined ? {} : { status: failure.status }),
  detail: failure.detail,
  code: failure.code,
  exit: exitStatus(failure.exit, isRun)
})

/** The failure as a person reads it. */
export const failureText = (failure: CliFailure): string =>
  `error: ${failure.detail.split("\n").map(visible).join("\n")}\n`

const EXIT_OF_STATUS: Readonly<Record<number, ExitName>> = {
  400: "usage",
  401: "not-allowed",
  403: "not-allowed",
  404: "not-found",
  409: "conflict",
  410: "not-found",
  413: "usage",
  422: "usage"
}

/** Codes of the server that say more than their HTTP status does. */
const EXIT_OF_CODE: Readonly<Record<string, ExitName>> = {
  "decision-digest": "plan-changed",
  "decision-expired": "declined",
  "proposal-unknown-executor": "not-found",
  "proposal-unknown-secret": "not-found",
  "proposal-unknown-target": "not-found"
}

/** What a server answered, as this program's failure. */
export const problemFailure = (problem: Pick<Problem, "code" | "status" | "title" | "detail">): CliFailure =>
  new CliFailure({
    exit: EXIT_OF_CODE[problem.code] ?? EXIT_OF_STATUS[problem.status] ?? "failure",
    code: problem.code,
    title: problem.title,
    detail: problem.detail,
    status: problem.status
  })
