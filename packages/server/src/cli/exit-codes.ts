// The exit statuses of every command. `docs/reference/exit-codes.md` shows this table; a test holds the two together.

export const EXIT_CODES = {
  ok: { status: 0, meaning: "Done." },
  failure: {
    status: 1,
    meaning:
      "It failed, or a check found a problem (`doctor`, `audit verify`, `keys verify`, `plugin list`, `plugin test`, `policy test`, `target test`)."
  },
  usage: { status: 2, meaning: "The command line or a value in it is wrong, or a question needs a terminal." },
  "not-allowed": { status: 3, meaning: "Not signed in, the token is not valid, or your roles do not allow it." },
  "not-found": {
    status: 4,
    meaning: "There is no such target, secret, execution, entry, member or token, or it is not kept any more."
  },
  conflict: { status: 5, meaning: "It is in a state that does not allow this, or the name is taken." },
  declined: { status: 6, meaning: "The execution was rejected, withdrawn, or expired before it was approved." },
  "plan-changed": { status: 7, meaning: "Refused: the plan is no longer what was shown or approved." },
  "unknown-outcome": { status: 8, meaning: "It started, and nobody can know how it ended." },
  unreachable: { status: 9, meaning: "No answer from the FluxCybers server." },
  "timed-out": { status: 10, meaning: "The command was stopped at its time limit." },
  cancelled: { status: 11, meaning: "The command was cancelled while it ran." },
  detached: { status: 12, meaning: "This program stopped watching; the execution goes on." }
} as const

export type ExitName = keyof typeof EXIT_CODES

/**
 * `run` exits with the remote command's own status, so its own statuses are moved out of the way: 240 plus the code. A
 * remote command that ends with 240 or more can only be told apart with `--json`.
 */
export const RUN_STATUS_OFFSET = 240

/** 128 plus the signal's number, as shells do it. */
export const SIGNAL_STATUS_OFFSET = 128

/** Ctrl-C at a question or while waiting, outside of `run`. */
export const INTERRUPTED_STATUS = 130

export const exitStatus = (name: ExitName, isRun = false): number => {
  const { status } = EXIT_CODES[name]
  return isRun && status !== 0 ? RUN_STATUS_OFFSET + status : status
}
