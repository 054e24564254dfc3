// Writing entries. Inside a transaction an entry is part of it. Outside of one, entries of many fibers share a commit: whoever comes
// while the last commit is under way goes with the next. On SQLite that commit also holds their checkpoint.
import { Effect, Exit, Queue } from "effect"
import { Database } from "../database/database.ts"
import { insertAliases } from "./alias-store.ts"
import type { Aliasing, NewAlias } from "./aliasing.ts"
import type { EntryRow } from "./entry.ts"
import { insertEntries } from "./log-store.ts"
import type { Seal } from "./sequencer.ts"

const COMMIT_ENTRIES_MAX = 1_000

/** What a recorder needs of the sequencer. */
export interface RecorderOptions {
  readonly seal: Seal
  readonly aliasing: Aliasing
  /** Runs after entries were committed that are not under a checkpoint yet. */
  readonly onCommitted: Effect.Effect<void>
  /** Runs after entries came under a checkpoint. */
  onSealed(ids: ReadonlyArray<string>): void
}

/** A fiber that waits for its entry's commit. There are as many as there are fibers that record. */
interface Waiting {
  readonly row: EntryRow
  resume(written: Exit.Exit<void>): void
}

export interface Recorder {
  /** Returns when the entry is part of the running transaction. */
  writeInTransaction(row: EntryRow): Effect.Effect<void>
  /** Returns when the entry is committed. */
  write(row: EntryRow): Effect.Effect<void>
}

/** The writer of entries, at work for as long as the scope is open. */
export const makeRecorder = Effect.fnUntraced(function* (options: RecorderOptions) {
  const database = yield* Database
  const waiting: Array<Waiting> = []
  const wake = yield* Queue.sliding<void>(1)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { resume } of waiting.splice(0)) resume(Exit.interrupt())
    })
  )
  const commitAll = Effect.whileLoop({
    while: () => waiting.length > 0,
    body: () => Effect.uninterruptible(commitTogether(database, waiting, options)),
    step: () => {}
  })
  yield* Queue.take(wake).pipe(Effect.andThen(commitAll), Effect.forever, Effect.forkScoped)

  return {
    write: (row) =>
      Effect.callback<void>((resume) => {
        waiting.push({ row, resume })
        if (waiting.length === 1) Queue.offerUnsafe(wake, undefined)
      }),
    writeInTransaction: (row) =>
      Effect.gen(function* () {
        yield* insertEntries(database, [row])
        if (row.aliases.length > 0) {
          yield* insertAliases(database, row.aliases)
          yield* database.sql.afterCommit(Effect.sync(() => options.aliasing.committed(row.aliases)))
        }
        yield* database.sql.afterCommit(options.onCommitted)
      })
  } satisfies Recorder
})

const commitTogether = Effect.fnUntraced(function* (
  database: Database["Service"],
  waiting: Array<Waiting>,
  { seal, aliasing, onCommitted, onSealed }: RecorderOptions
) {
  let batch: ReadonlyArray<Waiting> = []
  let aliases: ReadonlyArray<NewAlias> = []
  const commit = (isSealed: boolean) =>
    database.transaction(
      Effect.gen(function* () {
        // Taken only now: whoever came while this transaction waited for its turn goes with it.
        if (batch.length === 0) batch = waiting.splice(0, COMMIT_ENTRIES_MAX)
        const rows = batch.map(({ row }) => row)
        aliases = distinct(rows.flatMap((row) => row.aliases))
        yield* insertAliases(database, aliases)
        const begin = yield* insertEntries(database, rows)
        return isSealed && begin !== undefined ? yield* seal(begin, rows) : undefined
      })
    )
  // A tree that cannot grow, because somebody altered it, must not keep entries from being written: the sequencer tells about it.
  const exit = yield* Effect.exit(commit(true).pipe(Effect.catchCause(() => commit(false))))
  if (Exit.isSuccess(exit)) aliasing.committed(aliases)
  else aliasing.failed(aliases)
  const sealed = Exit.isSuccess(exit) ? exit.value : undefined
  if (sealed !== undefined) {
    sealed.committed()
    onSealed(sealed.ids)
  }
  const written = Exit.asVoid(exit)
  for (const { resume } of batch) resume(written)
  if (Exit.isSuccess(exit) && sealed?.isComplete !== true) yield* onCommitted
})

/** Entries that came together bring the same ones. */
const distinct = (aliases: ReadonlyArray<NewAlias>): ReadonlyArray<NewAlias> =>
  aliases.length < 2 ? aliases : [...new Map(aliases.map((made) => [made.alias, made])).values()]
