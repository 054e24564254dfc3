// The guide for Prisma: its schema is generated and its code runs against the real client.
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { createRootKey, createSealer } from "@fluxcybers/vault/promise"
import { PrismaPg } from "@prisma/adapter-pg"
import { Effect } from "effect"
import { afterAll, expect, it } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { sealedEmail } from "./guides/prisma/sealed-email.ts"

const EMAIL = "ada@example.com"
// Below this package, so that the generated client finds its runtime.
const CACHE = join(import.meta.dirname, "../../../node_modules/.cache")
mkdirSync(CACHE, { recursive: true })
const folder = mkdtempSync(join(CACHE, "guide-prisma-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `prisma generate`, without the schema engine that it would fetch and does not need here. */
const generateClient = async () => {
  copyFileSync(join(import.meta.dirname, "guides/prisma/schema.prisma"), join(folder, "schema.prisma"))
  const prisma = createRequire(import.meta.url).resolve("prisma/build/index.js")
  execFileSync(process.execPath, [prisma, "generate", "--schema", join(folder, "schema.prisma")], {
    cwd: folder,
    stdio: "pipe",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  })
  return import(join(folder, "generated/client.ts"))
}

it("the guide for Prisma stores one column sealed, and finds a value that was moved to another row", async () => {
  const { PrismaClient } = await generateClient()
  const rootKeyFile = join(folder, "root.key")
  await createRootKey(rootKeyFile)
  const sealer = await createSealer({ rootKeyFile })
  await onPostgres(async (connectionString) => {
    const plain = new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
    await plain.$executeRaw`CREATE TABLE people (id TEXT PRIMARY KEY, email TEXT NOT NULL)`
    const db = plain.$extends(sealedEmail(sealer))

    expect(await db.person.create({ data: { id: "1", email: EMAIL } })).toMatchObject({ id: "1", email: EMAIL })
    const { email } = await plain.person.findUniqueOrThrow({ where: { id: "1" } })
    expect(email).toMatch(/^fv1\./)
    expect((await db.person.findMany()).map((person: { email: string }) => person.email)).toEqual([EMAIL])
    await db.person.update({ where: { id: "1" }, data: { email: "new@example.com" } })
    expect(await db.person.findUnique({ where: { id: "1" } })).toMatchObject({ email: "new@example.com" })

    await expect(db.person.createMany({ data: [{ id: "2", email: EMAIL }] })).rejects.toThrow("would store plaintext")
    await plain.person.create({ data: { id: "3", email } })
    const moved = async () => (await db.person.findUniqueOrThrow({ where: { id: "3" } })).email
    await expect(moved()).rejects.toMatchObject({ reason: "cannot-open" })
    await plain.$disconnect()
  })
})

const onPostgres = (work: (url: string) => Promise<void>) => {
  const { fresh } = databases.find(({ name }) => name === "PostgreSQL")!
  const withUrl = Effect.flatMap(fresh, (location) =>
    Effect.promise(() => work("postgres" in location ? location.postgres : ""))
  )
  return Effect.runPromise(Effect.scoped(withUrl))
}
