import { it as effectIt } from "@effect/vitest"
import { CATALOGUE_QUERIES, type CatalogueColumn, Database } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { databases } from "../../../repo/testing/databases.ts"
import {
  californiaTable,
  defineInventory,
  fideslangYaml,
  InvalidInventory,
  type Inventory,
  inventoryDrift,
  personal,
  recordCsv,
  recordHtml,
  recordOfProcessing,
  schemaDataset,
  TECHNICAL,
  technical
} from "../src/index.ts"

const shop = defineInventory({
  controller: {
    name: "Café <Lumière>",
    address: "1 rue d'Été, Lyon",
    email: "hello@lumiere.example",
    dataProtectionOfficer: { name: "D. Officer", email: "dpo@lumiere.example" }
  },
  categories: {
    contact: { title: "Contact data", sources: ["the person"], california: ["A", "B"], fides: ["user.contact.email"] },
    orders: { title: "Orders", sources: ["the person"], california: ["D"], fides: ["user.behavior.purchase_history"] },
    health: { title: "Allergies", sources: ["the person"], special: true, california: ["L"], fides: ["user.health"] }
  },
  purposes: {
    delivery: { title: "Delivering orders", basis: "contract", fides: "essential.service" },
    tax: { title: "Tax records", basis: "legal-obligation", fides: "essential.legal_obligation" },
    newsletter: { title: "=Newsletter", basis: "consent", fides: "marketing.communications.email" }
  },
  retention: {
    account: { title: "when the account is closed" },
    books: { title: "10 years after the order", days: 3_653 }
  },
  recipients: {
    courier: {
      title: "Courier",
      role: "controller",
      categories: ["contact"],
      purposes: ["delivery"],
      transfer: { to: "Switzerland", safeguard: "adequacy decision" }
    },
    ads: { title: "Ad broker", role: "controller", categories: ["orders"], purposes: ["newsletter"], sold: true }
  },
  measures: ["Addresses are encrypted."],
  datasets: {
    customers: {
      title: "Customers",
      subjects: ["Customers"],
      columns: {
        id: TECHNICAL,
        email: {
          category: "contact",
          purposes: ["delivery", "newsletter"],
          retention: "account",
          protection: "sealed",
          subject: "id"
        },
        allergies: {
          category: "health",
          purposes: ["delivery"],
          retention: "account",
          protection: "sealed",
          subject: "id"
        }
      }
    },
    orders: {
      title: "Orders",
      subjects: ["Customers"],
      columns: {
        id: TECHNICAL,
        customer: { category: "orders", purposes: ["delivery", "tax"], retention: "books", protection: "pseudonymous" }
      }
    }
  }
})

describe("an inventory", () => {
  it("tells everything that is wrong with it at once", () => {
    const wrong = {
      ...shop,
      controller: { name: " " },
      purposes: { ...shop.purposes, tax: { title: "Tax", basis: "legal-obligation", fides: "two words" } },
      retention: { account: { title: "soon", days: -1 } },
      recipients: { nobody: { title: "Nobody", role: "processor", categories: ["shoes"], purposes: ["delivery"] } },
      datasets: {
        customers: {
          title: "Customers",
          subjects: [],
          columns: { email: { category: "mail", purposes: [], retention: "books", protection: "plain", subject: "id" } }
        }
      }
    } as unknown as Inventory
    const problems = (): ReadonlyArray<string> => {
      try {
        defineInventory(wrong)
        return []
      } catch (error) {
        return (error as InvalidInventory).problems
      }
    }
    expect(problems()).toEqual([
      "controller: has no name",
      'purposes.tax: "two words" is no key of fideslang',
      "retention.account: -1 is no number of days",
      "customers.email: is personal, but customers says not about whom",
      "customers.email: has no purpose",
      'customers.email: there is no category "mail"',
      'customers.email: there is no retention "books"',
      'customers.email: there is no subject column "id"',
      'recipients.nobody: there is no category "shoes"'
    ])
  })

  it("takes datasets from the schemas of rows, and names the fields that nobody declared", () => {
    const email = personal(Schema.String, {
      category: "contact",
      purposes: ["delivery"],
      retention: "account",
      protection: "sealed"
    })
    const about = { title: "Customers", subjects: ["Customers"] }
    expect(schemaDataset(Schema.Struct({ id: technical(Schema.String), email }), about)).toEqual({
      ...about,
      columns: { id: "technical", email: expect.objectContaining({ category: "contact" }) }
    })
    expect(() => schemaDataset(Schema.Struct({ email, phone: Schema.String }), about)).toThrow(
      new InvalidInventory(["Customers, phone: wrap its schema in personal() or technical()"])
    )
  })
})

describe.each(databases)("compared with $name", ({ layer }) => {
  effectIt.effect("names what was not declared, and what is not there", () =>
    Effect.gen(function* () {
      const { sql, dialect } = yield* Database
      yield* sql`CREATE TABLE customers (id TEXT PRIMARY KEY, email TEXT, phone TEXT)`
      yield* sql`CREATE TABLE orders (id TEXT PRIMARY KEY)`
      yield* sql`CREATE TABLE tool_migrations (version TEXT)`
      const live = yield* sql.unsafe<CatalogueColumn>(CATALOGUE_QUERIES[dialect])
      expect(inventoryDrift(shop, live, ["tool_migrations"])).toEqual({
        undeclared: ["customers.phone"],
        missing: ["customers.allergies", "orders.customer"]
      })
      expect(inventoryDrift(shop, live).undeclared).toContain("tool_migrations.version")
    }).pipe(Effect.provide(layer()))
  )
})

describe("the record of processing activities (GDPR article 30(1))", () => {
  const record = recordOfProcessing(shop)

  it("says of each purpose whose data, which, who gets them, where they go and until when", () => {
    expect(record.activities).toEqual([
      {
        purpose: "Delivering orders",
        basis: "contract",
        subjects: ["Customers"],
        categories: [
          { title: "Contact data", special: false },
          { title: "Allergies", special: true },
          { title: "Orders", special: false }
        ],
        recipients: [{ title: "Courier", role: "controller" }],
        transfers: [{ recipient: "Courier", to: "Switzerland", safeguard: "adequacy decision" }],
        erasure: [
          { category: "Contact data", after: "when the account is closed" },
          { category: "Allergies", after: "when the account is closed" },
          { category: "Orders", after: "10 years after the order" }
        ]
      },
      expect.objectContaining({ purpose: "Tax records", basis: "legal-obligation" }),
      expect.objectContaining({ purpose: "=Newsletter", recipients: [{ title: "Ad broker", role: "controller" }] })
    ])
  })

  it("is a table in which no spreadsheet computes anything", () => {
    const [heading, first] = recordCsv(record).split("\r\n")
    expect(heading).toBe("Purpose,Legal basis,People,Categories of data,Recipients,Transfers to third countries,Erased")
    expect(first).toContain('Contract (Art. 6(1)(b)),Customers,"Contact data\nAllergies (special category, Art. 9)')
    expect(recordCsv(record)).toContain("\r\n'=Newsletter,")
  })

  it("is a page in which text stays text", () => {
    const html = recordHtml(record)
    expect(html).toContain("Café &lt;Lumière&gt;, 1 rue d&#39;Été, Lyon, hello@lumiere.example")
    expect(html).toContain("<dt>Data protection officer</dt><dd>D. Officer, dpo@lumiere.example</dd>")
    expect(html).not.toMatch(/<Lumi|<script|Representative/)
  })
})

describe("the table for California", () => {
  it("has all categories of the Act, those that are not collected too", () => {
    const rows = californiaTable(shop)
    expect(rows.map(({ letter }) => letter).join("")).toBe("ABCDEFGHIJKL")
    expect(rows.filter(({ collected }) => collected).map(({ letter }) => letter)).toEqual(["A", "B", "D", "L"])
    expect(rows.find(({ letter }) => letter === "D")).toEqual({
      letter: "D",
      title: "Commercial information",
      collected: true,
      examples: ["Orders"],
      sources: ["the person"],
      purposes: ["Delivering orders", "Tax records"],
      disclosedTo: [],
      soldTo: ["Ad broker"],
      kept: ["10 years after the order"]
    })
  })
})

describe("fideslang", () => {
  const yaml = fideslangYaml(shop, { key: "lumiere", name: "Café Lumière" })

  it("MUST have keys, a system with declarations and a dataset with fields, each name once", () => {
    const { organization, dataset, system } = parse(yaml)
    const keys = [...yaml.matchAll(/(?:fides_key|data_use): (.*)/g)].map(([, key]) => key!)
    expect(keys.every((key) => /^[a-zA-Z0-9_.<>-]+$/.test(key))).toBe(true)
    expect(organization[0].data_protection_officer.email).toBe("dpo@lumiere.example")
    expect(dataset[0].collections.map((each: { name: string }) => each.name)).toEqual(["customers", "orders"])
    expect(dataset[0].collections[0].fields).toEqual([
      { name: "allergies", data_categories: ["user.health"] },
      { name: "email", data_categories: ["user.contact.email"] },
      { name: "id", data_categories: ["system.operations"] }
    ])
    expect(system[0].privacy_declarations[0]).toEqual({
      name: "Delivering orders",
      data_categories: ["user.contact.email", "user.health", "user.behavior.purchase_history"],
      data_use: "essential.service",
      data_subjects: ["customers"],
      dataset_references: ["lumiere"],
      legal_basis_for_processing: "Contract",
      retention_period: "when the account is closed; 10 years after the order",
      processes_special_category_data: true,
      data_shared_with_third_parties: true,
      third_parties: "Courier",
      shared_categories: ["user.contact.email"]
    })
    expect(system[0]).toMatchObject({ does_international_transfers: true, responsibility: ["Controller"] })
  })

  it("MUST NOT have a key with other characters", () => {
    expect(() => fideslangYaml(shop, { key: "my shop", name: "Shop" })).toThrow(RangeError)
  })
})
