// What a verification found.

export type VerificationProblem =
  | { readonly kind: "invalid-entry"; readonly index: number; readonly detail: string }
  | { readonly kind: "missing-entry"; readonly index: number; readonly detail: string }
  | { readonly kind: "wrong-root"; readonly index: number; readonly detail: string }
  | { readonly kind: "bad-signature"; readonly index: number; readonly detail: string }
  | { readonly kind: "truncated"; readonly index: number; readonly detail: string }

export interface VerificationReport {
  readonly size: number
  /** base64 of the RFC 6962 root. */
  readonly root: string
  readonly checkpoints: number
  /** Committed entries that no checkpoint covers yet. */
  readonly pending: number
  readonly problems: ReadonlyArray<VerificationProblem>
}
