// Runs decoders on inputs until their number is reached or one of them does what it must not.
import type { Decoder } from "./decoder.ts"
import { mutated, randomFrom } from "./mutate.ts"

/** How a decoder did. */
export interface Fuzzed {
  readonly name: string
  readonly inputs: number
  readonly accepted: number
  readonly elapsedMs: number
}

export interface FuzzOptions {
  readonly seed: number
  readonly inputs: number
}

/** Gives the decoder as many inputs. Throws with the input that broke it. */
export const fuzz = (decoder: Decoder, { seed, inputs }: FuzzOptions): Fuzzed => {
  const random = randomFrom(seed)
  const began = performance.now()
  let accepted = 0
  for (let count = 0; count < inputs; count++) {
    const input = mutated(random, decoder)
    const given = Buffer.from(input)
    try {
      if (decoder.check(input)) accepted++
      if (!given.equals(input)) throw new Error("the decoder changed its input")
    } catch (cause) {
      const found = `${decoder.name}, seed ${seed}, input ${count}: ${cause}\n${given.toString("hex")}`
      throw new Error(found, { cause })
    }
  }
  return { name: decoder.name, inputs, accepted, elapsedMs: performance.now() - began }
}

/** So many inputs for all of them together, each decoder its share. */
export const shares = (decoders: ReadonlyArray<Decoder>, inputs: number): ReadonlyArray<number> => {
  const all = decoders.reduce((sum, { share }) => sum + share, 0)
  return decoders.map(({ share }) => Math.ceil((inputs * share) / all))
}
