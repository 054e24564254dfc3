// A short run of the fuzzer; `npm run fuzz` is the long one.
import { describe, expect, it } from "vitest"
import { logDecoders } from "./fuzz/log-decoders.ts"
import { fuzz } from "./fuzz/run.ts"
import { vaultDecoders } from "./fuzz/vault-decoders.ts"

const INPUTS = 4_000
const SEED = 20_260_101

describe("decoders", () => {
  it.each([...logDecoders, ...vaultDecoders].map((decoder) => [decoder.name, decoder] as const))(
    "%s: throws nothing but what it declares, and writes what it accepted as it read it",
    (_, decoder) => {
      const { accepted } = fuzz(decoder, { seed: SEED, inputs: INPUTS })
      // Some of the inputs are unchanged: a decoder that refuses everything would pass every test.
      expect(accepted).toBeGreaterThan(INPUTS / 20)
      expect(accepted).toBeLessThan(INPUTS)
    }
  )

  it("get the same inputs for the same seed, and a failure shows the input", () => {
    const [note] = logDecoders
    const once = fuzz(note!, { seed: 7, inputs: 500 }).accepted
    expect(fuzz(note!, { seed: 7, inputs: 500 }).accepted).toBe(once)
    const broken = { ...note!, check: () => JSON.parse("{") as boolean }
    expect(() => fuzz(broken, { seed: 7, inputs: 1 })).toThrow(/note, seed 7, input 0: SyntaxError/)
  })
})
