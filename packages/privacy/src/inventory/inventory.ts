// The inventory: which personal data an organisation keeps, about whom, why, on what basis, for how long and how protected. Plain data,
// from which the record of processing activities and the other exports are made.

/** GDPR article 6(1), in the order of its letters. */
export type LegalBasis =
  | "consent"
  | "contract"
  | "legal-obligation"
  | "vital-interests"
  | "public-interest"
  | "legitimate-interests"

/** Categories of personal information of the California Consumer Privacy Act, Civil Code § 1798.140(v)(1), by their letters. */
export type CaliforniaCategory = "A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L"

/** How a column stands on disk. */
export type Protection = "sealed" | "hashed" | "pseudonymous" | "plain"

/** Who can be reached about all of it. */
export interface Contact {
  readonly name: string
  readonly address?: string
  readonly email?: string
  readonly phone?: string
}

/** Who decides on purposes and means, and who speaks for them (GDPR article 30(1)(a)). */
export interface Controller extends Contact {
  readonly joint?: ReadonlyArray<Contact>
  readonly representative?: Contact
  readonly dataProtectionOfficer?: Contact
}

/** A kind of personal data, as people are told of it. */
export interface Category {
  readonly title: string
  /** Where the data come from: `the person`, `their browser`. */
  readonly sources: ReadonlyArray<string>
  readonly california?: ReadonlyArray<CaliforniaCategory>
  /** Special categories of GDPR article 9(1). */
  readonly special?: boolean
  /** Keys of fideslang's data categories: `user.contact.email`. */
  readonly fides: ReadonlyArray<string>
}

/** What data are used for. */
export interface Purpose {
  readonly title: string
  readonly basis: LegalBasis
  /** Key of fideslang's data use: `essential.service`. */
  readonly fides: string
}

/** Until when data are kept. */
export interface Retention {
  /** A sentence for people: `90 days after the run`. */
  readonly title: string
  /** Where it is a number of days. */
  readonly days?: number
}

/** Somebody who gets data. */
export interface Recipient<Categories extends string = string, Purposes extends string = string> {
  readonly title: string
  readonly role: "processor" | "controller" | "authority"
  readonly categories: ReadonlyArray<Categories>
  readonly purposes: ReadonlyArray<Purposes>
  /** A country outside, or an international organisation, and what protects the data there (GDPR chapter V). */
  readonly transfer?: { readonly to: string; readonly safeguard: string }
  /** Sold or shared for cross-context advertising, in the words of the CCPA. False unless told. */
  readonly sold?: boolean
}

/** What one column holds. */
export interface PersonalColumn<
  Categories extends string = string,
  Purposes extends string = string,
  Retentions extends string = string
> {
  readonly category: Categories
  readonly purposes: ReadonlyArray<Purposes>
  readonly retention: Retentions
  readonly protection: Protection
  /** The column of the same table that says whose it is. */
  readonly subject?: string
}

/** A column that says nothing about anybody: a key, a counter, a state. */
export const TECHNICAL = "technical"

/** Data that are kept in one place: a table, or another store with named fields. */
export interface Dataset<
  Categories extends string = string,
  Purposes extends string = string,
  Retentions extends string = string
> {
  readonly title: string
  /** About whom: `members`, `visitors`. */
  readonly subjects: ReadonlyArray<string>
  readonly columns: Readonly<Record<string, PersonalColumn<Categories, Purposes, Retentions> | typeof TECHNICAL>>
}

/** The whole of it. Datasets are called by their table. */
export interface Inventory<
  Categories extends string = string,
  Purposes extends string = string,
  Retentions extends string = string
> {
  readonly controller: Controller
  readonly categories: Readonly<Record<Categories, Category>>
  readonly purposes: Readonly<Record<Purposes, Purpose>>
  readonly retention: Readonly<Record<Retentions, Retention>>
  readonly recipients?: Readonly<Record<string, Recipient<NoInfer<Categories>, NoInfer<Purposes>>>>
  /** Technical and organisational measures (GDPR article 32(1)), a sentence each. */
  readonly measures: ReadonlyArray<string>
  readonly datasets: Readonly<Record<string, Dataset<NoInfer<Categories>, NoInfer<Purposes>, NoInfer<Retentions>>>>
}

/** What is wrong with an inventory, all of it. Nothing was made of it. */
export class InvalidInventory extends Error {
  readonly _tag = "InvalidInventory"
  override readonly name = "InvalidInventory"
  readonly problems: ReadonlyArray<string>
  constructor(problems: ReadonlyArray<string>) {
    super(`The inventory is not complete:\n${problems.map((problem) => `  ${problem}`).join("\n")}`)
    this.problems = problems
  }
}

/**
 * Checks an inventory and gives it back: every category, purpose, retention and subject column that is named must be there, and whatever
 * is personal needs a purpose. TypeScript finds most of it before that. Throws {@link InvalidInventory}.
 */
export const defineInventory = <
  const Categories extends string,
  const Purposes extends string,
  const Retentions extends string
>(
  inventory: Inventory<Categories, Purposes, Retentions>
): Inventory<Categories, Purposes, Retentions> => {
  const problems = [...definitionProblems(inventory), ...columnProblems(inventory), ...recipientProblems(inventory)]
  if (problems.length > 0) throw new InvalidInventory(problems)
  return inventory
}

/** A personal column with where it stands. */
export interface Located {
  readonly dataset: string
  readonly name: string
  readonly column: PersonalColumn
}

/** Every personal column of an inventory. */
export const personalColumns = ({ datasets }: Inventory): ReadonlyArray<Located> =>
  Object.entries(datasets).flatMap(([dataset, { columns }]) =>
    Object.entries(columns).flatMap(([name, column]) => (column === TECHNICAL ? [] : [{ dataset, name, column }]))
  )

/** What is used for a purpose, and who gets data for it. */
export const usedFor = (inventory: Inventory, purpose: string) => ({
  columns: personalColumns(inventory).filter(({ column }) => column.purposes.includes(purpose)),
  recipients: Object.values(inventory.recipients ?? {}).filter(({ purposes }) => purposes.includes(purpose))
})

const FIDES_KEY = /^[a-zA-Z0-9_.<>-]+$/

const definitionProblems = ({ controller, categories, purposes, retention }: Inventory): ReadonlyArray<string> => [
  ...(controller.name.trim() === "" ? ["controller: has no name"] : []),
  ...Object.entries(categories).flatMap(([name, { fides, sources }]) => [
    ...(sources.length === 0 ? [`categories.${name}: says not where the data come from`] : []),
    ...(fides.length === 0 ? [`categories.${name}: has no fideslang category`] : []),
    ...fides.filter((key) => !FIDES_KEY.test(key)).map((key) => `categories.${name}: "${key}" is no key of fideslang`)
  ]),
  ...Object.entries(purposes)
    .filter(([, { fides }]) => !FIDES_KEY.test(fides))
    .map(([name, { fides }]) => `purposes.${name}: "${fides}" is no key of fideslang`),
  ...Object.entries(retention)
    .filter(([, { days }]) => days !== undefined && !(Number.isSafeInteger(days) && days >= 0))
    .map(([name, { days }]) => `retention.${name}: ${days} is no number of days`)
]

const columnProblems = (inventory: Inventory): ReadonlyArray<string> =>
  personalColumns(inventory).flatMap(({ dataset, name, column }) => {
    const at = `${dataset}.${name}`
    const { columns, subjects } = inventory.datasets[dataset]!
    return [
      ...(subjects.length === 0 ? [`${at}: is personal, but ${dataset} says not about whom`] : []),
      ...(column.purposes.length === 0 ? [`${at}: has no purpose`] : []),
      ...unknown(at, "category", [column.category], inventory.categories),
      ...unknown(at, "purpose", column.purposes, inventory.purposes),
      ...unknown(at, "retention", [column.retention], inventory.retention),
      ...unknown(at, "subject column", column.subject === undefined ? [] : [column.subject], columns)
    ]
  })

const recipientProblems = ({ recipients = {}, categories, purposes }: Inventory): ReadonlyArray<string> =>
  Object.entries(recipients).flatMap(([name, recipient]) => [
    ...unknown(`recipients.${name}`, "category", recipient.categories, categories),
    ...unknown(`recipients.${name}`, "purpose", recipient.purposes, purposes)
  ])

const unknown = (at: string, what: string, names: ReadonlyArray<string>, known: object): ReadonlyArray<string> =>
  names.filter((name) => !Object.hasOwn(known, name)).map((name) => `${at}: there is no ${what} "${name}"`)
