// Verifying a whole log, against hashing the same leaves and the tree above them with SHA-256 and nothing else; and the time of one
// proof among ten million entries. The logs are written straight into the tables, as the sequencer would have left them.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  AuditLog,
  auditLogLayer,
  coreMigrations,
  Database,
  ephemeralSigningKey,
  migrate,
  verifyLog
} from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect, Layer } from "effect"
import { EMPTY_EDGE, edgeRoot, extend } from "../../packages/core/src/audit/tree-edge.ts"
import { leafHash } from "../../packages/core/src/audit/tree-hash.ts"
import { writeSyntheticLog } from "../testing/synthetic-log.ts"
import type { Measured } from "./main.ts"

const ENTRIES = 200_000
const ENTRIES_OF_PROOF = 10_000_000
/** The proof needs tiles, and the one entry: rows of the others would only fill the disk. */
const ROW_EVERY = 50_000
const ROUNDS = 5
/** The target of a verification on one core. */
const ENTRIES_A_SECOND = 150_000
const ORIGIN = "bench.example/log"
const key = ephemeralSigningKey(ORIGIN)

/** Verification in parts of the speed of bare hashing, memory, and what a proof takes. */
export const benchAuditVerify = async (): Promise<ReadonlyArray<Measured>> => {
  const verified = await inDatabase(verification)
  return [
    { name: "audit: verification, to hashing leaves and nodes alone", ratio: verified.speed, target: "at least 0.45" },
    {
      name: `audit: verification, in parts of ${ENTRIES_A_SECOND} entries/s`,
      ratio: verified.entriesASecond / ENTRIES_A_SECOND,
      target: "at least 1"
    },
    { name: "audit: memory of verifying, at the end to at a tenth", ratio: verified.memory, target: "at most 1.5" },
    { name: "audit: milliseconds of a proof among 10 million", ratio: await inDatabase(proof), target: "at most 5" }
  ]
}

const inDatabase = async <A>(work: Effect.Effect<A, unknown, Database>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
  const database = sqliteLayer({ filename: join(folder, "log.db") })
  try {
    return await Effect.runPromise(Effect.andThen(migrate("core", coreMigrations), work).pipe(Effect.provide(database)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const verification = Effect.gen(function* () {
  yield* writeSyntheticLog({ signer: key, entries: ENTRIES })
  const leaves = yield* readLeaves
  const rounds: Array<Round> = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(yield* compare(leaves))
  const entriesASecond = middle(rounds.map((round) => round.entriesASecond))
  return { speed: middle(rounds.map(({ speed }) => speed)), entriesASecond, memory: rounds[0]!.memory }
})

interface Round {
  readonly speed: number
  readonly entriesASecond: number
  readonly memory: number
}

const readLeaves = Effect.gen(function* () {
  const { sql } = yield* Database
  const rows = yield* sql<{ leaf: Uint8Array }>`SELECT leaf FROM core_audit_entries ORDER BY leaf_index`
  return rows.map(({ leaf }) => leaf)
})

const compare = Effect.fnUntraced(function* (leaves: ReadonlyArray<Uint8Array>) {
  const hashing = performance.now()
  edgeRoot(extend(EMPTY_EDGE, leaves.map(leafHash)).edge)
  const verifying = performance.now()
  let early = 0
  let most = 0
  const report = yield* verifyLog({
    verifierKey: key.verifier.text,
    onProgress: ({ entries, of }) => {
      most = Math.max(most, process.memoryUsage().rss)
      if (entries <= of / 10) early = most
    }
  })
  const ended = performance.now()
  if (report.problems.length > 0 || report.size !== ENTRIES) throw new Error("The benchmark's own log does not verify.")
  const verifyingMs = ended - verifying
  const entriesASecond = (ENTRIES / verifyingMs) * 1_000
  return { speed: (verifying - hashing) / verifyingMs, entriesASecond, memory: most / early } satisfies Round
})

const proof = Effect.gen(function* () {
  const ids = yield* writeSyntheticLog({ signer: key, entries: ENTRIES_OF_PROOF, rowEvery: ROW_EVERY })
  const database = Layer.succeed(Database, yield* Database)
  return yield* Effect.gen(function* () {
    const { prove } = yield* AuditLog
    const times: Array<number> = []
    for (const id of ids) {
      const began = performance.now()
      yield* prove(id)
      times.push(performance.now() - began)
    }
    return middle(times)
  }).pipe(Effect.provide(auditLogLayer({ origin: ORIGIN, key }).pipe(Layer.provide(database))))
})

const middle = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
