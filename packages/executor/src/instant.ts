// Instants as the rows hold them: ISO 8601 in UTC with milliseconds, which sorts as it reads.
import { DateTime, Duration, Effect } from "effect"

/** Now, or so many milliseconds later. */
export const instant = (laterMs = 0): Effect.Effect<string> =>
  Effect.map(DateTime.now, (now) => DateTime.formatIso(DateTime.addDuration(now, Duration.millis(laterMs))))
