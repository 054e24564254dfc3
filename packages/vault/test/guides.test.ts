// The guides for people who have one column to encrypt: their code runs against the real libraries.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createRootKey } from "@fluxcybers/vault/promise"
import Database from "better-sqlite3"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openPeople as withDrizzle } from "./guides/drizzle.ts"
import { openPeople as withKysely } from "./guides/kysely.ts"
import { sealEmails } from "./guides/migrate.ts"

const EMAIL = "ada@example.com"
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-guides-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each([
  { name: "Drizzle", open: withDrizzle },
  { name: "Kysely", open: withKysely }
])("the guide for $name", ({ name, open }) => {
  it("stores one column sealed, and finds a value that was moved to another row", async () => {
    const [sqlite, rootKeyFile] = [join(folder, `${name}.db`), join(folder, `${name}.key`)]
    const database = new Database(sqlite)
    database.exec("CREATE TABLE people (id TEXT PRIMARY KEY, email TEXT NOT NULL)")
    await createRootKey(rootKeyFile)
    const people = await open({ sqlite, rootKeyFile })
    const id = await people.add(EMAIL)
    expect(await people.emailOf(id)).toBe(EMAIL)
    expect(await people.emailOf("nobody")).toBeUndefined()
    const { email } = database.prepare("SELECT email FROM people").get() as { email: string }
    expect(email).toMatch(/^fv1\./)
    expect(email).not.toContain(EMAIL)
    database.prepare("INSERT INTO people VALUES ('other', ?)").run(email)
    await expect((async () => people.emailOf("other"))()).rejects.toMatchObject({ reason: "cannot-open" })
    database.close()
  })
})

it("the guide for a column that holds plaintext seals it, and leaves the second pass nothing", async () => {
  const [sqlite, rootKeyFile] = [join(folder, "migrate.db"), join(folder, "migrate.key")]
  const database = new Database(sqlite)
  database.exec(
    `CREATE TABLE people (id TEXT PRIMARY KEY, email TEXT NOT NULL); INSERT INTO people VALUES ('1', '${EMAIL}')`
  )
  database.close()
  await createRootKey(rootKeyFile)
  expect(await sealEmails({ sqlite, rootKeyFile })).toMatchObject({ read: 1, sealed: 1, left: 0 })
  expect(await sealEmails({ sqlite, rootKeyFile })).toMatchObject({ alreadySealed: 1, sealed: 0, unreadable: 0 })
  const people = await withKysely({ sqlite, rootKeyFile })
  expect(await people.emailOf("1")).toBe(EMAIL)
})
