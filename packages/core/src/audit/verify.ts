// What a verification of the whole log finds.

/**
 * `invalid-entry`: the entry is not what the signed tree holds, its JSON is not canonical, or a list column does not repeat it.
 * `missing-entry`: an entry below the log's size is gone. `moved`: the entry belongs to another index. `gap`: entries are gone together
 * with their stored hashes. `invalid-tile`: a stored hash is not the tree's. `wrong-root`: a signed root is not the log's root at that
 * size. `fork`: the log's key signed two histories: this checkpoint contradicts a larger one, or the log as it stands. `bad-signature`: a
 * checkpoint is not signed by the log's key. `truncated`: from this index on the log is gone, though a checkpoint covers it.
 * `bad-approval`: a decision that is signed, or had to be, is not signed with a key that its person had registered then.
 * `bad-alias`: the database says of an alias that it stands for somebody for whom it was not made.
 * `bad-purge`: the log says that entries were purged because they were old enough, and entries or witnesses say that they were not.
 * `unwitnessed`: the newest checkpoint has not the cosignatures that the policy asks for.
 */
export type ProblemKind =
  | "invalid-entry"
  | "missing-entry"
  | "moved"
  | "gap"
  | "invalid-tile"
  | "wrong-root"
  | "fork"
  | "bad-signature"
  | "truncated"
  | "bad-approval"
  | "bad-alias"
  | "bad-purge"
  | "unwitnessed"

/** One thing that is not as it was signed. */
export interface VerificationProblem {
  readonly kind: ProblemKind
  /** Index of the entry, or size of the checkpoint for `wrong-root`, `fork`, `bad-signature` and `unwitnessed`. */
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
  /** Entries that are gone because their period was over: the log says so, and their hashes are still there. */
  readonly purged: number
  /** Signed decisions whose signatures cannot be checked any more: whoever made them was erased. */
  readonly unchecked: number
  /** At most 1,000, in the order of the log. */
  readonly problems: ReadonlyArray<VerificationProblem>
  /** Problems beyond those. */
  readonly problemsOmitted: number
}

/** How far a verification is. */
export interface VerificationProgress {
  readonly entries: number
  /** Entries that will be looked at. */
  readonly of: number
}
