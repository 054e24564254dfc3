import { it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { type ExecutionEvent, Gate } from "../src/index.ts"
import {
  ada,
  agent,
  decideAs,
  dispatcherLayer,
  gateLayer,
  hostLayer,
  makeWorld,
  organisation,
  proposeAs,
  testExecutor,
  unknownExecution
} from "./world.ts"

const text = (events: ReadonlyArray<ExecutionEvent>) =>
  events.flatMap((event) => {
    if (event._tag === "Runs") return []
    return event._tag === "State" ? [event.state] : [Buffer.from(event.bytes).toString()]
  })

/** Writes a line whenever the test says so. */
const talking = () => {
  const words = ["one ", "two ", "three"].map((word) => ({ word, said: Deferred.makeUnsafe<void>() }))
  const executor = testExecutor({
    run: ({ output }) =>
      Effect.forEach(words, ({ word, said }) =>
        Effect.andThen(Deferred.await(said), output("stdout", new TextEncoder().encode(word)))
      ).pipe(Effect.as({ exitCode: 0 }))
  })
  const say = (index: number) => Deferred.succeed(words[index]!.said, undefined)
  return { say, world: makeWorld({ executors: [executor] }) }
}

describe.each(databases)("$name", (database) => {
  it.live("a viewer sees each state and the output as it comes, and the stream ends with the execution", () => {
    const { say, world } = talking()
    return Effect.gen(function* () {
      const gate = yield* Gate
      const proposed = yield* proposeAs(agent)
      const seen: Array<ExecutionEvent> = []
      const viewing = yield* gate.events(organisation, proposed.id).pipe(
        Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
        Effect.forkChild({ startImmediately: true })
      )
      const until = (wanted: string) =>
        Effect.gen(function* () {
          while (!text(seen).includes(wanted)) yield* Effect.sleep(5)
        })
      yield* until("pending")
      yield* decideAs(ada, proposed)
      yield* until("running")
      yield* say(0)
      yield* until("one ")
      yield* say(1)
      yield* until("two ")
      yield* say(2)
      yield* Fiber.join(viewing)
      expect(text(seen).filter((shown) => shown !== "granted")).toEqual([
        "pending",
        "running",
        "one ",
        "two ",
        "three",
        "succeeded"
      ])
      const pieces = seen.flatMap((event) => (event._tag === "Output" ? [event.sequence] : []))
      expect(pieces).toEqual([1, 2, 3])
    }).pipe(Effect.provide(hostLayer(world, database)))
  })

  it.live("a stream resumes after the last piece that was seen", () => {
    const { say, world } = talking()
    return Effect.gen(function* () {
      const gate = yield* Gate
      const { id } = yield* decideAs(ada, yield* proposeAs(agent))
      yield* say(0)
      const first = yield* gate.events(organisation, id).pipe(
        Stream.filter(({ _tag }) => _tag === "Output"),
        Stream.take(1),
        Stream.runCollect
      )
      expect(text(first)).toEqual(["one "])
      yield* say(1)
      yield* say(2)
      const rest = text(yield* Stream.runCollect(gate.events(organisation, id, 1)))
      expect(rest.at(-1)).toBe("succeeded")
      expect(rest.filter((shown) => !["running", "succeeded"].includes(shown)).join("")).toBe("two three")
      const again = text(yield* Stream.runCollect(gate.events(organisation, id)))
      expect(again.filter((shown) => shown !== "succeeded").join("")).toBe("one two three")
      expect(again.at(-1)).toBe("succeeded")
    }).pipe(Effect.provide(hostLayer(world, database)))
  })

  it.live("a viewer on another node sees it too, by looking at the database", () => {
    const { say, world } = talking()
    return Effect.gen(function* () {
      const gate = yield* Gate
      const { id } = yield* decideAs(ada, yield* proposeAs(agent))
      // Built apart from the gate, this dispatcher does not share its news.
      const viewing = yield* Effect.forkChild(Stream.runCollect(gate.events(organisation, id)))
      yield* Effect.all([say(0), say(1), say(2)])
      const seen = text(yield* Fiber.join(viewing).pipe(Effect.provide(Layer.fresh(dispatcherLayer()))))
      expect(seen.join("")).toMatch(/one two three/)
      expect(seen.at(-1)).toBe("succeeded")
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("an execution that ended without a run shows its end", () =>
    Effect.gen(function* () {
      const gate = yield* Gate
      const { id } = yield* decideAs(ada, yield* proposeAs(agent), { verdict: "reject" })
      expect(yield* Stream.runCollect(gate.events(organisation, id))).toEqual([{ _tag: "State", state: "rejected" }])
      const unknown = yield* Effect.flip(Stream.runCollect(gate.events(organisation, unknownExecution)))
      expect(unknown).toMatchObject({ _tag: "ExecutionNotFound" })
    }).pipe(Effect.provide(gateLayer(makeWorld(), database)))
  )
})
