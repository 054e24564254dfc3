import { mkdtemp } from "node:fs/promises"
import { createRootKey, createSealer } from "@fluxcybers/vault/promise"

// Once. Keep a copy of the file apart from your data: without it nothing opens.
const rootKeyFile = `${await mkdtemp("/tmp/vault-")}/root.key`
await createRootKey(rootKeyFile)

const sealer = await createSealer({ rootKeyFile })
const iban = { table: "customers", column: "iban", row: "42" }
const sealed = sealer.seal(iban, "DE89 3704 0044 0532 0130 00")
console.log("stored  ", sealed.slice(0, 20))
console.log("opened  ", sealer.openText(iban, sealed))
