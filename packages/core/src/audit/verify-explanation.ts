// What it means that an entry and its stored hash differ, once a signed root has said which of the two is right.
import type { VerificationProblem } from "./verify.ts"

/** One place in the log: the hash of the entry that stands there, and the stored hash. Either may be missing. */
export interface Place {
  readonly index: number
  readonly entryHash: Uint8Array | undefined
  readonly storedHash: Uint8Array | undefined
}

/** The problems of these places, which stand in the order of the log. */
export const explain = (doubts: ReadonlyArray<Place>, areEntriesRight: boolean): ReadonlyArray<VerificationProblem> => {
  const gaps = new Set(doubts.filter(isGap).map(({ index }) => index))
  return doubts.flatMap((place) => {
    if (!gaps.has(place.index)) return [explainPlace(place, areEntriesRight, doubts)]
    // A gap is one finding, however long it is.
    return gaps.has(place.index - 1) ? [] : [gapFrom(place.index, gaps)]
  })
}

/** A checkpoint that the log's key signed and that neither the entries nor the stored hashes fit. */
export const wrongRoot = (size: number): VerificationProblem => ({
  kind: "wrong-root",
  index: size,
  detail: `the signed root of the first ${size} entries is not theirs`
})

const isGap = ({ entryHash, storedHash }: Place): boolean => entryHash === undefined && storedHash === undefined

const gapFrom = (index: number, gaps: ReadonlySet<number>): VerificationProblem => {
  let end = index
  while (gaps.has(end)) end++
  const detail =
    end === index + 1
      ? "the entry and its stored hash are gone"
      : `entries ${index} to ${end - 1} and their stored hashes are gone`
  return { kind: "gap", index, detail }
}

const explainPlace = (place: Place, areEntriesRight: boolean, doubts: ReadonlyArray<Place>): VerificationProblem => {
  const { index, entryHash, storedHash } = place
  if (entryHash === undefined) return { kind: "missing-entry", index, detail: "the entry is gone" }
  if (areEntriesRight || storedHash === undefined) {
    return { kind: "invalid-tile", index, detail: "the stored hash of this entry is not the signed one" }
  }
  const home = doubts.find((other) => other.index !== index && isSame(other.storedHash, entryHash))
  return home === undefined
    ? { kind: "invalid-entry", index, detail: "the entry is not the one that was signed" }
    : { kind: "moved", index, detail: `this entry was signed at index ${home.index}` }
}

export const isSame = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.compare(one, other) === 0
