// Sealing and opening against the libraries that people would take instead. Each does what its documentation shows, with one local
// key; above 1 the vault is faster.
import { createSecretKey, randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier
} from "@aws-crypto/client-node"
import { createRootKey, createSealer, type Sealer } from "@fluxcybers/vault/promise"
import { CompactEncrypt, compactDecrypt } from "jose"
import type { Measured } from "./main.ts"
import { ratioAwaited } from "./measuring/cpu-time.ts"

const SIZES = [
  ["1 KiB", 1_024],
  ["1 MiB", 1_024 * 1_024]
] as const
const PLACE = { table: "customers", column: "iban", row: "42" }

interface Library {
  readonly name: string
  readonly target?: string
  /** Asynchronous as the library is. */
  readonly seal: (value: Uint8Array) => Promise<unknown>
  readonly open: (sealed: never) => Promise<unknown>
}

/** Speed of the vault in multiples of the speed of other libraries. */
export const benchVaultLibraries = async (): Promise<ReadonlyArray<Measured>> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
  try {
    const rootKeyFile = join(folder, "root.key")
    await createRootKey(rootKeyFile)
    const sealer = await createSealer({ rootKeyFile })
    const results: Array<Measured> = []
    for (const library of [awsEncryptionSdk(), joseDirect(), await tink()]) {
      for (const size of SIZES) results.push(...(await compare(sealer, library, size)))
    }
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const compare = async (
  sealer: Sealer,
  { name, target, seal, open }: Library,
  [size, bytes]: readonly [string, number]
): Promise<ReadonlyArray<Measured>> => {
  const value = randomBytes(bytes)
  const [ours, theirs] = [sealer.sealBytes(PLACE, value), (await seal(value)) as never]
  const wanted = target !== undefined && size === "1 KiB" ? { target } : {}
  return [
    {
      name: `vault: seal ${size}, to ${name}`,
      ratio: await ratioAwaited(
        () => sealer.sealBytes(PLACE, value),
        () => seal(value)
      ),
      ...wanted
    },
    {
      name: `vault: open ${size}, to ${name}`,
      ratio: await ratioAwaited(
        () => sealer.open(PLACE, ours),
        () => open(theirs)
      ),
      ...wanted
    }
  ]
}

/** Committing, signed messages are its default; this is the suite without a signature, which is faster. */
const awsEncryptionSdk = (): Library => {
  const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
  const keyring = new RawAesKeyringNode({
    keyName: "key",
    keyNamespace: "bench",
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING
  })
  return {
    name: "@aws-crypto/client-node",
    target: "at least 50",
    seal: async (value) => (await encrypt(keyring, value, { encryptionContext: PLACE })).result,
    open: (sealed) => decrypt(keyring, sealed)
  }
}

const joseDirect = (): Library => {
  const key = createSecretKey(randomBytes(32))
  return {
    name: "jose",
    seal: (value) => new CompactEncrypt(value).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(key),
    open: (sealed) => compactDecrypt(sealed, key)
  }
}

/** It was written for browsers and looks for their global object. */
const tink = async (): Promise<Library> => {
  Object.assign(globalThis, { self: globalThis })
  const { aead, generateNewKeysetHandle } = await import("tink-crypto")
  aead.register()
  const handle = await generateNewKeysetHandle(aead.aes256GcmKeyTemplate())
  const primitive = await handle.getPrimitive<Aead>(aead.Aead)
  const context = new TextEncoder().encode(JSON.stringify(PLACE))
  return {
    name: "tink-crypto",
    seal: (value) => primitive.encrypt(new Uint8Array(value), context),
    open: (sealed) => primitive.decrypt(sealed, context)
  }
}

interface Aead {
  encrypt(plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>
  decrypt(ciphertext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>
}

if (import.meta.main) console.table(await benchVaultLibraries())
