import { Effect } from "effect"
import { fillRunbook, type RunbookUse } from "../runbook/use.ts"
import { propose } from "./propose.ts"
import type { GateSettings } from "./settings.ts"

/** Proposes what the runbook says with these values. Its id, version and values are part of the plan, and so of its digest. */
export const useRunbook = Effect.fn("Gate.useRunbook")(function* (use: RunbookUse, settings: GateSettings) {
  const { organisation, actor, reason, ticket, breakGlass } = use
  const { runbook, ...filled } = yield* fillRunbook(organisation, use)
  const justified = {
    ...(reason === undefined ? {} : { reason }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(breakGlass === undefined ? {} : { breakGlass })
  }
  return yield* propose({ organisation, actor, ...filled, ...justified }, settings, { runbook })
})
