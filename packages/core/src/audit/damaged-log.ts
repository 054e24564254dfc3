// What stands in the database is not what the log signed.
import { Schema } from "effect"

/** The stored tree does not fit its signed checkpoint, or a stored entry cannot be read. Travels as a defect. */
export class DamagedLog extends Schema.TaggedError<DamagedLog>()("DamagedLog", {
  part: Schema.Literals(["tree", "entry"]),
  /** Size of the tree, or index of the entry. */
  at: Schema.Int
}) {
  override get message() {
    return this.part === "tree"
      ? `The audit log's tree of ${this.at} entries does not fit its signed checkpoint. Nothing more is signed. Run "audit verify", and restore a backup.`
      : `Entry ${this.at} of the audit log cannot be read. Run "audit verify", and restore a backup.`
  }
}
