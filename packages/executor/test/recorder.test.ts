import { it } from "@effect/vitest"
import { RunId } from "@fluxcybers/core"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { shippedForms } from "../src/mask-forms/shipped.ts"
import { type GatheredChunk, makeRecorder } from "../src/transcript/recorder.ts"

const run = RunId.make(`run_${"0".repeat(26)}`)
const bytes = (text: string) => new TextEncoder().encode(text)

const recording = Effect.gen(function* () {
  const chunks: Array<GatheredChunk> = []
  const append = (added: ReadonlyArray<GatheredChunk>) => Effect.sync(() => void chunks.push(...added))
  const recorder = yield* makeRecorder({ run, forms: shippedForms, append, onFailure: Effect.void })
  const shown = () => chunks.map((chunk) => [chunk.stream, Buffer.from(chunk.bytes).toString(), chunk.atMs])
  return { chunks, recorder, shown }
})

describe("the recorder", () => {
  it.effect("gathers small pieces for 100 ms, each stream on its own, in order", () =>
    Effect.gen(function* () {
      const { recorder, shown } = yield* recording
      yield* recorder.write("stdout", bytes("a"))
      yield* recorder.write("stdout", bytes("b"))
      yield* recorder.write("stderr", bytes("c"))
      yield* TestClock.adjust("99 millis")
      expect(shown()).toEqual([])
      yield* recorder.write("stdout", bytes("d"))
      yield* TestClock.adjust("1 millis")
      expect(shown()).toEqual([
        ["stdout", "ab", 0],
        ["stderr", "c", 0],
        ["stdout", "d", 99]
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("appends 512 KiB without waiting, in chunks of at most 64 KiB", () =>
    Effect.gen(function* () {
      const { recorder, chunks } = yield* recording
      const size = () => chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0)
      for (let count = 0; count < 9; count++) yield* recorder.write("stdout", new Uint8Array(64_000))
      expect(size()).toBe(9 * 64_000)
      yield* recorder.write("stdout", new Uint8Array(1_000_000))
      expect(size()).toBeGreaterThanOrEqual(2 * 524_288)
      yield* recorder.finish
      expect(size()).toBe(9 * 64_000 + 1_000_000)
      expect(Math.max(...chunks.map((chunk) => chunk.bytes.length))).toBeLessThanOrEqual(65_536)
    }).pipe(Effect.scoped)
  )

  it.effect("shows what cannot be the beginning of a secret without waiting for more, and holds back what can", () =>
    Effect.gen(function* () {
      const { recorder, shown } = yield* recording
      recorder.hide(bytes("canary-7f3a91c2d4"))
      yield* recorder.write("stdout", bytes("Login: "))
      yield* TestClock.adjust("100 millis")
      expect(shown()).toEqual([["stdout", "Login: ", 0]])
      yield* recorder.write("stdout", bytes("canary-"))
      yield* TestClock.adjust("10 seconds")
      expect(shown().length).toBe(1)
      yield* recorder.write("stdout", bytes("7f3a91c2d4!"))
      yield* TestClock.adjust("100 millis")
      expect(shown().at(-1)).toEqual(["stdout", "***!", 10_100])
    }).pipe(Effect.scoped)
  )

  it.effect("hides a secret that is revealed while the run is on, also in sentences", () =>
    Effect.gen(function* () {
      const { recorder, shown } = yield* recording
      yield* recorder.write("stdout", bytes("before "))
      recorder.hide(bytes("canary-7f3a91c2d4"))
      yield* recorder.write("stdout", bytes("canary-7f3a91c2d4"))
      yield* recorder.finish
      expect(shown()).toEqual([["stdout", "before ***", 0]])
      expect(recorder.masked("it said canary-7f3a91c2d4.")).toBe("it said ***.")
    }).pipe(Effect.scoped)
  )

  it.effect("masks what has the form of a secret, cut by other streams and pieces, and in sentences", () =>
    Effect.gen(function* () {
      const { recorder, shown } = yield* recording
      const url = "postgres://app:tiger@db/x"
      yield* recorder.write("stdout", bytes(url.slice(0, 17)))
      yield* recorder.write("stderr", bytes("password="))
      yield* recorder.write("stdout", bytes(`${url.slice(17)}\n`))
      yield* recorder.write("stderr", bytes("tiger\n"))
      yield* recorder.finish
      const text = (stream: string) =>
        shown()
          .flatMap(([from, text]) => (from === stream ? text : []))
          .join("")
      expect(text("stdout")).toBe("postgres://app:[masked: url-password]@db/x\n")
      expect(text("stderr")).toBe("password=[masked: password]\n")
      expect(recorder.masked(`cannot connect to ${url}`)).not.toContain("tiger")
    }).pipe(Effect.scoped)
  )

  it.effect("keeps its own copy of what it was given", () =>
    Effect.gen(function* () {
      const { recorder, shown } = yield* recording
      const reused = bytes("first")
      yield* recorder.write("stdout", reused)
      reused.fill(120)
      yield* recorder.finish
      expect(shown()).toEqual([["stdout", "first", 0]])
    }).pipe(Effect.scoped)
  )
})
