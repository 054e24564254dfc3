// Tries whether a form stands at a place: each of its parts once, from left to right.
import type { Span } from "../mask-search.ts"
import { isWordByte } from "./characters.ts"
import type { CompiledForm } from "./compile.ts"
import type { Walk } from "./walk.ts"

/** What came of it. */
export type Attempt =
  | { readonly _tag: "None" }
  /** More bytes are needed to tell. `hidden`: from where on, as far as one can tell. */
  | { readonly _tag: "Open"; readonly hidden: number }
  | { readonly _tag: "Found"; readonly hidden: Span; readonly runsOn?: RunsOn }

/** The last run is long enough; so many bytes of it may still follow. */
export interface RunsOn {
  readonly left: number
  /** So much of `until` was there. */
  readonly matched: number
}

interface Look {
  readonly bytes: Uint8Array
  /** Nothing follows. */
  readonly isEnd: boolean
  readonly walk: Walk
}

const NONE: Attempt = { _tag: "None" }

/** Tries the form whose start ends before `behindStart`. */
export const tryForm = (form: CompiledForm, behindStart: number, look: Look): Attempt => {
  const { parts, isAllHidden, canRunOn, hasEnd } = form
  const { bytes, isEnd, walk } = look
  let hidden: Span | undefined = isAllHidden ? { start: behindStart, end: behindStart } : undefined
  let place = behindStart
  const opened = (): Attempt => ({ _tag: "Open", hidden: hidden?.start ?? bytes.length })
  for (const [index, part] of parts.entries()) {
    if ("text" in part) {
      const same = walk.sameText(part.text, place)
      if (same < part.text.length) return place + same === bytes.length ? opened() : NONE
      place += same
      continue
    }
    const start = place
    const { end, isClosed, matched } = walk.along(part, start, Math.min(bytes.length, start + part.max))
    const left = part.max - (end - start)
    const mayGoOn = end === bytes.length && left > 0 && !isClosed
    place = end
    if (part.isHidden) hidden = { start, end }
    if (end - start < part.min) return mayGoOn ? opened() : NONE
    if (!mayGoOn) continue
    const isLast = index === parts.length - 1
    if (isLast && canRunOn) {
      return { _tag: "Found", hidden: { start: hidden!.start, end }, runsOn: { left, matched } }
    }
    if (!isEnd && !(isLast && !hasEnd)) return opened()
  }
  if (hasEnd && place === bytes.length && !isEnd) return opened()
  if (hasEnd && isWordByte(bytes[place])) return NONE
  return { _tag: "Found", hidden: isAllHidden ? { start: behindStart, end: place } : hidden! }
}
