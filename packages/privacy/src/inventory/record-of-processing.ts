// The record of processing activities: GDPR article 30(1), whose letters the fields follow.
import { Array as Arr } from "effect"
import { type Contact, type Controller, type Inventory, type LegalBasis, usedFor } from "./inventory.ts"

/** One processing activity: everything that is done for one purpose. */
export interface ProcessingActivity {
  /** (b) */
  readonly purpose: string
  readonly basis: LegalBasis
  /** (c) */
  readonly subjects: ReadonlyArray<string>
  readonly categories: ReadonlyArray<{ readonly title: string; readonly special: boolean }>
  /** (d) */
  readonly recipients: ReadonlyArray<{ readonly title: string; readonly role: string }>
  /** (e) */
  readonly transfers: ReadonlyArray<{ readonly recipient: string; readonly to: string; readonly safeguard: string }>
  /** (f), by category. */
  readonly erasure: ReadonlyArray<{ readonly category: string; readonly after: string }>
}

/** The record, ready to be shown to an authority (article 30(4)). */
export interface RecordOfProcessing {
  /** (a) */
  readonly controller: Controller
  readonly activities: ReadonlyArray<ProcessingActivity>
  /** (g) */
  readonly measures: ReadonlyArray<string>
}

/** Makes the record. A purpose for which no column is used is not in it. */
export const recordOfProcessing = (inventory: Inventory): RecordOfProcessing => ({
  controller: inventory.controller,
  activities: Object.keys(inventory.purposes).flatMap((purpose) => activity(inventory, purpose)),
  measures: inventory.measures
})

const activity = (inventory: Inventory, name: string): ReadonlyArray<ProcessingActivity> => {
  const { purposes, categories, datasets, retention } = inventory
  const { columns: used, recipients: theirs } = usedFor(inventory, name)
  const purpose = purposes[name]!
  if (used.length === 0 && theirs.length === 0) return []
  const kinds = Arr.dedupe([...used.map(({ column }) => column.category), ...theirs.flatMap((each) => each.categories)])
  const periods = used.map(({ column }) => ({
    category: categories[column.category]!.title,
    after: retention[column.retention]!.title
  }))
  return [
    {
      purpose: purpose.title,
      basis: purpose.basis,
      subjects: Arr.dedupe(used.flatMap(({ dataset }) => datasets[dataset]!.subjects)),
      categories: kinds.map((kind) => ({
        title: categories[kind]!.title,
        special: categories[kind]!.special ?? false
      })),
      recipients: theirs.map(({ title, role }) => ({ title, role })),
      transfers: theirs.flatMap(({ title, transfer }) =>
        transfer === undefined ? [] : [{ recipient: title, ...transfer }]
      ),
      erasure: [...new Map(periods.map((each) => [JSON.stringify(each), each])).values()]
    }
  ]
}

/** A contact in one line. */
export const contactText = ({ name, address, email, phone }: Contact): string =>
  [name, address, email, phone].filter((part) => part !== undefined).join(", ")

/** GDPR article 6(1) with its letter. */
export const BASIS_TITLES: Readonly<Record<LegalBasis, string>> = {
  consent: "Consent (Art. 6(1)(a))",
  contract: "Contract (Art. 6(1)(b))",
  "legal-obligation": "Legal obligation (Art. 6(1)(c))",
  "vital-interests": "Vital interests (Art. 6(1)(d))",
  "public-interest": "Public interest (Art. 6(1)(e))",
  "legitimate-interests": "Legitimate interests (Art. 6(1)(f))"
}
