import { randomUUID } from "node:crypto"
import { createSealer } from "@fluxcybers/vault/promise"
import Database from "better-sqlite3"
import { Kysely, SqliteDialect } from "kysely"

interface Tables {
  /** One encrypted column: `email` holds text of the form `fv1.…`. */
  people: { id: string; email: string }
}

export const openPeople = async (options: { readonly sqlite: string; readonly rootKeyFile: string }) => {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Database(options.sqlite) }) })
  const sealer = await createSealer(options)
  // The row's id is part of what is authenticated, so the id comes first, from the application.
  const place = (id: string) => ({ table: "people", column: "email", row: id })

  return {
    add: async (email: string): Promise<string> => {
      const id = randomUUID()
      await db
        .insertInto("people")
        .values({ id, email: sealer.seal(place(id), email) })
        .execute()
      return id
    },
    emailOf: async (id: string): Promise<string | undefined> => {
      const row = await db.selectFrom("people").selectAll().where("id", "=", id).executeTakeFirst()
      return row && sealer.openText(place(id), row.email)
    }
  }
}
