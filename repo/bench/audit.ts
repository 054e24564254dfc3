// Recording audit entries against inserting the same rows into the same tables directly: both on SQLite in a file, with a write-ahead
// log and a sync on every commit. N writers record one entry after the other; the direct inserts go N to a commit. Each round is
// measured once before any counts: a server is warm. Disks and neighbours are not steady, so beside the time on the clock stands the
// CPU time of both sides, which is.
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
import { createRootKey, createSealer, type Sealer } from "@fluxcybers/vault/promise"
import BetterSqlite from "better-sqlite3"
import { Effect, Layer } from "effect"
import type { Measured } from "./main.ts"

const ROUNDS = 5
/** Writers, and the entries that they write in a round. */
const LOADS = [
  [1, 200],
  [10, 2_000],
  [100, 10_000],
  [1_000, 20_000]
] as const
/** Whoever goes on only when the entry is under a checkpoint asks for that; one in so many does. */
const AWAITED_EVERY = 11
const ORIGIN = "bench.example/log"
/** The targets of the log: entries a second, each with a sealed slot, and milliseconds until one is under a checkpoint. */
const ENTRIES_A_SECOND = 20_000
const CHECKPOINT_MS = 250
const SLOT_PLACE = { table: "core_audit_entries", column: "sealed", row: "bench", subject: "person_bench" }
const SLOT = Buffer.from("mara.lindqvist@example.net from 203.0.113.7")

/** Speed of the audit log in parts of the speed of direct inserts, and of its targets. */
export const benchAudit = async (): Promise<ReadonlyArray<Measured>> => {
  const measured: Array<Measured> = []
  for (const [writers, entries] of LOADS) {
    const rounds = await repeat((folder) => compare(folder, { writers, entries }))
    const [name, target] = [`audit: ${writers} writers, to raw inserts`, "at least 0.5"]
    measured.push({ name, ratio: middle(rounds, ({ raw, log }) => raw.elapsedMs / log.elapsedMs), target })
    if (writers < 100) continue
    measured.push({ name: `${name}, CPU`, ratio: middle(rounds, ({ raw, log }) => raw.cpuMs / log.cpuMs), target })
    measured.push({
      name: `audit: ${writers} writers, p99 until under a checkpoint, in parts of ${CHECKPOINT_MS} ms`,
      ratio: middle(rounds, ({ log }) => percentile99(log.waitedMs)) / CHECKPOINT_MS,
      target: "at most 1"
    })
  }
  const sealed = await repeat(sealedEntries)
  const name = `audit: sealed and logged, in parts of ${ENTRIES_A_SECOND} entries/s`
  return [...measured, { name, ratio: middle(sealed, (rate) => rate / ENTRIES_A_SECOND), target: "at least 1" }]
}

const percentile99 = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!

const repeat = async <A>(work: (folder: string) => Promise<A>): Promise<ReadonlyArray<A>> => {
  const rounds: Array<A> = []
  for (let round = 0; round <= ROUNDS; round++) rounds.push(await inFolder(work))
  return rounds.slice(1)
}

const middle = <A>(rounds: ReadonlyArray<A>, part: (round: A) => number): number =>
  rounds.map(part).sort((a, b) => a - b)[Math.floor(rounds.length / 2)]!

const inFolder = async <A>(work: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Load {
  readonly writers: number
  readonly entries: number
  readonly seal?: () => Readonly<Record<string, string>>
}

const compare = async (folder: string, load: Load) => {
  const filename = join(folder, "log.db")
  const log = await recorded(filename, load)
  return { log, raw: insertDirectly(filename, join(folder, "raw.db"), load.writers) }
}

const sealedEntries = async (folder: string): Promise<number> => {
  const rootKeyFile = join(folder, "root.key")
  await createRootKey(rootKeyFile)
  const sealer: Sealer = await createSealer({ rootKeyFile })
  const seal = () => ({ person_bench: Buffer.from(sealer.sealBytes(SLOT_PLACE, SLOT)).toString("base64") })
  const entries = 20_000
  const { elapsedMs } = await recorded(join(folder, "log.db"), { writers: 1_000, entries, seal })
  return (entries / elapsedMs) * 1_000
}

/** How long it takes until all entries are under a checkpoint, and how long each of them waited for that. */
const recorded = (filename: string, { writers, entries, seal }: Load) =>
  Effect.gen(function* () {
    const { record, awaitCheckpoint } = yield* AuditLog
    const organisation = yield* newId(OrganisationId, "org")
    const actor = new SystemActor({ component: "bench" })
    const event = { organisation, actor, action: "bench.recorded", outcome: "success" as const }
    const waitedMs: Array<number> = []
    const one = (index: number) => {
      const entry = { ...event, object: `object-${index}`, ...(seal === undefined ? {} : { sealed: seal() }) }
      if (index % AWAITED_EVERY !== 0) return record(entry)
      const started = performance.now()
      return record(entry).pipe(
        Effect.andThen(awaitCheckpoint),
        Effect.tap(() => Effect.sync(() => waitedMs.push(performance.now() - started)))
      )
    }
    const writer = (first: number) => {
      let index = first
      return Effect.whileLoop({
        while: () => index < entries,
        body: () => one(index),
        step: () => {
          index += writers
        }
      })
    }
    const took = stopwatch()
    yield* Effect.forEach(
      Array.from({ length: writers }, (_, first) => first),
      writer,
      {
        concurrency: "unbounded",
        discard: true
      }
    )
    yield* awaitCheckpoint(yield* record({ ...event, object: "last" }))
    return { ...took(), waitedMs }
  }).pipe(
    Effect.provide(
      auditLogLayer({ origin: ORIGIN, key: ephemeralSigningKey(ORIGIN) }).pipe(Layer.provide(sqliteLayer({ filename })))
    ),
    Effect.runPromise
  )

const stopwatch = () => {
  const started = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { elapsedMs: performance.now() - started, cpuMs: (user + system) / 1_000 }
  }
}

/** Reads the rows that the log wrote and writes them to empty tables of the same definition; returns the time of the writing. */
const insertDirectly = (from: string, to: string, rowsACommit: number) => {
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
  const took = stopwatch()
  for (let first = 0; first < rows.length; first += rowsACommit) commit(rows.slice(first, first + rowsACommit))
  const times = took()
  target.close()
  return times
}
