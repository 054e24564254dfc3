// The inventory in the language of Fides (https://ethyca.github.io/fideslang/), for other tools of privacy.
import { Array as Arr } from "effect"
import { stringify } from "yaml"
import { type Dataset, type Inventory, type LegalBasis, TECHNICAL, usedFor } from "./inventory.ts"
import { contactText, recordOfProcessing } from "./record-of-processing.ts"

const COLUMNS = 120
const FIDES_BASIS: Readonly<Record<LegalBasis, string>> = {
  consent: "Consent",
  contract: "Contract",
  "legal-obligation": "Legal obligations",
  "vital-interests": "Vital interests",
  "public-interest": "Public interest",
  "legitimate-interests": "Legitimate interests"
}
/** What says nothing about anybody. */
const OPERATIONS = "system.operations"

/** How the whole is called. */
export interface FidesNames {
  /** Letters, digits and `_ . -`: the key of dataset and system. */
  readonly key: string
  /** For people. */
  readonly name: string
}

/** One YAML document with an organisation, a dataset and a system, as fideslang 3 has them. Throws `RangeError` for a key that is none. */
export const fideslangYaml = (inventory: Inventory, { key, name }: FidesNames): string => {
  if (!/^[a-zA-Z0-9_.-]+$/.test(key)) throw new RangeError(`"${key}" is no key: use letters, digits and _ . -`)
  const document = {
    organization: [organization(inventory)],
    dataset: [{ fides_key: key, name, collections: collections(inventory) }],
    system: [system(inventory, { key, name })]
  }
  return stringify(document, { lineWidth: COLUMNS, aliasDuplicateObjects: false })
}

const organization = ({ controller }: Inventory) => ({
  fides_key: "default_organization",
  name: controller.name,
  controller: contact(controller),
  ...(controller.representative === undefined ? {} : { representative: contact(controller.representative) }),
  ...(controller.dataProtectionOfficer === undefined
    ? {}
    : { data_protection_officer: contact(controller.dataProtectionOfficer) })
})

const contact = ({ name, address = "", email = "", phone = "" }: Inventory["controller"]) => ({
  name,
  address,
  email,
  phone
})

const collections = (inventory: Inventory) =>
  Object.entries(inventory.datasets).map(([name, dataset]) => ({
    name,
    description: dataset.title,
    fields: Object.keys(dataset.columns)
      .toSorted()
      .map((column) => ({ name: column, data_categories: categoriesOf(inventory, dataset, column) }))
  }))

const categoriesOf = ({ categories }: Inventory, { columns }: Dataset, name: string): ReadonlyArray<string> => {
  const column = columns[name]!
  return column === TECHNICAL ? [OPERATIONS] : categories[column.category]!.fides
}

const system = (inventory: Inventory, { key, name }: FidesNames) => {
  const { controller, measures } = inventory
  const transfers = recordOfProcessing(inventory).activities.flatMap((activity) => activity.transfers)
  return {
    fides_key: `${key}_system`,
    name,
    system_type: "Service",
    responsibility: ["Controller"],
    legal_name: controller.name,
    ...(controller.dataProtectionOfficer === undefined ? {} : { dpo: contactText(controller.dataProtectionOfficer) }),
    data_security_practices: measures.join("\n"),
    does_international_transfers: transfers.length > 0,
    legal_basis_for_transfers: [...new Set(transfers.map(({ safeguard }) => safeguard))],
    dataset_references: [key],
    privacy_declarations: Object.keys(inventory.purposes).flatMap((purpose) => declaration(inventory, purpose, key))
  }
}

const declaration = (inventory: Inventory, name: string, dataset: string) => {
  const { purposes, categories, datasets, retention } = inventory
  const { columns: used, recipients: theirs } = usedFor(inventory, name)
  if (used.length === 0) return []
  const purpose = purposes[name]!
  const kinds = Arr.dedupe(used.map(({ column }) => column.category)).map((kind) => categories[kind]!)
  const shared = theirs.flatMap((recipient) => recipient.categories).flatMap((kind) => categories[kind]!.fides)
  return [
    {
      name: purpose.title,
      data_categories: Arr.dedupe(kinds.flatMap(({ fides }) => fides)),
      data_use: purpose.fides,
      data_subjects: Arr.dedupe(used.flatMap((each) => datasets[each.dataset]!.subjects)).map(fidesKey),
      dataset_references: [dataset],
      legal_basis_for_processing: FIDES_BASIS[purpose.basis],
      retention_period: Arr.dedupe(used.map(({ column }) => retention[column.retention]!.title)).join("; "),
      processes_special_category_data: kinds.some(({ special }) => special === true),
      data_shared_with_third_parties: theirs.length > 0,
      ...(theirs.length === 0 ? {} : { third_parties: theirs.map(({ title }) => title).join("; ") }),
      shared_categories: Arr.dedupe(shared)
    }
  ]
}

const fidesKey = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9_.-]+/g, "_")
