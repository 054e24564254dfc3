// What can be refused about a runbook, in sentences.
import { Effect, Schema } from "effect"

/** Nothing was changed, and nothing was proposed. */
export class RunbookRefused extends Schema.TaggedError<RunbookRefused>()("RunbookRefused", {
  reason: Schema.Literals([
    "invalid",
    "unknown",
    "unknown-version",
    "unknown-executor",
    "changed",
    "not-a-person",
    "parameters"
  ]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export const runbookRefused = (reason: RunbookRefused["reason"], detail: string) =>
  Effect.fail(new RunbookRefused({ reason, detail }))
