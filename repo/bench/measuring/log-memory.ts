// node repo/bench/measuring/log-memory.ts 10000000  prints the memory of a process that writes into a log of that size and then
// verifies it. One size a process: what a heap has once had, it does not give back.
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
  newId,
  OrganisationId,
  SystemActor,
  verifyLog
} from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect, Layer } from "effect"
import { writeSyntheticLog } from "../../testing/synthetic-log.ts"

const ORIGIN = "bench.example/log"
const RECORDED = 50_000
const WRITERS = 100
const MIB = 2 ** 20

const key = ephemeralSigningKey(ORIGIN)

/** The most that this process held since it was made. */
const peak = () => {
  let bytes = 0
  return {
    look: () => {
      bytes = Math.max(bytes, process.memoryUsage().rss)
    },
    mib: () => Math.round(bytes / MIB)
  }
}

const measure = Effect.fnUntraced(function* (entries: number) {
  yield* migrate("core", coreMigrations)
  yield* writeSyntheticLog({ signer: key, entries })
  const database = Layer.succeed(Database, yield* Database)
  const log = auditLogLayer({ origin: ORIGIN, key }).pipe(Layer.provide(database))
  const recordingMib = yield* Effect.provide(record, log)
  const verifying = peak()
  const report = yield* verifyLog({ verifierKey: key.verifier.text, onProgress: verifying.look })
  if (report.problems.length > 0) return yield* Effect.die(new Error("The benchmark's own log does not verify."))
  console.log({ entries: report.size, recordingMib, verifyingMib: verifying.mib() })
})

const record = Effect.gen(function* () {
  const log = yield* AuditLog
  const organisation = yield* newId(OrganisationId, "org")
  const event = { organisation, actor: new SystemActor({ component: "bench" }), action: "bench.recorded" }
  const recording = peak()
  const one = (index: number) =>
    Effect.tap(log.record({ ...event, object: `late-${index}`, outcome: "success" }), () => {
      if (index % 1_000 === 0) recording.look()
      return Effect.void
    })
  const indices = Array.from({ length: RECORDED }, (_, index) => index)
  yield* Effect.forEach(indices, one, { concurrency: WRITERS, discard: true })
  return recording.mib()
})

const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
try {
  const database = sqliteLayer({ filename: join(folder, "log.db") })
  await Effect.runPromise(measure(Number(process.argv[2] ?? 1_000_000)).pipe(Effect.provide(database)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
