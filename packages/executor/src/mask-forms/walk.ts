// Walks along runs of characters. What was walked through once is remembered, so that many starts in one run cost no more than one.
import { type Run, readUntil } from "./compile.ts"

/** How far a run goes. */
export interface Walked {
  readonly end: number
  /** It has its end there, whatever follows. */
  readonly isClosed: boolean
  /** So much of its `until` stands before the end. */
  readonly matched: number
}

export interface Walk {
  /** The run from `from` on, up to `limit`. `matched`: so much of its `until` was there before. */
  along(run: Run, from: number, limit: number, matched?: number): Walked
  /** So many bytes from `from` on are those of the text. */
  sameText(text: Uint8Array, from: number): number
  /** How many bytes were looked at. */
  steps(): number
}

interface Known extends Walked {
  readonly start: number
}

/** For calls whose `from` does not go back much: then every byte is looked at about once for each run. */
export const walking = (bytes: Uint8Array): Walk => {
  const known = new Map<Run, Known>()
  let steps = 0
  const along: Walk["along"] = (run, from, limit, matched = 0) => {
    const before = known.get(run)
    const isWithin = before !== undefined && from >= before.start && from < before.end
    const base = isWithin ? before : { start: from, end: from, isClosed: false, matched }
    const walked = base.isClosed || base.end >= limit ? base : goFurther(run, base, limit)
    known.set(run, walked)
    return walked.end <= limit ? walked : { end: limit, isClosed: false, matched: 0 }
  }
  const goFurther = ({ set, until }: Run, { start, end, matched }: Known, limit: number): Known => {
    let at = end
    let read = matched
    let isClosed = false
    while (at < limit && !isClosed) {
      const byte = bytes[at]!
      if (set[byte] === 0) isClosed = true
      else {
        at += 1
        if (until !== undefined) {
          read = readUntil(until, read, byte)
          isClosed = read === until.bytes.length
        }
      }
    }
    steps += at - end + 1
    return { start, end: at, isClosed, matched: read }
  }
  const sameText: Walk["sameText"] = (text, from) => {
    const length = Math.min(text.length, bytes.length - from)
    let same = 0
    while (same < length && bytes[from + same] === text[same]) same += 1
    steps += same + 1
    return same
  }
  return { along, sameText, steps: () => steps }
}
