// A column of plaintext becomes a sealed one while it is used.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { databases, type Location } from "../../../repo/testing/databases.ts"
import {
  createRootKey,
  createSealer,
  openVault,
  PlaintextRefused,
  plaintextMigration,
  type ReplaceText,
  type Sealer
} from "../src/promise.ts"

const UNTIL = "2027-03-01T00:00:00Z"
const BEFORE = Date.parse(UNTIL) - 1
const COLUMN = { table: "customers", column: "iban", until: UNTIL }

let folder = ""
let sealer: Sealer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-migration-"))
  await createRootKey(join(folder, "root.key"))
  sealer = await createSealer({ rootKeyFile: join(folder, "root.key") })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A table of one column. */
const table = (values: Readonly<Record<string, string>>) => {
  const stored = new Map(Object.entries(values))
  const replace: ReplaceText = (change) => {
    if (stored.get(change.row) !== change.stored) return false
    stored.set(change.row, change.sealed)
    return true
  }
  const rows = async function* () {
    for (const [row, text] of [...stored]) yield { row, stored: text }
  }
  return { stored, rows, replace }
}

const migration = (now = BEFORE) => plaintextMigration(sealer, { ...COLUMN, now: () => now })
const placeOf = (row: string) => ({ table: "customers", column: "iban", row })

describe("a migration from plaintext", () => {
  it("reads plaintext until its end, and gives what to store instead", async () => {
    const { value, replacement } = await migration().read({ row: "1", stored: "DE89" })
    expect(value).toBe("DE89")
    expect(sealer.openText(placeOf("1"), replacement!)).toBe("DE89")
    expect(await migration().read({ row: "1", stored: replacement! })).toEqual({ value: "DE89" })
    expect(await migration(Date.parse(UNTIL)).read({ row: "1", stored: replacement! })).toEqual({ value: "DE89" })
  })

  it("refuses plaintext from its end on, and says what to do without the value", async () => {
    const late = migration(Date.parse(UNTIL)).read({ row: "1", stored: "canary-5d0c" })
    await expect(late).rejects.toBeInstanceOf(PlaintextRefused)
    const { message } = (await late.catch((cause) => cause)) as Error
    expect(message).toMatch(/customers\.iban, row 1, is not sealed.*Nothing was changed.*seal it by hand/s)
    expect(message).not.toContain("canary")
  })

  it("seals the whole column once, and a second pass finds nothing left", async () => {
    const { stored, rows, replace } = table({
      "1": "DE89",
      "2": "",
      "3": sealer.seal(placeOf("3"), "FR76"),
      "4": "fv1.no"
    })
    expect(await migration().survey(rows())).toMatchObject({
      read: 4,
      alreadySealed: 1,
      left: 3,
      leftRows: ["1", "2", "4"]
    })
    expect(await migration().sealAll(rows(), replace)).toMatchObject({ read: 4, alreadySealed: 1, sealed: 3, left: 0 })
    expect([...stored].map(([row, text]) => sealer.openText(placeOf(row), text))).toEqual([
      "DE89",
      "",
      "FR76",
      "fv1.no"
    ])
    const again = { read: 4, alreadySealed: 4, sealed: 0, left: 0, leftRows: [], unreadable: 0, unreadableRows: [] }
    expect(await migration().sealAll(rows(), replace)).toEqual(again)
  })

  it("leaves what changed meanwhile, and what the time was too short for", async () => {
    const { stored, rows, replace } = table({ "1": "old", "2": "two" })
    const whileItRuns: ReplaceText = (change) => {
      if (change.row === "1") stored.set("1", "new")
      return replace(change)
    }
    expect(await migration().sealAll(rows(), whileItRuns)).toMatchObject({ sealed: 1, left: 1, leftRows: ["1"] })
    expect(stored.get("1")).toBe("new")
    const late = await migration(Date.parse(UNTIL)).sealAll(rows(), replace)
    expect(late).toMatchObject({ alreadySealed: 1, sealed: 0, left: 1 })
    expect(stored.get("1")).toBe("new")
  })

  it("names sealed values that do not open in their row, and does not touch them", async () => {
    const moved = sealer.seal(placeOf("9"), "DE89")
    const { stored, rows, replace } = table({ "1": moved })
    expect(await migration().sealAll(rows(), replace)).toMatchObject({ unreadable: 1, unreadableRows: ["1"], left: 0 })
    expect(stored.get("1")).toBe(moved)
    await expect(migration().read({ row: "1", stored: moved })).rejects.toMatchObject({ _tag: "CipherFailed" })
  })

  it("is refused without an end", () => {
    expect(() => plaintextMigration(sealer, { ...COLUMN, until: "soon" })).toThrow('"soon" is no instant')
  })
})

describe.each(databases)("a migration with a vault on $name", ({ name, fresh }) => {
  const withDatabase = (work: (location: Location) => Promise<void>) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(fresh, (location) => Effect.promise(() => work(location)))))

  it("seals each row for the person whom it is about", () =>
    withDatabase(async (location) => {
      await using vault = await openVault({
        ...location,
        rootKeyFile: join(folder, `${name}.key`),
        createIfMissing: true
      })
      const { stored, rows, replace } = table({ "1": "DE89" })
      const ofPerson = { ...COLUMN, now: () => BEFORE, subject: (row: string) => `customer-${row}` }
      expect(await plaintextMigration(vault, ofPerson).sealAll(rows(), replace)).toMatchObject({ sealed: 1, left: 0 })
      expect(await vault.openText({ ...placeOf("1"), subject: "customer-1" }, stored.get("1")!)).toBe("DE89")
      await vault.shred({ subject: "customer-1" })
      expect(await plaintextMigration(vault, ofPerson).survey(rows())).toMatchObject({ unreadableRows: ["1"] })
    }))
})
