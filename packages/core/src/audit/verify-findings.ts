// The problems that a verification found: each once, a bounded number of them.
import type { ProblemKind, VerificationProblem } from "./verify.ts"

const PROBLEMS_MAX = 1_000

export class Findings {
  readonly #problems = new Map<string, VerificationProblem>()
  #omitted = 0

  report({ kind, index, detail }: VerificationProblem): void {
    const key = `${kind} ${index}`
    if (this.#problems.has(key)) return
    if (this.#problems.size < PROBLEMS_MAX) this.#problems.set(key, { kind, index, detail })
    else this.#omitted++
  }

  /** What came later shows that a problem of one kind is one of another. It keeps its place. */
  retell(
    from: Pick<VerificationProblem, "kind" | "index">,
    to: { readonly kind: ProblemKind; readonly detail: string }
  ): void {
    const key = `${from.kind} ${from.index}`
    if (this.#problems.has(key)) this.#problems.set(key, { index: from.index, ...to })
  }

  get found(): { readonly problems: ReadonlyArray<VerificationProblem>; readonly problemsOmitted: number } {
    return { problems: [...this.#problems.values()], problemsOmitted: this.#omitted }
  }
}
