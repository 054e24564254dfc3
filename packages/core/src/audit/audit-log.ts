// The audit log as its users see it. Entries are written in the caller's transaction; a sequencer gives them indices, extends the
// Merkle tree and signs a checkpoint.
import { Context, type Effect, Schema, type Stream } from "effect"
import type { AuditEntryId, OrganisationId } from "../ids.ts"
import type { AliasOpening } from "../verifier/alias.ts"
import type { ErasedSubject } from "./alias-store.ts"
import type { AuditEntry, AuditEvent, AuditOutcome } from "./event.ts"
import type { LogResource, NoSuchResource } from "./resource.ts"
import type { VerificationProgress, VerificationReport } from "./verify.ts"

/** No such entry, or not yet under a checkpoint. */
export class AuditEntryNotFound extends Schema.TaggedError<AuditEntryNotFound>()("AuditEntryNotFound", {
  id: Schema.String
}) {
  override get message() {
    return `The log has no entry ${this.id} under a checkpoint. List the entries with "audit list".`
  }
}

/** The entry did not come under a checkpoint in time: nothing that waits for it may start. */
export class CheckpointTimeout extends Schema.TaggedError<CheckpointTimeout>()("CheckpointTimeout", {
  id: Schema.String,
  waitedMs: Schema.Int
}) {
  override get message() {
    return `Audit entry ${this.id} was not under a signed checkpoint after ${this.waitedMs} ms. What waited for it was not started.`
  }
}

/** Two sizes between which there is no consistency proof: 0 < first ≤ second ≤ size of the log is needed. */
export class NoSuchTree extends Schema.TaggedError<NoSuchTree>()("NoSuchTree", {
  first: Schema.Finite,
  second: Schema.Finite,
  size: Schema.Int
}) {
  override get message() {
    return `No consistency proof from ${this.first} to ${this.second} entries: sizes from 1 to ${this.size} are possible, the smaller one first.`
  }
}

/** Two sizes of the log, the smaller one first. */
export interface TreeSizes {
  readonly first: number
  readonly second: number
}

/** An entry with its place in the log. */
export interface ListedEntry {
  /** Position in the log; absent while the entry waits for the sequencer. */
  readonly index?: number
  /** With ids in place of the aliases that can be opened. */
  readonly entry: AuditEntry
  /** Canonical JSON of the entry as it stands in the log, where `entry` says something else: proofs are about this. */
  readonly leaf?: string
}

/** An entry under a checkpoint. */
export interface IndexedEntry extends ListedEntry {
  readonly index: number
}

/** Which entries a list shows. */
export interface AuditFilter {
  readonly organisation: OrganisationId
  /** Entries before this id (exclusive), newest first. */
  readonly before?: AuditEntryId
  /** Only this entry. */
  readonly id?: AuditEntryId
  /** The id, also where an alias stands for it; or the alias. */
  readonly object?: string
  /** One action, or any of several. */
  readonly action?: string | ReadonlyArray<string>
  /** `person_…`, `agent_…/person_…`, `token_…` or `system/…`, also where an alias stands for it; or the alias. */
  readonly actor?: string
  readonly outcome?: AuditOutcome
  /** Entries of this instant (ISO 8601 in UTC) or later. */
  readonly since?: string
  /** Entries before this instant. */
  readonly until?: string
  /** 1 to 1,000; 100 unless told. */
  readonly limit?: number
}

/** What is known of an event: never anything personal. */
export type Facts = NonNullable<AuditEvent["facts"]>

/** An event that begins now and whose outcome comes later. */
export type BeginningEvent = Omit<AuditEvent, "outcome">

/**
 * An action under way. It is closed once, with what is added to its facts; the closing entry names the intent (`facts.intent`). A
 * closing that comes after somebody else took this process for dead and closed the action as `interrupted` says so: `facts.late`.
 */
export interface OpenAction {
  /** The entry that says that it began. */
  readonly intent: AuditEntryId
  succeed(facts?: Facts): Effect.Effect<void>
  fail(facts?: Facts): Effect.Effect<void>
  /** It was given up, by whoever began it or by a stop. */
  readonly interrupt: Effect.Effect<void>
}

/** An entry as the tree holds it. */
export interface LogLeaf {
  readonly index: number
  /** Canonical JSON of the entry. */
  readonly leaf: Uint8Array
}

/**
 * `record` writes an entry; call it inside the transaction that makes the change. `awaitCheckpoint` waits until an entry is
 * under a signed checkpoint (10 s at most). `prove` gives a `c2sp.org/tlog-proof@v1` file. `verify` reads the whole log and recomputes everything.
 */
export class AuditLog extends Context.Service<
  AuditLog,
  {
    record(event: AuditEvent): Effect.Effect<AuditEntryId>
    /**
     * Writes the event with the outcome `intent`, and remembers that it is open. When the process dies before it is closed, the next
     * start of the same node closes it as `interrupted`, or any other process a minute later.
     */
    begin(event: BeginningEvent): Effect.Effect<OpenAction>
    /**
     * `begin`, then the effect, then its end: `success` with the facts that are made of its value, `failure` with the tag of its error
     * (`facts.error`), `interrupted` when its fiber was. Not for what is resumed after a crash: that has an end of its own.
     */
    during<A, E, R>(
      event: BeginningEvent,
      effect: Effect.Effect<A, E, R>,
      factsOf?: (value: A) => Facts
    ): Effect.Effect<A, E, R>
    awaitCheckpoint(id: AuditEntryId): Effect.Effect<void, CheckpointTimeout>
    list(filter: AuditFilter): Effect.Effect<ReadonlyArray<ListedEntry>>
    /** The newest signed checkpoint: a C2SP signed note. */
    readonly checkpoint: Effect.Effect<string>
    /** The key that checks checkpoints, in the form of C2SP signed-note: `name+hash+base64`. */
    readonly verifierKey: string
    prove(id: AuditEntryId): Effect.Effect<string, AuditEntryNotFound>
    /** The hashes that show that the log of `second` entries begins with its first `first` ones (RFC 6962 §2.1.2). */
    proveConsistency(sizes: TreeSizes): Effect.Effect<ReadonlyArray<Uint8Array>, NoSuchTree>
    /** What is served under a path of C2SP tlog-tiles: `checkpoint`, `tile/0/000`, `tile/entries/000.p/5`. */
    resource(path: string): Effect.Effect<LogResource, NoSuchResource>
    /**
     * Erases what the aliases of a data subject stand for, given all ids that stand for that subject, and keeps it from being written
     * again. Returns how many there were. Call it in the transaction that destroys the subject's key.
     */
    forget(subject: ErasedSubject): Effect.Effect<number>
    /** What an organisation's aliases stand for: whoever has it can tell who did what, and check signed decisions in a bundle. */
    aliases(organisation: OrganisationId): Stream.Stream<AliasOpening>
    readonly verify: Effect.Effect<VerificationReport>
    /** `verify`, saying how far it is after every page of some thousand entries. */
    verification(onProgress: (progress: VerificationProgress) => void): Effect.Effect<VerificationReport>
    /** One organisation's entries under the newest checkpoint from an index on, in order. Read page by page: memory stays flat. */
    exportEntries(from: { readonly organisation: OrganisationId; readonly from: number }): Stream.Stream<IndexedEntry>
    /** The entries under the newest checkpoint, in order, for export. Read page by page: memory stays flat. */
    readonly entries: Stream.Stream<LogLeaf>
  }
>()("fluxcybers/core/AuditLog") {}
