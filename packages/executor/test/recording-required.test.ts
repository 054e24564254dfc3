// Rules that demand a recording: what cannot be recorded does not start.
import { it } from "@effect/vitest"
import { AuditLog, Database, SubjectCipher } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { evaluate, Gate, Policies, type RuleDocument } from "../src/index.ts"
import { circumstancesIn } from "../src/rules/example.ts"
import { readRuleValue } from "../src/rules/read-rules.ts"
import {
  ada,
  agent,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  makeWorld,
  organisation,
  outputOf,
  proposeAs,
  testExecutor
} from "./world.ts"

const document: RuleDocument = {
  name: "recorded",
  breakGlass: { roles: ["owner"], reviewWithinHours: 1 },
  rules: [
    { name: "reads", when: { access: ["read"] }, require: "nobody", recording: "required" },
    {
      name: "people",
      require: { people: [{ count: 1, roles: ["owner"] }], requester: "may-decide" },
      recording: "required"
    }
  ],
  examples: [{ given: { access: "read" }, rule: "reads", require: "nobody" }]
}

/** A world in which it counts how often something ran. */
const counted = () => {
  const started: Array<string> = []
  const executor = testExecutor({
    run: ({ run, output }) =>
      Effect.andThen(
        Effect.sync(() => started.push(run)),
        Effect.as(output("stdout", new TextEncoder().encode("done")), { exitCode: 0 })
      )
  })
  return { started, world: makeWorld({ executors: [executor] }) }
}

const putRules = Effect.gen(function* () {
  yield* (yield* Policies).put({ organisation, actor: ada, document })
})
const granted = Effect.flatMap(proposeAs(agent), (proposed) => decideAs(ada, proposed))

/** The keys of everything are there, but for that of the transcripts. */
const withoutTranscriptKey = Layer.effect(
  SubjectCipher,
  Effect.map(SubjectCipher, (cipher) =>
    SubjectCipher.of({
      ...cipher,
      seal: (place, bytes) =>
        place.table === "executor_transcript_chunks"
          ? Effect.die(new Error("The key was destroyed."))
          : cipher.seal(place, bytes)
    })
  )
)

describe("the requirement", () => {
  it("says that it must be recorded, whoever must agree, and examples of demands still hold", () => {
    const read = evaluate({ ...document, version: 1 }, circumstancesIn({ access: "read" }))
    expect(read.requirement).toEqual({ _tag: "Nobody", recording: "required", rule: "recorded@1/reads" })
    const write = evaluate({ ...document, version: 1 }, circumstancesIn({ access: "write" }))
    expect(write.requirement).toMatchObject({ _tag: "People", recording: "required" })
    expect(readRuleValue(document)).toMatchObject({ success: { failed: [] } })
    expect(readRuleValue({ ...document, rules: [{ ...document.rules[0], recording: "maybe" }] })).toMatchObject({
      failure: [{ field: "rules[0].recording" }]
    })
  })
})

describe.each(databases.slice(0, 2))("what must be recorded, on $name", (database) => {
  it.live("runs when it can be recorded, also when the glass is broken", () => {
    const { started, world } = counted()
    return Effect.gen(function* () {
      yield* putRules
      const execution = yield* ended((yield* granted).id)
      expect(execution).toMatchObject({ state: "succeeded", requirement: { recording: "required" } })
      expect(yield* outputOf(execution.id)).toBe("done")
      const broken = yield* proposeAs(ada, { breakGlass: true, reason: "It burns." })
      expect(broken.requirement).toMatchObject({ _tag: "BreakGlass", recording: "required" })
      expect(yield* ended(broken.id)).toMatchObject({ state: "succeeded" })
      expect(started).toHaveLength(2)
    }).pipe(Effect.provide(dispatcherLayer().pipe(Layer.provideMerge(gateLayer(world, database)))))
  })

  it.live("does not run when nothing can be recorded, and says so", () => {
    const { started, world } = counted()
    const dispatcher = dispatcherLayer().pipe(Layer.provide(withoutTranscriptKey))
    return Effect.gen(function* () {
      yield* putRules
      const execution = yield* ended((yield* granted).id)
      expect(started).toEqual([])
      expect(execution).toMatchObject({
        state: "failed",
        detail: expect.stringMatching(/^The rules demand a recording, and none could be written: .* It did not run\./),
        runs: [{ state: "skipped" }]
      })
      const log = yield* (yield* AuditLog).list({ organisation, object: execution.id, limit: 10 })
      const skipped = log.find(({ entry }) => entry.action === "execution.runs-skipped")
      expect(skipped?.entry).toMatchObject({ outcome: "failure", facts: { why: "not-recordable", runs: 1 } })
    }).pipe(Effect.provide(dispatcher.pipe(Layer.provideMerge(gateLayer(world, database)))))
  })
})

it.live("what must be recorded does not run either when the storage refuses its transcript", () => {
  const { started, world } = counted()
  return Effect.gen(function* () {
    const { sql } = yield* Database
    yield* putRules
    yield* sql`ALTER TABLE executor_transcript_chunks RENAME TO gone`
    const { id } = yield* granted
    const settled = sql`SELECT id FROM executor_executions WHERE state = 'failed'`
    while ((yield* settled).length === 0) yield* Effect.sleep(50)
    expect(started).toEqual([])
    expect((yield* (yield* Gate).get(organisation, id)).runs).toMatchObject([{ state: "skipped" }])
  }).pipe(Effect.provide(dispatcherLayer().pipe(Layer.provideMerge(gateLayer(world, databases[0]!)))))
})
