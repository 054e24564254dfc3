// Recording audit entries, many at a time, against inserting the same rows into the same tables directly: both on SQLite in a file,
// with a write-ahead log and a sync on every commit.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  AuditLog,
  auditLogLayer,
  coreMigrations,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  SystemActor
} from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import BetterSqlite from "better-sqlite3"
import { Effect, Layer } from "effect"
import type { Measured } from "./main.ts"

const ENTRIES = 10_000
const FIBERS = 1_000
/** What the recorder puts into one commit at most. */
const COMMIT_ENTRIES = 1_000
const ROUNDS = 3
const ORIGIN = "bench.example/log"

/** Speed of the audit log in parts of the speed of direct inserts. */
export const benchAudit = async (): Promise<ReadonlyArray<Measured>> => {
  const rounds: Array<Round> = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await inFolder(compare))
  const middle = (part: (round: Round) => number) => rounds.map(part).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!
  return [
    {
      name: "audit: entries committed, to raw inserts",
      ratio: middle(({ rawMs, committedMs }) => rawMs / committedMs)
    },
    {
      name: "audit: entries under a checkpoint, to raw inserts",
      ratio: middle(({ rawMs, signedMs }) => rawMs / signedMs)
    }
  ]
}

interface Round {
  readonly rawMs: number
  readonly committedMs: number
  readonly signedMs: number
}

const inFolder = async <A>(work: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const compare = async (folder: string): Promise<Round> => {
  const filename = join(folder, "log.db")
  const log = auditLogLayer({ origin: ORIGIN, key: ephemeralSigningKey(ORIGIN) }).pipe(
    Layer.provide(sqliteLayer({ filename }))
  )
  const times = await Effect.runPromise(record.pipe(Effect.provide(log)))
  return { ...times, rawMs: insertDirectly(filename, join(folder, "raw.db")) }
}

const record = Effect.gen(function* () {
  const { record, awaitCheckpoint } = yield* AuditLog
  const organisation = yield* newId(OrganisationId, "org")
  const actor = new SystemActor({ component: "bench" })
  const event = { organisation, actor, action: "bench.recorded", outcome: "success" as const }
  const started = performance.now()
  yield* Effect.forEach(
    Array.from({ length: ENTRIES }, (_, index) => `object-${index}`),
    (object) => record({ ...event, object }),
    { concurrency: FIBERS, discard: true }
  )
  const committedMs = performance.now() - started
  // Entries come under a checkpoint in their order, so the last one stands for all.
  yield* awaitCheckpoint(yield* record({ ...event, object: "last" }))
  return { committedMs, signedMs: performance.now() - started }
})

/** Reads the rows that the log wrote and writes them to empty tables of the same definition; returns the time of the writing. */
const insertDirectly = (from: string, to: string): number => {
  const source = new BetterSqlite(from, { readonly: true })
  const rows = source.prepare("SELECT * FROM core_audit_entries ORDER BY leaf_index").all()
  source.close()
  const target = new BetterSqlite(to)
  target.pragma("journal_mode = WAL")
  target.pragma("synchronous = FULL")
  const tables = coreMigrations.flatMap(({ statements }) =>
    statements({ dialect: "sqlite", bytes: "BLOB", integer: "INTEGER" })
  )
  for (const statement of tables) target.exec(statement)
  const insert = target.prepare(
    "INSERT INTO core_audit_entries VALUES (@leaf_index, @id, @org, @actor, @action, @object, @time, @leaf)"
  )
  const commit = target.transaction((batch: ReadonlyArray<unknown>) => {
    for (const row of batch) insert.run(row)
  })
  const started = performance.now()
  for (let first = 0; first < rows.length; first += COMMIT_ENTRIES) commit(rows.slice(first, first + COMMIT_ENTRIES))
  const elapsed = performance.now() - started
  target.close()
  return elapsed
}
