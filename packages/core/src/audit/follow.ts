// Following a log from checkpoint to checkpoint: each must be signed by the log's key and must grow out of the one before.
import { Result, Schema } from "effect"
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts"
import type { NoteVerifier } from "./note-key.ts"
import { verifyConsistency } from "./tree-proof.ts"

const EXPLANATIONS = {
  "bad-signature": "its key did not sign this checkpoint",
  "rolled-back": "it has fewer entries than it had",
  fork: "it does not begin with the entries that it had"
} as const

/** A log does not go on from what it was: whoever shows it shows another log than before. */
export class LogNotConsistent extends Schema.TaggedError<LogNotConsistent>()("LogNotConsistent", {
  reason: Schema.Literals(["bad-signature", "rolled-back", "fork"]),
  /** Entries of the checkpoint that was verified last, and of the one that was refused. */
  known: Schema.Int,
  shown: Schema.Int
}) {
  override get message() {
    return `The log of ${this.shown} entries does not go on from the one of ${this.known} entries that was verified before: ${EXPLANATIONS[this.reason]}.`
  }
}

/** A checkpoint, and the proof that it grew out of the known one. */
export interface NextCheckpoint {
  /** The last one that was verified; the first one is believed for its signature. */
  readonly known?: Checkpoint
  /** A C2SP signed note. */
  readonly note: string
  /** RFC 6962 §2.1.2, from the size of the known one to that of this one. */
  readonly proof: ReadonlyArray<Uint8Array>
  readonly log: NoteVerifier
}

/** The checkpoint in the note, once it was shown to go on from the known one. */
export const followCheckpoint = ({
  known,
  note,
  proof,
  log
}: NextCheckpoint): Result.Result<Checkpoint, LogNotConsistent> => {
  const opened = Result.getOrUndefined(openCheckpoint(note, log))
  const sizes = { known: Number(known?.size ?? 0), shown: Number(opened?.size ?? 0) }
  if (opened === undefined) return Result.fail(new LogNotConsistent({ reason: "bad-signature", ...sizes }))
  if (known === undefined || known.size === 0n) return Result.succeed(opened)
  if (opened.size < known.size) return Result.fail(new LogNotConsistent({ reason: "rolled-back", ...sizes }))
  const grown = { first: known.size, firstRoot: known.root, second: opened.size, secondRoot: opened.root, proof }
  return verifyConsistency(grown)
    ? Result.succeed(opened)
    : Result.fail(new LogNotConsistent({ reason: "fork", ...sizes }))
}
