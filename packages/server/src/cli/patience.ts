// Waiting for a server that is away for a moment: it restarts, or the network does.
import { Effect, Schedule } from "effect"
import { CliFailure } from "./failure.ts"

/** A server that restarts is back within a minute; then it is time to tell the person. */
export const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000]

/** The server may be back in a moment; what any other failure means does not change by asking again. */
export const isPassing = (failure: unknown): boolean => failure instanceof CliFailure && failure.exit === "unreachable"

/** Asks again, only for calls that change nothing. */
export const patiently = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(call, { schedule: Schedule.exponential(PAUSES_MS[0]!), times: PAUSES_MS.length, while: isPassing })
