// A whole vault as promises: the services of Effect behind, plain values in front.
import { CipherFailed, type Database, SubjectCipher } from "@fluxcybers/core"
import { type FacadeRuntime, startRuntime } from "@fluxcybers/core/facade"
import { type Layer, Redacted, Result } from "effect"
import { blobFromText, blobToText } from "../blob/text.ts"
import { Keyring } from "../keys/keyring.ts"
import { Secrets } from "../secrets.ts"
import { Shredding } from "../shredding.ts"
import { actorOf } from "./actor.ts"
import { bytesOf, organisationOf, sealedPlace } from "./place.ts"
import { SecretValue } from "./secret-value.ts"
import { streamsOf } from "./streams.ts"
import type { SecretInput, Vault, VaultOptions, VaultSecrets } from "./vault.ts"
import { vaultServices } from "./vault-services.ts"

export type Run = FacadeRuntime<Secrets | Shredding | SubjectCipher | Keyring>["run"]

/** Starts the vault in a database that is opened when the vault is, and closed with it. */
export const startVault = async (options: VaultOptions, database: Layer.Layer<Database>): Promise<Vault> => {
  const { run, close } = await startRuntime(vaultServices(options, database))
  const secrets = secretsOf(await run(Secrets), run)
  const cipher = await run(SubjectCipher)
  const streams = streamsOf(await run(Keyring), run)
  const shredding = await run(Shredding)
  const shred: Vault["shred"] = async (input) => run(shredding.shred(acting(input)))
  return { secrets, shred, ...fieldsOf(cipher, run), ...streams, close, [Symbol.asyncDispose]: close }
}

const fieldsOf = (cipher: SubjectCipher["Service"], run: Run): Pick<Vault, "seal" | "open" | "openText"> => {
  const open: Vault["open"] = async (place, sealed) => {
    const blob = blobFromText(sealed)
    if (Result.isFailure(blob)) throw new CipherFailed({ reason: "cannot-open" })
    return run(cipher.open(sealedPlace(place), blob.success))
  }
  return {
    open,
    seal: async (place, value) => blobToText(await run(cipher.seal(sealedPlace(place), bytesOf(value)))),
    openText: async (place, sealed) => Buffer.from(await open(place, sealed)).toString("utf8")
  }
}

const secretsOf = (secrets: Secrets["Service"], run: Run): VaultSecrets => ({
  put: async (input) => run(secrets.put({ ...acting(input), value: Redacted.make(bytesOf(input.value)) })),
  rotate: async (input) => run(secrets.rotate({ ...acting(input), value: Redacted.make(bytesOf(input.value)) })),
  list: async (organisation) => run(secrets.list(organisationOf(organisation))),
  current: async (input) => run(secrets.current(acting(input))),
  reveal: async (input) => {
    const { version, value } = await run(secrets.reveal(acting(input)))
    return new SecretValue(version, Redacted.value(value))
  },
  destroy: async (input) => run(secrets.destroy(acting(input)))
})

const acting = <Input extends Pick<SecretInput, "organisation" | "actor">>({
  organisation,
  actor = { system: "application" },
  ...rest
}: Input) => ({
  ...rest,
  organisation: organisationOf(organisation),
  actor: actorOf(actor)
})
