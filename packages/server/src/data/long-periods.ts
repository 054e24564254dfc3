// Who keeps logs for longer than is promised unless told otherwise is told so: at the start, and by `doctor`.
import type { Settings } from "../configuration.ts"

/** What people are promised: logs of what ran are kept for 90 days at most. */
const PROMISED_DAYS = 90

/** A period that is longer than promised. */
export interface LongPeriod {
  readonly setting: "FLUXCYBERS_AUDIT_DAYS" | "FLUXCYBERS_TRANSCRIPT_DAYS"
  readonly warning: string
}

/** The periods of these settings that are longer than promised. Pure. */
export const longPeriods = ({
  auditDays,
  transcriptDays
}: Pick<Settings, "auditDays" | "transcriptDays">): ReadonlyArray<LongPeriod> => [
  ...longer("FLUXCYBERS_AUDIT_DAYS", "Entries of the audit log", auditDays),
  ...longer("FLUXCYBERS_TRANSCRIPT_DAYS", "Transcripts", transcriptDays)
]

const longer = (setting: LongPeriod["setting"], what: string, days: number): ReadonlyArray<LongPeriod> => {
  const warning = `${what} are kept for ${days} days, longer than the ${PROMISED_DAYS} that people are promised unless your own policy says more.`
  return days > PROMISED_DAYS ? [{ setting, warning }] : []
}
