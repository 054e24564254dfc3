// What the classifier answers: a class for every part of a command line, and for the whole the worst of them.
import type { Access } from "../plan.ts"

/** UTF-16 offsets into the command line, half-open. */
export type Range = readonly [start: number, end: number]

/** One judged piece: a simple command, a substitution, a redirection, an assignment, a word. */
export interface Part {
  readonly range: Range
  readonly class: Access
  /** A sentence fragment for the person who decides. */
  readonly why: string
}

/** What a command line would do, with the judgement on each of its pieces. */
export interface Classification {
  /** The worst class of the parts by `SEVERITY`. */
  readonly class: Access
  /** In the order of the command line, outer parts before the parts inside them. Never empty. */
  readonly parts: ReadonlyArray<Part>
}

/**
 * From harmless to worst. `unknown` is last because it may be any of the others: nothing hides it, and a rule set
 * must be at least as strict with it as with everything before it.
 */
export const SEVERITY: ReadonlyArray<Access> = ["read", "write", "destroy", "privilege", "exfiltrate", "unknown"]

/** The worst of some classes; `unknown` when there is none. */
export const worst = (classes: Iterable<Access>): Access => {
  let rank = -1
  for (const access of classes) rank = Math.max(rank, SEVERITY.indexOf(access))
  return SEVERITY[rank] ?? "unknown"
}

/** What a model or a judge says of one program call. */
export interface Verdict {
  readonly class: Access
  readonly why: string
  /** The part of the call that decided; the whole call unless told. */
  readonly range?: Range
}
