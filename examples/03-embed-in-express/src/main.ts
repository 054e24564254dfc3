// Starts the application on loopback with two people, who sign in by a cookie that says who they are: good for trying it, and for nothing else.
import { randomBytes } from "node:crypto"
import { mkdtemp } from "node:fs/promises"
import { newPerson } from "@fluxcybers/executor/promise"
import { createApp } from "./app.ts"

const PORT = 4690

const accounts = [
  { name: "ada", person: newPerson(), mayApprove: false },
  { name: "grace", person: newPerson(), mayApprove: true }
]
const app = await createApp({
  sqlite: `${await mkdtemp("/tmp/shop-")}/shop.db`,
  // Kept in a secret store by a real application: without it nothing in the database opens.
  key: randomBytes(32),
  accounts,
  accountOf: (request) => accounts.find(({ name }) => request.headers.cookie === `account=${name}`)
})
app.express.listen(PORT, "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${PORT} (cookie account=ada or account=grace)`)
)
