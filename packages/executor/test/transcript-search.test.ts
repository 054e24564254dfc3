import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { DateTime, Effect } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { TranscriptRetention, TranscriptSearch } from "../src/index.ts"
import {
  ada,
  agent,
  databaseDump,
  decideAs,
  ended,
  hostLayer,
  makeWorld,
  organisation,
  otherOrganisation,
  proposeAs,
  testExecutor
} from "./world.ts"

const encode = (text: string) => new TextEncoder().encode(text)

/** Says each of its words to the two streams in turn. */
const world = makeWorld({
  executors: [
    testExecutor({
      run: ({ plan, output }) =>
        Effect.forEach(plan.command._tag === "Argv" ? plan.command.argv.slice(1) : [], (word, at) =>
          output(at % 2 === 0 ? "stdout" : "stderr", encode(word))
        ).pipe(Effect.as({ exitCode: 0 }))
    })
  ]
})

const saying = Effect.fnUntraced(function* (...words: ReadonlyArray<string>) {
  const proposed = yield* proposeAs(agent, { input: { words } })
  yield* decideAs(ada, proposed)
  return (yield* ended(proposed.id)).id
})

const search = Effect.fnUntraced(function* (text: string, more: object = {}) {
  return yield* (yield* TranscriptSearch).search({ organisation, actor: ada, text, ...more })
})

describe.each(databases)("$name", (database) => {
  it.live("finds a text in what runs wrote, newest first, within one organisation, and each search is in the log", () =>
    Effect.gen(function* () {
      const old = yield* saying("needle in", "elsewhere", " the hay")
      const young = yield* saying("no", "a nee", "thing", "dle here")
      const found = yield* search("needle")
      expect(found.matches).toMatchObject([
        {
          execution: young,
          stream: "stderr",
          before: "a ",
          match: "needle",
          after: " here",
          start: { sequence: 2 },
          end: { sequence: 4 }
        },
        { execution: old, stream: "stdout", after: " in the hay", targetName: "echo" }
      ])
      expect(found).toMatchObject({ executions: 2, unreadable: [] })
      expect(found.next).toBeUndefined()
      expect((yield* search("needle", { execution: old })).matches).toHaveLength(1)
      expect((yield* search("needle", { target: "nowhere" })).executions).toBe(0)
      expect((yield* search("needle", { target: "echo" })).executions).toBe(2)
      expect((yield* search("needle", { since: "2999-01-01T00:00:00.000Z" })).executions).toBe(0)
      expect((yield* search("needle", { until: "2999-01-01T00:00:00.000Z" })).matches).toHaveLength(2)
      expect((yield* search("needle", { organisation: otherOrganisation })).matches).toEqual([])
      const logged = yield* (yield* AuditLog).list({ organisation, action: "transcript.searched" })
      expect(logged.at(-1)?.entry).toMatchObject({ facts: { executions: 2, matches: 2, complete: true } })
      expect(yield* databaseDump).not.toContain("needle")
    }).pipe(Effect.provide(hostLayer(world, database)))
  )

  it.live("says when there is more, and goes on there; what was purged or altered is not passed over in silence", () =>
    Effect.gen(function* () {
      const old = yield* saying("x x x")
      const young = yield* saying("x x")
      const first = yield* search("x", { limit: 1 })
      expect(first).toMatchObject({ matches: [{ execution: young }], next: { execution: young, skip: 1 } })
      const second = yield* search("x", { limit: 2, from: first.next })
      expect(second.matches.map(({ execution, start }) => [execution, start.offset])).toEqual([
        [young, 2],
        [old, 0]
      ])
      const third = yield* search("x", { limit: 2, from: second.next })
      expect(third.matches.map(({ start }) => start.offset)).toEqual([2, 4])
      expect(third.next).toBeUndefined()
      const { sql } = yield* Database
      yield* sql`UPDATE executor_transcript_chunks SET at_ms = at_ms, sequence = 7 WHERE execution = ${young}`
      expect(yield* search("x")).toMatchObject({ unreadable: [young], matches: [{}, {}, {}] })
      const before = DateTime.add(yield* DateTime.now, { seconds: 1 })
      yield* (yield* TranscriptRetention).purge({ organisation, actor: ada, before })
      expect(yield* search("x")).toMatchObject({ executions: 0, matches: [] })
    }).pipe(Effect.provide(hostLayer(world, database)))
  )
})
