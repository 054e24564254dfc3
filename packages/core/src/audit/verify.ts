// What a verification of the whole log finds.

/**
 * `invalid-entry`: the entry is not what the signed tree holds, its JSON is not canonical, or a list column does not repeat it.
 * `missing-entry`: an entry below the log's size is gone. `moved`: the entry belongs to another index. `invalid-tile`: a stored hash
 * is not the tree's. `wrong-root`: a signed root is not the log's root at that size. `bad-signature`: a checkpoint is not signed by
 * the log's key. `truncated`: from this index on the log is gone, though a checkpoint covers it.
 */
export type ProblemKind =
  | "invalid-entry"
  | "missing-entry"
  | "moved"
  | "invalid-tile"
  | "wrong-root"
  | "bad-signature"
  | "truncated"

/** One thing that is not as it was signed. */
export interface VerificationProblem {
  readonly kind: ProblemKind
  /** Index of the entry, or size of the checkpoint for `wrong-root` and `bad-signature`. */
  readonly index: number
  readonly detail: string
}

/** What a verification of the whole log found. */
export interface VerificationReport {
  /** Entries that the verification covers: those under the newest checkpoint. */
  readonly size: number
  /** base64 of the RFC 6962 root that the entries have. */
  readonly root: string
  /** Checkpoints whose signature and root were checked. */
  readonly checkpoints: number
  /** Committed entries that no checkpoint covers yet. */
  readonly pending: number
  /** At most 1,000, in the order of the log. */
  readonly problems: ReadonlyArray<VerificationProblem>
  /** Problems beyond those. */
  readonly problemsOmitted: number
}
