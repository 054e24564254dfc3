import { it } from "@effect/vitest"
import { AuditLog, AuditRetention, Database, type ExecutionId, SystemActor } from "@fluxcybers/core"
import { DateTime, Effect, Exit, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { TranscriptRetention, Transcripts } from "../src/index.ts"
import { insertPurge } from "../src/store/transcript-purges.ts"
import {
  actionsOn,
  ada,
  agent,
  decideAs,
  ended,
  hostLayer,
  makeWorld,
  organisation,
  otherOrganisation,
  outputOf,
  proposeAs,
  testExecutor,
  unknownExecution
} from "./world.ts"

const actor = new SystemActor({ component: "retention" })

/** Alternates between the streams, so that each piece is a chunk: more of them than a page has. */
const talkative = makeWorld({
  executors: [
    testExecutor({
      run: ({ output }) =>
        Effect.forEach(
          Array.from({ length: 70 }, (_, at) => at),
          (at) => output(at % 2 === 0 ? "stdout" : "stderr", new TextEncoder().encode(`line ${at}\n`))
        ).pipe(Effect.as({ exitCode: 0 }))
    })
  ]
})

const ran = Effect.gen(function* () {
  const { id } = yield* proposeAs(agent).pipe(Effect.flatMap((proposed) => decideAs(ada, proposed)))
  yield* ended(id)
  return id
})

const chunksOf = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  return (yield* sql`SELECT sequence FROM executor_transcript_chunks WHERE execution = ${execution}`).length
})

const purgeAll = Effect.gen(function* () {
  const before = DateTime.add(yield* DateTime.now, { seconds: 1 })
  return yield* (yield* TranscriptRetention).purge({ organisation, actor, before })
})

const reading = (execution: ExecutionId) =>
  Effect.flatMap(Transcripts, (transcripts) =>
    Effect.flip(Stream.runDrain(transcripts.read({ organisation, execution })))
  )

describe.each(databases)("$name", (database) => {
  it.live("what ended before goes, page by page; that it went is in the log first, and reading says so", () =>
    Effect.gen(function* () {
      const retention = yield* TranscriptRetention
      const old = yield* ran
      const before = DateTime.add(yield* DateTime.now, { milliseconds: 1 })
      yield* Effect.sleep(5)
      const young = yield* ran
      expect(yield* retention.plan({ organisation, before })).toEqual({ executions: 1, held: 0 })
      expect(yield* retention.purge({ organisation, actor, before })).toEqual({ executions: 1, held: 0, chunks: 70 })
      expect(yield* chunksOf(old)).toBe(0)
      expect(yield* reading(old)).toMatchObject({ _tag: "TranscriptPurged", execution: old })
      expect(yield* Effect.flip((yield* Transcripts).available({ organisation, execution: old }))).toMatchObject({
        message: expect.stringContaining("its period was over")
      })
      expect((yield* actionsOn(old)).at(-1)).toBe("transcript.purged")
      expect(yield* actionsOn("transcripts")).toEqual(["transcripts.swept", "transcripts.swept"])
      expect(yield* outputOf(young)).toContain("line 69")
      expect(yield* retention.purge({ organisation, actor, before })).toEqual({ executions: 0, held: 0, chunks: 0 })
    }).pipe(Effect.provide(hostLayer(talkative, database)))
  )

  it.live(
    "a hold on the execution, or on everything, keeps its transcript until it ends; no other organisation's goes",
    () =>
      Effect.gen(function* () {
        const holds = yield* AuditRetention
        const [held, free] = [yield* ran, yield* ran]
        const one = yield* holds.hold({ organisation, object: held, ground: "claim-1", actor })
        const before = DateTime.add(yield* DateTime.now, { seconds: 1 })
        const others = { organisation: otherOrganisation, before }
        expect(yield* (yield* TranscriptRetention).plan(others)).toEqual({ executions: 0, held: 0 })
        expect(yield* purgeAll).toMatchObject({ executions: 1, held: 1 })
        expect([yield* chunksOf(held), yield* chunksOf(free)]).toEqual([70, 0])
        const all = yield* holds.hold({ organisation, ground: "claim-2", actor })
        yield* holds.release({ id: one, organisation, actor })
        expect(yield* purgeAll).toMatchObject({ executions: 0, held: 1 })
        yield* holds.release({ id: all, organisation, actor })
        yield* holds.hold({ organisation, ground: "over", actor, until: yield* DateTime.now })
        expect(yield* purgeAll).toMatchObject({ executions: 1, held: 0, chunks: 70 })
      }).pipe(Effect.provide(hostLayer(talkative, database)))
  )

  it.live(
    "what runs, and what was cut off between its entry and its deletion: the one stays, the other goes on",
    () => {
      const slow = testExecutor({
        id: "slow",
        run: ({ output }) => Effect.andThen(output("stdout", Buffer.from("x")), Effect.never)
      })
      return Effect.gen(function* () {
        const { transaction } = yield* Database
        const running = yield* proposeAs(agent, { executor: "slow" }).pipe(Effect.flatMap((it) => decideAs(ada, it)))
        const cut = yield* ran
        while ((yield* chunksOf(running.id)) === 0) yield* Effect.sleep(5)
        const purged_at = DateTime.formatIso(yield* DateTime.now)
        const purged = { organisation, actor, action: "transcript.purged", object: cut, outcome: "success" } as const
        const entry = yield* (yield* AuditLog).record(purged)
        yield* transaction(insertPurge({ execution: cut, entry, purged_at }))
        expect(yield* reading(cut)).toMatchObject({ _tag: "TranscriptPurged" })
        yield* (yield* AuditRetention).hold({ organisation, object: cut, ground: "too-late", actor })
        expect(yield* purgeAll).toEqual({ executions: 1, held: 0, chunks: 70 })
        expect((yield* actionsOn(cut)).filter((action) => action === "transcript.purged")).toHaveLength(1)
        expect(yield* chunksOf(running.id)).toBe(1)
        expect(
          Exit.isFailure(
            yield* Effect.exit((yield* Transcripts).available({ organisation, execution: unknownExecution }))
          )
        ).toBe(true)
      }).pipe(Effect.provide(hostLayer(makeWorld({ executors: [...talkative.executors, slow] }), database)))
    }
  )
})
