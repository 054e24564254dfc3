import { mkdtemp } from "node:fs/promises"
import { openVault } from "@fluxcybers/vault/promise"

const folder = await mkdtemp("/tmp/vault-")
await using vault = await openVault({
  sqlite: `${folder}/vault.db`,
  rootKeyFile: `${folder}/root.key`,
  createIfMissing: true
})

// One sealed column. It opens in its own row and nowhere else.
const iban = { table: "customers", column: "iban", row: "42" }
const sealed = await vault.seal(iban, "DE89 3704 0044 0532 0130 00")
console.log("stored  ", sealed.slice(0, 20))
console.log("opened  ", await vault.openText(iban, sealed))

// One secret. Each time that it is revealed, the log keeps who, when and why.
await vault.secrets.put({ name: "db/password", value: "correct horse battery staple" })
const password = await vault.secrets.reveal({ name: "db/password", purpose: "nightly backup" })
console.log("printed ", `${password}`)
console.log("revealed", password.text())
