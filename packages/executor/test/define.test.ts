import { it } from "@effect/vitest"
import { type RunId, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted, Schema, type Scope } from "effect"
import { describe, expect, expectTypeOf } from "vitest"
import { defineExecutor } from "../src/define.ts"
import type { RunContext } from "../src/executor.ts"

const counting = defineExecutor({
  id: "acme.count",
  version: "3",
  summary: "Counts to a number.",
  needsTarget: false,
  input: Schema.Struct({ to: Schema.FiniteFromString }),
  output: Schema.Struct({ reached: Schema.FiniteFromString }),
  plan: ({ to }) => ({
    command: { _tag: "Argv", argv: ["count", String(to + 1)] },
    access: "read",
    sentence: `Counts to ${to}.`
  }),
  run: () => Effect.succeed({ reached: 7 }),
  isSuccess: ({ reached }) => reached > 7
})

const context = { run: "run_1" as RunId } as RunContext
const reader = SecretReader.of({ reveal: () => Effect.succeed(Redacted.make(new Uint8Array())) })

describe("defineExecutor", () => {
  it.effect("decodes the input before it is planned", () =>
    Effect.gen(function* () {
      const draft = yield* counting.plan({ to: "4" })
      expect(draft).toMatchObject({ command: { argv: ["count", "5"] }, sentence: "Counts to 4." })
    })
  )

  it.effect.each([{}, { to: 4 }, { to: "four" }, { to: "4", too: "5" }, null, "4"])("refuses the input %j", (input) =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(counting.plan(input))).toBeInstanceOf(Schema.SchemaError)
    })
  )

  it.effect("encodes the output and says whether it means success", () =>
    Effect.gen(function* () {
      expect(yield* counting.run(context)).toEqual({ isSuccess: false, output: { reached: "7" } })
    }).pipe(Effect.scoped, Effect.provideService(SecretReader, reader))
  )

  it("lets a run require the secrets of its plan and a scope, nothing else", () => {
    type Run = Parameters<typeof defineExecutor>[0]["run"]
    expectTypeOf<Effect.Services<ReturnType<Run>>>().toEqualTypeOf<SecretReader | Scope.Scope>()
  })
})
