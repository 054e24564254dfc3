import type { Sealer } from "@fluxcybers/vault/promise"
import { Prisma } from "@prisma/client/extension"

const NOT_SEALING = ["createMany", "createManyAndReturn", "updateMany", "updateManyAndReturn", "upsert"]

interface Write {
  readonly data: { readonly id: string; readonly email?: string }
  readonly where: { readonly id: string }
}

/** Extends a client: `person.email` is stored as text of the form `fv1.…`, and read as what it was. */
export const sealedEmail = (sealer: Sealer) => {
  // The row's id is part of what is authenticated, so the id comes first, from the application.
  const place = (id: string) => ({ table: "people", column: "email", row: id })
  const sealed = (id: string, data: Write["data"]): Write["data"] =>
    data.email === undefined ? data : { ...data, email: sealer.seal(place(id), data.email) }

  return Prisma.defineExtension({
    name: "sealed-email",
    query: {
      person: {
        async $allOperations({ operation, args, query }) {
          const { data, where } = args as unknown as Write
          if (operation === "create") return query({ ...args, data: sealed(data.id, data) })
          if (operation === "update") return query({ ...args, data: sealed(where.id, data) })
          if (NOT_SEALING.includes(operation))
            throw new Error(`${operation} would store plaintext: use create or update`)
          return query(args)
        }
      }
    },
    result: {
      person: {
        email: {
          needs: { id: true, email: true },
          compute: ({ id, email }: { id: string; email: string }) => sealer.openText(place(id), email)
        }
      }
    }
  })
}
