import { it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { eventStream, lastEventId, type Message } from "../src/http/sse.ts"

const textOf = (options: Partial<Parameters<typeof eventStream<never>>[0]>) => {
  const response = eventStream({
    messages: Stream.never as Stream.Stream<Message>,
    failed: () => Effect.succeed({ data: '"failed"' }),
    until: Effect.never,
    ...options
  })
  return Effect.promise(() => HttpServerResponse.toWeb(response).text())
}

describe("an event stream", () => {
  it.effect("sends a comment every 15 seconds while nothing happens, and ends when told to", () =>
    Effect.gen(function* () {
      const stop = yield* Deferred.make<void>()
      const response = eventStream({
        messages: Stream.never as Stream.Stream<Message>,
        failed: () => Effect.succeed({ data: "" }),
        until: Deferred.await(stop)
      })
      const body = response.body as Extract<typeof response.body, { readonly _tag: "Stream" }>
      const reading = yield* Effect.forkChild(Stream.runCollect(Stream.decodeText(body.stream)), {
        startImmediately: true
      })
      yield* TestClock.adjust("46 seconds")
      yield* Deferred.succeed(stop, undefined)
      expect((yield* Fiber.join(reading)).join("")).toBe(`: connected\n\n${": still here\n\n".repeat(3)}`)
    })
  )

  it.live("numbers what can be resumed from", () =>
    Effect.gen(function* () {
      const text = yield* textOf({ messages: Stream.fromIterable([{ id: 7, data: "1" }, { data: "2" }]) })
      expect(text).toBe(": connected\n\nid: 7\nevent: message\ndata: 1\n\nevent: message\ndata: 2\n\n")
    })
  )

  it.live("ends with a message when something fails inside", () =>
    Effect.gen(function* () {
      const text = yield* textOf({ messages: Stream.die(new Error("secret")) })
      expect(text).toBe(': connected\n\nevent: message\ndata: "failed"\n\n')
    })
  )

  it("resumes from a number and from nothing else", () => {
    expect(lastEventId("12")).toBe(12)
    for (const header of [undefined, "", "-1", "1e3", "12;", "9".repeat(16)])
      expect(lastEventId(header)).toBeUndefined()
  })
})
