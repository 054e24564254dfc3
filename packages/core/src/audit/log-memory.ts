// What a log remembers outside of its database: the journal of its checkpoints, and the witnesses that it asks.
import { Duration, Effect, Result, Schema } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { openCheckpoint } from "./checkpoint.ts"
import { appendToJournal, readJournal } from "./checkpoint-journal.ts"
import { newestCheckpoint } from "./log-store.ts"
import type { NoteVerifier } from "./note-key.ts"
import { rootAt } from "./prover.ts"
import { makeWitnessing } from "./witness-client.ts"
import type { WitnessPolicy } from "./witness-policy.ts"

const JOURNAL_INTERVAL = Duration.seconds(1)
const WITNESS_INTERVAL = Duration.seconds(2)

/** The database does not hold the log that the journal beside it knows: it was cut, rewritten, or an older copy was restored. Nothing was changed. */
export class LogRolledBack extends Schema.TaggedError<LogRolledBack>()("LogRolledBack", {
  reason: Schema.Literals(["truncated", "forked"]),
  journal: Schema.String,
  /** Entries that the journal's newest checkpoint covers. */
  known: Schema.Int,
  /** Entries under the database's newest checkpoint. */
  size: Schema.Int
}) {
  override get message() {
    const found =
      this.reason === "truncated"
        ? `The audit log in the database has ${this.size} entries under its newest checkpoint; the journal ${this.journal} knows a signed checkpoint of ${this.known}.`
        : `The audit log in the database is not the one that the journal ${this.journal} knows: its first ${this.known} entries are other ones.`
    return `${found} It was cut or rewritten, or an older copy was restored. Nothing was changed. Run "audit verify". If you restored it on purpose, move the journal away and start again; witnesses will go on to refuse what differs.`
  }
}

/** Refuses a database that lacks what the newest checkpoint of the journal covers. */
export const compareWithJournal = Effect.fn("compareWithJournal")(function* (
  sql: SqlClient.SqlClient,
  { journal, verifier }: { readonly journal: string; readonly verifier: NoteVerifier }
) {
  const newest = (yield* readJournal(journal)).map((note) => openCheckpoint(note, verifier)).findLast(Result.isSuccess)
  if (newest === undefined) return
  const known = Number(newest.success.size)
  const size = (yield* newestCheckpoint(sql))?.size ?? 0
  if (known > size) return yield* new LogRolledBack({ reason: "truncated", journal, known, size })
  const root = yield* rootAt(sql, known)
  if (root === undefined || !Buffer.from(newest.success.root).equals(root)) {
    return yield* new LogRolledBack({ reason: "forked", journal, known, size })
  }
})

/** Writes the newest checkpoint to the journal every second and when the scope closes, if there is a newer one. */
export const keepJournal = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, journal: string) {
  let kept = -1
  const keep = Effect.gen(function* () {
    const newest = yield* newestCheckpoint(sql)
    if (newest === undefined || newest.size === kept) return
    yield* appendToJournal(journal, newest.note)
    kept = newest.size
  })
  yield* keep
  yield* Effect.addFinalizer(() => guarded("The last checkpoint could not be written to the journal.", keep))
  const written = guarded("The journal of checkpoints could not be written; it is tried again.", keep)
  yield* Effect.forkScoped(Effect.forever(Effect.delay(written, JOURNAL_INTERVAL)))
})

/** Asks the policy's witnesses every few seconds. What they refuse is logged as an error each time that its reason changes. */
export const keepWitnessed = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, policy: WitnessPolicy) {
  const round = makeWitnessing(sql, policy)
  const told = new Map<string, string>()
  const once = Effect.gen(function* () {
    const failures = yield* round
    const news = failures.filter(({ witness, message }) => told.get(witness) !== message)
    told.clear()
    for (const { witness, message } of failures) told.set(witness, message)
    for (const { message } of news) yield* Effect.logError(message)
  })
  const asked = guarded("Witnesses could not be asked; it is tried again.", once)
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(asked, Effect.sleep(WITNESS_INTERVAL))))
})

const guarded = <A>(message: string, effect: Effect.Effect<A>): Effect.Effect<void> =>
  Effect.catchCause(Effect.asVoid(effect), (cause) => Effect.logError(message, cause))
