// Finds which of a program's subcommands a call means.
import type { Access } from "../plan.ts"
import { type Argument, isPlainWord } from "./argument.ts"
import type { Verdict } from "./classification.ts"
import type { Form } from "./model.ts"

/** Words of the longest subcommand: `az network vnet subnet list`. */
const WORDS_MAX = 5

export type Found =
  | {
      readonly words: string
      readonly form: Form
      readonly rest: ReadonlyArray<Argument>
      readonly verdict?: undefined
    }
  | { readonly words: string; readonly verdict: Verdict }

const DOES: Readonly<Record<Access, string>> = {
  read: "reads",
  write: "changes something",
  destroy: "removes, stops or overwrites something",
  privilege: "changes who may do what",
  exfiltrate: "sends or shows what should stay where it is",
  unknown: "may do anything"
}

const forms = new WeakMap<Form, Map<string, Form>>()

export const findSubcommand = (form: Form, operands: ReadonlyArray<Argument>): Found => {
  const words: Array<string> = []
  for (const operand of operands.slice(0, WORDS_MAX)) {
    if (operand.literal === undefined || !isPlainWord(operand)) break
    words.push(operand.literal)
  }
  for (let count = words.length; count >= 0; count--) {
    const key = words.slice(0, count).join(" ")
    const subcommand = Object.hasOwn(form.subcommands ?? {}, key) ? form.subcommands?.[key] : undefined
    const isWhole = count > 0 || operands.length === 0
    if (subcommand !== undefined && isWhole) {
      return { words: key, form: asForm(form, key, subcommand), rest: operands.slice(count) }
    }
    for (const [access, list] of Object.entries(form.changes ?? {})) {
      if (key !== "" && list.split(",").some((item) => item.trim() === key)) {
        return { words: key, verdict: { class: access as Access, why: DOES[access as Access] } }
      }
    }
  }
  const first = operands[0]?.pattern ?? ""
  return { words: first, verdict: { class: form.otherwise ?? "unknown", why: "is not known to read" } }
}

/** A subcommand given as a list of flags, as the form that it stands for; the same object every time. */
const asForm = (parent: Form, key: string, subcommand: string | Form): Form => {
  if (typeof subcommand !== "string") return subcommand
  const known = forms.get(parent) ?? new Map<string, Form>()
  forms.set(parent, known)
  const form = known.get(key) ?? { flags: subcommand, ...(parent.style && { style: parent.style }) }
  known.set(key, form)
  return form
}
