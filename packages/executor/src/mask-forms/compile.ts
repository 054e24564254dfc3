// Forms, ready to be looked for.
import { type ByteSet, byteSet } from "./characters.ts"
import type { FormPart, SecretForm } from "./form.ts"

/** As many bytes of a set as there are. */
export interface Run {
  readonly set: ByteSet
  readonly min: number
  readonly max: number
  readonly isHidden: boolean
  readonly until: Until | undefined
}

/** Exactly these bytes. */
interface Text {
  readonly text: Uint8Array
}

export interface CompiledForm {
  readonly kind: string
  readonly parts: ReadonlyArray<Run | Text>
  /** All that follows its start is hidden. */
  readonly isAllHidden: boolean
  /** What is hidden may still grow when the end of a piece is reached. */
  readonly canRunOn: boolean
  /** It ends where a word ends. */
  readonly hasEnd: boolean
}

/** A text that ends a run, with what Knuth, Morris and Pratt ("Fast pattern matching in strings", 1977) need to find it without going back. */
export interface Until {
  readonly bytes: Uint8Array
  readonly fallbacks: ReadonlyArray<number>
}

export const compileForm = ({ kind, parts, ends = false }: SecretForm): CompiledForm => {
  const isAllHidden = !parts.some((part) => "chars" in part && part.hidden)
  const last = parts.at(-1)
  const isLastHidden = last !== undefined && "chars" in last && (isAllHidden || last.hidden === true)
  return { kind, parts: parts.map(compilePart), isAllHidden, canRunOn: isLastHidden && !ends, hasEnd: ends }
}

const compilePart = (part: FormPart): Run | Text => {
  if ("text" in part) return { text: Buffer.from(part.text, "latin1") }
  const { chars, min, max, hidden = false, until } = part
  return {
    set: byteSet(chars),
    min,
    max,
    isHidden: hidden,
    until: until === undefined ? undefined : compileUntil(Buffer.from(until, "latin1"))
  }
}

const compileUntil = (bytes: Uint8Array): Until => {
  const fallbacks = [0]
  for (let at = 1, length = 0; at < bytes.length; at++) {
    while (length > 0 && bytes[at] !== bytes[length]) length = fallbacks[length - 1]!
    if (bytes[at] === bytes[length]) length += 1
    fallbacks.push(length)
  }
  return { bytes, fallbacks }
}

/** So many bytes of the text have been read once `byte` follows `matched` of them. */
export const readUntil = ({ bytes, fallbacks }: Until, matched: number, byte: number): number => {
  let length = matched
  while (length > 0 && bytes[length] !== byte) length = fallbacks[length - 1]!
  return bytes[length] === byte ? length + 1 : 0
}
