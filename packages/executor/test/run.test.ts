import { it } from "@effect/vitest"
import { Database, SecretReader } from "@fluxcybers/core"
import { Deferred, Effect, Redacted } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, type PlanDraft, RunError } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  databaseDump,
  decideAs,
  ended,
  hostLayer,
  makeWorld,
  organisation,
  outputOf,
  proposeAs,
  testExecutor
} from "./world.ts"

type Spec = NonNullable<Parameters<typeof testExecutor>[0]>

const running = (run: NonNullable<Spec["run"]>, draft: Partial<PlanDraft> = {}) =>
  makeWorld({
    executors: [
      testExecutor({
        run,
        plan: () => ({ command: { _tag: "Argv", argv: ["x"] }, access: "write", sentence: "Does x.", ...draft })
      })
    ]
  })

const granted = Effect.flatMap(proposeAs(agent), (proposed) => decideAs(ada, proposed))
const bytes = (text: string) => new TextEncoder().encode(text)

describe.each(databases)("$name", (database) => {
  it.live("a run that takes too long is stopped, and its finalizers have run before it is settled", () => {
    const released: Array<string> = []
    const world = running(
      () =>
        Effect.andThen(
          Effect.addFinalizer(() =>
            Effect.delay(
              Effect.sync(() => released.push("released")),
              50
            )
          ),
          Effect.never
        ),
      { timeoutMs: 100 }
    )
    return Effect.gen(function* () {
      const execution = yield* ended((yield* granted).id)
      expect(released).toEqual(["released"])
      expect(execution).toMatchObject({
        state: "timed_out",
        detail: "It was stopped because its time limit of 100 ms was over. What it did until then stands."
      })
    }).pipe(Effect.provide(hostLayer(world, database)))
  })

  it.live("a cancel stops what runs, and what it wrote until then is kept", () => {
    const started = Deferred.makeUnsafe<void>()
    const twice = Deferred.makeUnsafe<void>()
    const world = running(({ output }) =>
      Effect.addFinalizer(() => Deferred.await(twice)).pipe(
        Effect.andThen(output("stdout", bytes("half"))),
        Effect.andThen(Deferred.succeed(started, undefined)),
        Effect.andThen(Effect.never)
      )
    )
    return Effect.gen(function* () {
      const gate = yield* Gate
      const { id } = yield* granted
      yield* Deferred.await(started)
      yield* gate.cancel({ organisation, actor: agent, execution: id })
      yield* gate.cancel({ organisation, actor: ada, execution: id })
      yield* Deferred.succeed(twice, undefined)
      const execution = yield* ended(id)
      expect(execution).toMatchObject({
        state: "cancelled",
        runs: [{ state: "cancelled", outcome: { outputBytes: 4 } }]
      })
      expect(yield* outputOf(id)).toBe("half")
      const actions = yield* actionsOn(id)
      expect(actions.slice(3)).toEqual(["execution.started", "execution.cancel-requested", "execution.settled"])
    }).pipe(Effect.provide(hostLayer(world, database)))
  })

  it.live("a run that writes more than its limit is stopped, with the output up to there recorded", () => {
    const piece = new Uint8Array(64 * 1024).fill(65)
    const world = running(({ output }) => Effect.forever(output("stdout", piece)), { outputBytesMax: 1_000_000 })
    return Effect.gen(function* () {
      const execution = yield* ended((yield* granted).id)
      expect(execution).toMatchObject({
        state: "failed",
        detail: expect.stringContaining("output limit of 1000000 bytes"),
        runs: [{ outcome: { outputBytes: 1_000_000 } }]
      })
      expect((yield* outputOf(execution.id)).length).toBe(1_000_000)
    }).pipe(Effect.provide(hostLayer(world, database)))
  })

  it.live("secrets are given in the pinned version, only those of the plan, and masked in all that is kept", () => {
    const secret = "canary-7f3a91c2d4"
    const world = running(
      Effect.fnUntraced(function* ({ output }) {
        const reader = yield* SecretReader
        const reveal = (name: string) =>
          Effect.mapError(reader.reveal(name), (reason) => new RunError({ executor: "echo", reason }))
        const denied = yield* Effect.result(reveal("other"))
        yield* output("stdout", bytes(denied._tag === "Failure" ? `${denied.failure.reason._tag} ` : "given "))
        const value = Buffer.from(Redacted.value(yield* reveal("ssh/ops")))
        // Cut in the middle of the secret, once on each stream.
        for (const stream of ["stdout", "stderr"] as const) {
          yield* output(stream, Buffer.concat([bytes("<"), value.subarray(0, 9)]))
          yield* output(stream, Buffer.concat([value.subarray(9), bytes(`|${value.toString("hex")}>`)]))
        }
        return yield* Effect.die(new Error(`it broke with ${value}`))
      }),
      { secrets: ["ssh/ops"] }
    )
    return Effect.gen(function* () {
      const execution = yield* ended((yield* granted).id)
      expect(yield* outputOf(execution.id)).toBe("SecretDenied <***|***><***|***>")
      expect(execution.state).toBe("unknown")
      expect(JSON.stringify(execution)).not.toContain(secret)
      expect(yield* databaseDump).not.toContain(secret)
      expect(world.revealed).toEqual([{ name: "ssh/ops", purpose: `execution ${execution.id}` }])
    }).pipe(Effect.provide(hostLayer(world, database)))
  })
})

it.live("a run whose output cannot be recorded is stopped, and says so", () => {
  const world = running(({ output }) => Effect.andThen(output("stdout", new Uint8Array(70_000)), Effect.never))
  return Effect.gen(function* () {
    const { sql } = yield* Database
    yield* sql`ALTER TABLE executor_transcript_chunks RENAME TO gone`
    const { id } = yield* granted
    const settled = sql`SELECT id FROM executor_executions WHERE state = 'failed'`
    while ((yield* settled).length === 0) yield* Effect.sleep(50)
    expect((yield* (yield* Gate).get(organisation, id)).detail).toBe(
      "It was stopped because its output could not be recorded: the storage refused it. What it did until then stands. The end of its output could not be recorded."
    )
  }).pipe(Effect.provide(hostLayer(world, databases[0]!)))
})
