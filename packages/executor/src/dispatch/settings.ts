// What a host can set about its dispatcher.

/** The dispatcher's settings; all but `node` have a default. */
export interface DispatcherSettings {
  /** Names this process among those on the same database: the same after each start, and never used by two at once. */
  readonly node: string
  /** Executions that run here at the same time: 20 unless told. */
  readonly executionsMax: number
  /** Targets of one execution that run at the same time: 10 unless told. */
  readonly runsMax: number
  /** How often to look for what other nodes granted, cancelled or left behind: every second unless told. */
  readonly lookEveryMs: number
  /** Another node that gave no sign of life for so long is gone: a minute unless told, and the same for all nodes on a database. */
  readonly goneAfterMs: number
  /** How long a stop of the host waits for what runs: 30 seconds unless told. What still runs then is left to recovery. */
  readonly drainMs: number
}

export const DEFAULT_DISPATCHER_SETTINGS: Omit<DispatcherSettings, "node"> = {
  executionsMax: 20,
  runsMax: 10,
  lookEveryMs: 1_000,
  goneAfterMs: 60_000,
  drainMs: 30_000
}
