import { it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Schema, Scope } from "effect"
import { describe, expect } from "vitest"
import { defineExecutor } from "../src/define.ts"
import { Executors } from "../src/registry.ts"

const named = (id: string) =>
  defineExecutor({
    id,
    version: "1",
    summary: "Does nothing.",
    needsTarget: false,
    input: Schema.Struct({}),
    output: Schema.Void,
    plan: () => ({ command: { _tag: "Argv", argv: ["true"] }, access: "read", sentence: "Does nothing." }),
    run: () => Effect.void
  })

const registered = (ids: ReadonlyArray<string>) => Executors.pipe(Effect.provide(Executors.layer(ids.map(named))))

describe("Executors", () => {
  it.effect("are found by their id, in the order in which they were given", () =>
    Effect.gen(function* () {
      const executors = yield* registered(["ssh", "acme.restart-unit"])
      expect(executors.all.map(({ id }) => id)).toEqual(["ssh", "acme.restart-unit"])
      expect(executors.find("ssh")).toBe(executors.all[0])
      expect(executors.find("telnet")).toBeUndefined()
    })
  )

  it.effect("an entry that is falsy is left out", () =>
    Effect.gen(function* () {
      const { all } = yield* Executors
      expect(all.map(({ id }) => id)).toEqual(["ssh"])
    }).pipe(Effect.provide(Executors.layer([false, null, undefined, named("ssh")])))
  )

  it.effect("two executors with one id are refused", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(registered(["ssh", "ssh"]))
      expect(error).toMatchObject({ _tag: "ExecutorRefused", executor: "ssh", reason: "duplicate-id" })
      expect(error.message).toBe('Two executors have the id "ssh". Give one of them another id.')
    })
  )

  it.effect.each(["", "SSH", "1st", "acme.", ".acme", "acme..x", "a b", "ssh\n", "a".repeat(65)])(
    "the id %j is refused",
    (id) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(registered([id]))
        expect(error).toMatchObject({ _tag: "ExecutorRefused", executor: id, reason: "invalid-id" })
      })
  )

  it.effect("an effect builds an executor, and what it keeps is released with the registry", () =>
    Effect.gen(function* () {
      const released: Array<string> = []
      const pooled = Effect.as(
        Effect.acquireRelease(Effect.void, () => Effect.sync(() => released.push("pool"))),
        named("ssh")
      )
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Executors.layer([pooled, named("local")]), scope)
      expect(Context.get(context, Executors).all).toHaveLength(2)
      expect(released).toEqual([])
      yield* Scope.close(scope, Exit.void)
      expect(released).toEqual(["pool"])
    })
  )

  it.effect("an executor that cannot be built fails the layer with its own error", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(Executors, Executors.layer([Effect.fail("no pool" as const)])))
      expect(error).toBe("no pool")
    })
  )
})
