import { it } from "@effect/vitest"
import { CipherFailed, coreInventory, type SealedPlace, SubjectCipher, verifyInventory } from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { executorInventory, keyCipherLayer } from "../src/index.ts"
import { gateLayer, makeWorld, organisation } from "./world.ts"

describe.each(databases)("$name", (database) => {
  it.effect("every column of every table says what it holds", () =>
    verifyInventory([...coreInventory, ...executorInventory]).pipe(Effect.provide(gateLayer(makeWorld(), database)))
  )
})

describe("a cipher out of one key", () => {
  const place: SealedPlace = { organisation, table: "t", column: "c", row: "1" }
  const cipher = (byte: number) => keyCipherLayer(Redacted.make(new Uint8Array(32).fill(byte)))
  const seal = Effect.flatMap(SubjectCipher, (service) => service.seal(place, Buffer.from("canary-7f3a91c2d4")))
  const opening = (sealed: Uint8Array, from: SealedPlace = place) =>
    Effect.flatMap(SubjectCipher, (service) => service.open(from, sealed))

  it.effect("opens what it sealed, and seals the same text differently each time", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* seal, yield* seal]
      expect(Buffer.from(yield* opening(one)).toString()).toBe("canary-7f3a91c2d4")
      expect(Buffer.from(one).includes("canary")).toBe(false)
      expect(Buffer.from(one).equals(other)).toBe(false)
    }).pipe(Effect.provide(cipher(1)))
  )

  it.effect("opens nothing that was moved, cut, altered in any byte, or sealed with another key", () =>
    Effect.gen(function* () {
      const sealed = yield* seal
      const failed = new CipherFailed({ reason: "cannot-open" })
      for (const moved of [
        { ...place, row: "2" },
        { ...place, column: "d" },
        { ...place, subject: "s" }
      ]) {
        expect(yield* Effect.flip(opening(sealed, moved))).toEqual(failed)
      }
      for (let index = 0; index < sealed.length; index++) {
        const altered = Uint8Array.from(sealed)
        altered[index] = altered[index]! ^ 1
        expect(yield* Effect.flip(opening(altered))).toEqual(failed)
      }
      for (const length of [0, 1, 48, sealed.length - 1]) {
        expect(yield* Effect.flip(opening(sealed.subarray(0, length)))).toEqual(failed)
      }
      expect(yield* Effect.flip(opening(sealed).pipe(Effect.provide(cipher(2))))).toEqual(failed)
    }).pipe(Effect.provide(cipher(1)))
  )
})
