import { randomUUID } from "node:crypto"
import { createSealer } from "@fluxcybers/vault/promise"
import Database from "better-sqlite3"
import { eq } from "drizzle-orm"
import { drizzle } from "drizzle-orm/better-sqlite3"
import { sqliteTable, text } from "drizzle-orm/sqlite-core"

/** One encrypted column: `email` holds text of the form `fv1.…`. */
const people = sqliteTable("people", { id: text("id").primaryKey(), email: text("email").notNull() })

export const openPeople = async (options: { readonly sqlite: string; readonly rootKeyFile: string }) => {
  const db = drizzle(new Database(options.sqlite))
  const sealer = await createSealer(options)
  // The row's id is part of what is authenticated, so the id comes first, from the application.
  const place = (id: string) => ({ table: "people", column: "email", row: id })

  return {
    add: (email: string): string => {
      const id = randomUUID()
      db.insert(people)
        .values({ id, email: sealer.seal(place(id), email) })
        .run()
      return id
    },
    emailOf: (id: string): string | undefined => {
      const row = db.select().from(people).where(eq(people.id, id)).get()
      return row && sealer.openText(place(id), row.email)
    }
  }
}
