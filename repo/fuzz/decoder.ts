// What the fuzzer needs of a decoder, and what it demands: nothing is thrown, and what is accepted is written again as it was read.
import type { Material } from "./mutate.ts"

export interface Decoder extends Material {
  readonly name: string
  /** How many of the inputs it gets, in parts of the others' numbers. */
  readonly share: number
  /** Whether it accepts the input. Throws when it does what it must not. */
  check(input: Buffer): boolean
}

export const bytesOf = (...texts: ReadonlyArray<string>): ReadonlyArray<Uint8Array> =>
  texts.map((text) => Buffer.from(text))

/** A decoder of text, with the writer that undoes it. */
export const textDecoder = <A>(decoder: {
  readonly name: string
  readonly share: number
  readonly seeds: ReadonlyArray<string>
  readonly tokens: ReadonlyArray<string>
  read(text: string): A | undefined
  /** The text again; `undefined` when this value has more than one. */
  write(value: A): string | undefined
}): Decoder => ({
  name: decoder.name,
  share: decoder.share,
  seeds: bytesOf(...decoder.seeds),
  tokens: bytesOf(...decoder.tokens),
  check: (input) => {
    const text = input.toString("utf8")
    const value = decoder.read(text)
    if (value === undefined) return false
    const written = decoder.write(value)
    if (written !== undefined && written !== text) throw new Error("what was accepted is written in another way")
    return true
  }
})
