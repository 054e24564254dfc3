// The forms that ship, and what is masked by them.
import type { SecretForm } from "./form.ts"
import { compileForms } from "./scan.ts"
import { keyForms } from "./shipped-keys.ts"
import { tokenForms } from "./shipped-tokens.ts"
import { valueForms } from "./shipped-values.ts"

/** In the order in which they are listed. Several may have one kind. */
export const SHIPPED_FORMS: ReadonlyArray<SecretForm> = [...keyForms, ...tokenForms, ...valueForms]

/** All of them, compiled once. */
export const shippedForms = compileForms(SHIPPED_FORMS)
