// One look at a part of a stream: what in it is a form, and what may become one.
import type { Span } from "../mask-search.ts"
import { type RunsOn, tryForm } from "./attempt.ts"
import type { CompiledForm, Run } from "./compile.ts"
import type { Start } from "./starts.ts"
import { walking } from "./walk.ts"

/** A form that the end of the output cuts is masked when so many bytes of what is secret in it are there. */
const CUT_BYTES_MIN = 6

/** What is to be hidden, and as what. */
export interface FormSpan extends Span {
  readonly kind: string
}

/** The last run of a form that was long enough when the bytes ended, and may go on. */
export interface Running extends RunsOn {
  readonly form: number
}

export const looking = (forms: ReadonlyArray<CompiledForm>, bytes: Uint8Array, isEnd: boolean) => {
  const walk = walking(bytes)
  const spans: Array<FormSpan> = []
  const running = new Map<number, Running>()
  let [open, needed] = [bytes.length, bytes.length]

  const attemptForm = (form: number, at: number, behindStart: number) => {
    const { kind } = forms[form]!
    const result = tryForm(forms[form]!, behindStart, { bytes, isEnd, walk })
    if (result._tag === "Found") {
      spans.push({ kind, ...result.hidden })
      if (result.runsOn !== undefined) running.set(form, { form, ...result.runsOn })
    } else if (result._tag === "Open" && !isEnd) {
      open = Math.min(open, result.hidden)
      needed = Math.min(needed, at)
    } else if (result._tag === "Open" && bytes.length - result.hidden >= CUT_BYTES_MIN) {
      spans.push({ kind, start: result.hidden, end: bytes.length })
    }
  }

  return {
    attempt: ({ forms: begun, bytes: start }: Start, at: number) => {
      for (const form of begun) attemptForm(form, at, at + start.length)
    },
    /** The bytes end with the beginning of a start, which is no secret itself. */
    mayBegin: (_: Start, at: number) => {
      needed = Math.min(needed, at)
    },
    /** A run from the bytes before goes on at `from`. */
    goOn: (run: Running, from: number) => {
      const { kind, parts } = forms[run.form]!
      const limit = Math.min(bytes.length, from + run.left)
      const { end, isClosed, matched } = walk.along(parts.at(-1) as Run, from, limit, run.matched)
      if (end > from) spans.push({ kind, start: from, end })
      const left = run.left - (end - from)
      if (end === bytes.length && left > 0 && !isClosed) running.set(run.form, { form: run.form, left, matched })
    },
    result: () => ({ spans, open, needed, running: [...running.values()], steps: walk.steps() })
  }
}
