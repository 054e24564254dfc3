// What packages keep about a data subject besides what is sealed: their rows lose the subject when the subject's key is destroyed.
import { Context, type Effect } from "effect"
import type { OrganisationId } from "./ids.ts"

/** A data subject of an organisation, by their pseudonym. */
export interface DataSubject {
  readonly organisation: OrganisationId
  readonly subject: string
}

/**
 * The rows of other packages that say who did what, beside something that entries of the audit log name. `forget` is called in the
 * transaction that destroys the subject's key, also when an older copy of the database is put back: it may have been done before.
 */
export class SubjectRecords extends Context.Service<
  SubjectRecords,
  {
    /** Takes the subject out of the rows. Returns what else stands for the subject in the log: their agents, tokens and keys. */
    forget(subject: DataSubject): Effect.Effect<ReadonlyArray<string>>
    /** The tables that `forget` changes: what stood in their rows is cleared from the disk afterwards. */
    readonly tables: ReadonlyArray<string>
  }
>()("fluxcybers/core/SubjectRecords") {}
