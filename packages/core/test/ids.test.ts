import { it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { ExecutionId, newId, OrganisationId } from "../src/index.ts"

describe("ids", () => {
  it.effect("sort by their time of birth, also within one millisecond", () =>
    Effect.gen(function* () {
      const ids: Array<string> = []
      for (let round = 0; round < 50; round++) {
        for (let i = 0; i < 20; i++) ids.push(yield* newId(ExecutionId, "exec"))
        yield* TestClock.adjust(round % 3)
      }
      expect(ids).toEqual([...ids].sort())
      expect(new Set(ids).size).toBe(ids.length)
    })
  )

  it.effect("say what they name, and are refused as anything else", () =>
    Effect.gen(function* () {
      const id = yield* newId(ExecutionId, "exec")
      expect(id).toMatch(/^exec_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
      const error = yield* Effect.flip(Schema.decodeEffect(OrganisationId)(id))
      expect(error.message).toContain("org_")
    })
  )
})
