// The audit log on a database: recording, the sequencer's loop, waiting for a checkpoint, listing.
import { Clock, Duration, Effect, Layer, Queue } from "effect"
import { Database } from "../database/database.ts"
import { migrate, type SchemaMismatch } from "../database/migrate.ts"
import type { SqlClient } from "../database/sql.ts"
import { isInTransaction, transactionOf } from "../database/transaction.ts"
import { type AuditEntryId, IdRandom } from "../ids.ts"
import { eraseAliases, streamAliases } from "./alias-store.ts"
import { Aliasing } from "./aliasing.ts"
import { AuditLog, CheckpointTimeout } from "./audit-log.ts"
import { readJournal } from "./checkpoint-journal.ts"
import { birth, type EntryRow, entryRow } from "./entry.ts"
import type { AuditEvent } from "./event.ts"
import { listEntries, streamEntries, streamEntriesOf } from "./listing.ts"
import { compareWithJournal, keepJournal, keepWitnessed, type LogRolledBack } from "./log-memory.ts"
import * as store from "./log-store.ts"
import { coreMigrations } from "./migrations.ts"
import type { NoteSigner } from "./note-key.ts"
import { makeOpenActions } from "./open-actions.ts"
import { newestCosigned, proveConsistency, proveEntry } from "./prover.ts"
import { makeRecorder, type Recorder } from "./recorder.ts"
import { readResource } from "./resource.ts"
import { BATCH_ENTRIES_MAX, makeSequencer, openLog, type Round, WrongLogKey } from "./sequencer.ts"
import type { VerificationProgress } from "./verify.ts"
import { verifyWith } from "./verify-log.ts"
import { makeWaiters, type Waiters } from "./waiters.ts"
import { fetchWitnessed } from "./witness-client.ts"
import type { WitnessPolicy } from "./witness-policy.ts"

const POLL_INTERVAL = Duration.millis(250)
/** How soon to look again when another node holds the lock: a batch takes milliseconds. */
const BUSY_INTERVAL = Duration.millis(20)
const RETRY_INTERVAL_MIN_MS = 100
const RETRY_INTERVAL_MAX_MS = 5_000
const CHECKPOINT_WAIT_MS = 10_000
/** `2027-01-31`, at the beginning of an ISO instant. */
const DATE_LENGTH = 10

/** The name and the key of a log. */
export interface AuditLogOptions {
  /** The name of the log, like `log.example.com/fluxcybers`. The key must have been made for it. */
  readonly origin: string
  readonly key: NoteSigner
  /** A file outside of the database that keeps its checkpoints; the log does not open on a database that lacks what it knows. */
  readonly journal?: string
  /** Witnesses that are asked for cosignatures, and that `verify` then demands. */
  readonly policy?: WitnessPolicy
  /** The name of this process among those on the database, the same at every start: what its last one left open is closed at once. */
  readonly node?: string
}

/**
 * The audit log in the given `Database`: brings core's tables up to date, makes sure that the log there was signed with this key,
 * and sequences entries for as long as the layer's scope is open. Any number of nodes may do so on one PostgreSQL. Entries that
 * were committed but not sequenced before a crash are sequenced at the next start.
 */
export const auditLogLayer = (
  options: AuditLogOptions
): Layer.Layer<AuditLog, WrongLogKey | SchemaMismatch | LogRolledBack, Database> =>
  Layer.effect(AuditLog, openAuditLog(options))

const openAuditLog = Effect.fnUntraced(function* ({ origin, key, node, ...memory }: AuditLogOptions) {
  if (key.name !== origin) return yield* new WrongLogKey({ origin })
  const database = yield* Database
  const { sql } = database
  yield* migrate("core", coreMigrations)
  yield* openLog(key)
  const { journal, policy } = memory
  if (journal !== undefined) yield* compareWithJournal(sql, { journal, verifier: key.verifier })
  const waiters = makeWaiters()
  const wake = yield* Queue.sliding<void>(1)
  const { round, seal } = yield* makeSequencer(key)
  yield* Effect.forkScoped(sequencing({ round, waiters, wake }))

  if (journal !== undefined) yield* keepJournal(sql, journal)
  if (policy !== undefined) yield* keepWitnessed(sql, policy)

  const aliasing = new Aliasing()
  const { write, writeInTransaction } = yield* makeRecorder({
    seal,
    aliasing,
    onCommitted: Effect.asVoid(Queue.offer(wake, undefined)),
    onSealed: waiters.announce
  })

  const recordRow = recordingRow({ sql, aliasing, write, writeInTransaction })
  const record = (event: AuditEvent) => Effect.map(recordRow(event), ({ id }) => id)

  const { begin, during } = yield* makeOpenActions({ recordRow, record, node })

  const verification = verifyRemembered(sql, { origin, key, ...memory })

  return AuditLog.of({
    record,
    begin,
    during,
    awaitCheckpoint: awaitCheckpoint(sql, waiters),
    list: (filter) => listEntries(sql, filter),
    checkpoint: newestCosigned(sql).pipe(Effect.map((newest) => newest!.note)),
    verifierKey: key.verifier.text,
    prove: (id) => proveEntry(sql, id, policy),
    proveConsistency: (sizes) => proveConsistency(sql, sizes),
    resource: (path) => readResource(sql, path),
    verify: verification(() => {}),
    verification,
    forget: (subject) => database.transaction(eraseAliases(database, subject)),
    aliases: (organisation) => streamAliases(sql, organisation),
    exportEntries: (from) => streamEntriesOf(sql, from),
    entries: streamEntries(sql)
  })
})

interface Writing extends Recorder {
  readonly sql: SqlClient.SqlClient
  readonly aliasing: Aliasing
}

const recordingRow =
  ({ sql, aliasing, write, writeInTransaction }: Writing) =>
  (event: AuditEvent) =>
    Effect.withFiber<EntryRow>((fiber) => {
      const born = birth(fiber.getRef(Clock.Clock).currentTimeMillisUnsafe(), fiber.getRef(IdRandom))
      const transaction = transactionOf(fiber, sql)
      const naming = aliasing.naming(event.organisation, born.time.slice(0, DATE_LENGTH), transaction)
      const row = entryRow(event, born, naming)
      return Effect.as(transaction === undefined ? write(row) : writeInTransaction(row), row)
    })

const awaitCheckpoint = (sql: SqlClient.SqlClient, waiters: Waiters) =>
  Effect.fn("AuditLog.awaitCheckpoint")(function* (id: AuditEntryId) {
    if (yield* isInTransaction(sql)) {
      return yield* Effect.die(new Error("awaitCheckpoint inside a transaction would wait for itself: commit first"))
    }
    const isSequenced = store.sequencedAmong(sql, [id]).pipe(Effect.map((found) => found.has(id)))
    return yield* waiters.wait(id, isSequenced).pipe(
      Effect.timeoutOrElse({
        duration: CHECKPOINT_WAIT_MS,
        orElse: () => Effect.fail(new CheckpointTimeout({ id, waitedMs: CHECKPOINT_WAIT_MS }))
      })
    )
  })

/** Holds the log against what its journal and its witnesses remember. */
const verifyRemembered = (sql: SqlClient.SqlClient, { origin, key, journal, policy }: AuditLogOptions) =>
  Effect.fnUntraced(function* (onProgress: (progress: VerificationProgress) => void) {
    // Before the database: what is appended meanwhile is then in no doubt.
    const journalled = journal === undefined ? [] : yield* readJournal(journal)
    const witnessed = policy === undefined ? [] : yield* fetchWitnessed(policy, origin)
    const seen = [...journalled, ...witnessed]
    const given = { verifier: key.verifier, seen, onProgress }
    return yield* verifyWith(sql, policy === undefined ? given : { ...given, policy })
  })

interface Sequencing {
  readonly round: Effect.Effect<Round>
  readonly waiters: Waiters
  readonly wake: Queue.Queue<void>
}

/** Rounds for ever. A failed one is logged and repeated: what waits in the database is not lost. */
const sequencing = Effect.fnUntraced(function* ({ round, waiters, wake }: Sequencing) {
  const { sql, dialect } = yield* Database
  const once = Effect.gen(function* () {
    const done = yield* round
    const entries = done === "busy" ? [] : done
    waiters.announce(entries.map((entry) => entry.id))
    // Other nodes sequence entries of this one too.
    if (entries.length === 0 || dialect === "postgres") {
      const awaited = waiters.awaited()
      if (awaited.length > 0) waiters.announce([...(yield* store.sequencedAmong(sql, awaited))])
    }
    if (entries.length >= BATCH_ENTRIES_MAX) return
    yield* Effect.timeoutOption(Queue.take(wake), done === "busy" ? BUSY_INTERVAL : POLL_INTERVAL)
  })
  let failures = 0
  const guarded = once.pipe(
    Effect.tap(() =>
      Effect.sync(() => {
        failures = 0
      })
    ),
    Effect.catchCause((cause) =>
      Effect.logError("The audit log could not be sequenced; it is tried again.", cause).pipe(
        Effect.andThen(Effect.sleep(Math.min(RETRY_INTERVAL_MIN_MS * 2 ** failures++, RETRY_INTERVAL_MAX_MS)))
      )
    )
  )
  return yield* Effect.forever(guarded)
})
