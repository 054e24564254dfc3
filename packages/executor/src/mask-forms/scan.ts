// Looks for forms in one stream of output. A run of characters is walked through once, however many starts stand in it, so that the work
// is proportional to the output, whatever it is.
import { compileForm } from "./compile.ts"
import type { SecretForm } from "./form.ts"
import { type FormSpan, looking, type Running } from "./look.ts"
import { startSearch } from "./starts.ts"

export interface FormScan {
  /** What is to be hidden. In no order; they may overlap. */
  readonly spans: ReadonlyArray<FormSpan>
  /** From here on a byte may turn out to be hidden. */
  readonly open: number
  /** From here on bytes are needed at the next call; unless told otherwise at most `LOOK_BACK_BYTES_MAX` before the end. */
  readonly needed: number
  /** How many bytes were looked at, some of them more than once. */
  readonly steps: number
}

/** Scans one stream. `bytes`: from the place that was `needed` at the last call. */
export type FormScanner = (
  bytes: Uint8Array,
  options: {
    /** The byte in front of them. */
    readonly before: number | undefined
    /** From here on they come again in any case. */
    readonly keptFrom: number
    /** Nothing follows: nothing stays open. */
    readonly isEnd: boolean
  }
) => FormScan

/** Forms, ready to be looked for in any number of streams. */
export interface CompiledForms {
  scanner(): FormScanner
}

/** Prepares forms that are sound (`formProblem`). */
export const compileForms = (forms: ReadonlyArray<SecretForm>): CompiledForms => {
  const compiled = forms.map(compileForm)
  const search = startSearch(forms)
  return {
    scanner: () => {
      let running: ReadonlyArray<Running> = []
      /** Runs go on behind so many bytes, which were looked at before. */
      let known = 0
      return (bytes, { before, keptFrom, isEnd }) => {
        const look = looking(compiled, bytes, isEnd)
        for (const run of running) look.goOn(run, known)
        const compared = search.find(bytes, before, look.attempt)
        const comparedAtEnd = isEnd ? 0 : search.findOpen(bytes, before, look.mayBegin)
        const { running: stillRunning, needed, ...result } = look.result()
        running = stillRunning
        known = bytes.length - Math.min(needed, keptFrom)
        return { ...result, needed: bytes.length - known, steps: result.steps + compared + comparedAtEnd }
      }
    }
  }
}
