import type { VerificationReport } from "@fluxcybers/core"
import { Effect } from "effect"
import { type CliFailure, usageFailure } from "./failure.ts"
export const verifyFile = (database: string, key: string): Effect.Effect<VerificationReport, CliFailure> =>
  usageFailure(database + key)
