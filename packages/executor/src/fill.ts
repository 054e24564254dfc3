// Secrets in files that are put on a target: a placeholder stands in the content until the run. Pure.

/** At most so many placeholders in one file. */
const FILLS_MAX = 20
const PLACEHOLDER_LENGTH_MIN = 4
const PLACEHOLDER_LENGTH_MAX = 128

/** Placeholders with the names of the secrets that take their place. */
export type Fill = Readonly<Record<string, string>>

/** What is wrong with the placeholders of a file, as a sentence; `undefined` when nothing is. */
export const fillProblem = (fill: Fill, content: Uint8Array): string | undefined => {
  const placeholders = Object.keys(fill)
  const bytes = Buffer.from(content)
  if (placeholders.length === 0 || placeholders.length > FILLS_MAX) return `A file has 1 to ${FILLS_MAX} placeholders.`
  const misshapen = placeholders.find(
    ({ length }) => length < PLACEHOLDER_LENGTH_MIN || length > PLACEHOLDER_LENGTH_MAX
  )
  if (misshapen !== undefined)
    return `A placeholder has ${PLACEHOLDER_LENGTH_MIN} to ${PLACEHOLDER_LENGTH_MAX} characters: ${JSON.stringify(misshapen)} has not.`
  const missing = placeholders.find((placeholder) => !bytes.includes(placeholder))
  if (missing !== undefined) return `The placeholder ${JSON.stringify(missing)} is not in the file.`
  const ambiguous = placeholders.find((one) => placeholders.some((other) => other !== one && other.includes(one)))
  return ambiguous === undefined
    ? undefined
    : `The placeholder ${JSON.stringify(ambiguous)} is part of another one: nobody could tell them apart.`
}

/** The content with every placeholder replaced; what stands in a secret is not replaced again. Placeholders that overlap: the first one counts. */
export const filled = (content: Uint8Array, values: ReadonlyMap<string, Uint8Array>): Buffer => {
  const bytes = Buffer.from(content)
  const pieces: Array<Uint8Array> = []
  let at = 0
  while (true) {
    const next = nextIn(bytes, at, values)
    if (next === undefined) return Buffer.concat([...pieces, bytes.subarray(at)])
    pieces.push(bytes.subarray(at, next.at), next.value)
    at = next.at + next.length
  }
}

const nextIn = (bytes: Buffer, from: number, values: ReadonlyMap<string, Uint8Array>) => {
  const found = [...values].flatMap(([placeholder, value]) => {
    const at = bytes.indexOf(placeholder, from)
    return at < 0 ? [] : [{ at, length: Buffer.byteLength(placeholder), value }]
  })
  return found.toSorted((one, other) => one.at - other.at)[0]
}
