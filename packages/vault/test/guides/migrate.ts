import { createSealer, plaintextMigration } from "@fluxcybers/vault/promise"
import Database from "better-sqlite3"

export const sealEmails = async (options: { readonly sqlite: string; readonly rootKeyFile: string }) => {
  const db = new Database(options.sqlite)
  const migration = plaintextMigration(await createSealer(options), {
    table: "people",
    column: "email",
    until: "2099-03-01T00:00:00Z"
  })
  const rows = db.prepare<[], { row: string; stored: string }>("SELECT id AS row, email AS stored FROM people").all()
  const replace = db.prepare("UPDATE people SET email = @sealed WHERE id = @row AND email = @stored")

  const report = await migration.sealAll(rows, (change) => replace.run(change).changes === 1)
  db.close()
  return report
}
