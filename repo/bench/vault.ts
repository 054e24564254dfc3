// Sealing and opening against AES-256-GCM of node:crypto itself: one KeyObject, additional data ready made, nothing stored. Rounds of
// both take turns, time is CPU time, and each figure is the median of the rounds' ratios.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, randomFillSync } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createRootKey, createSealer, type Sealer } from "@fluxcybers/vault/promise"
import type { Measured } from "./main.ts"
import { ratio, ratioOfLarge } from "./measuring/cpu-time.ts"

const KIB = 1_024
const MIB = 1_024 * KIB
/** What else is measured: the smallest value that people seal, and what still fits in memory without a thought. */
const OTHER_SIZES = [
  ["32 B", 32],
  ["64 KiB", 64 * KIB],
  ["16 MiB", 16 * MIB]
] as const
const LARGE_BYTES = 64 * KIB
const PLACE = { table: "vault_secret_versions", column: "sealed", row: "secret_01jdfr/db/password/1" }

/** Speed of the vault in parts of the speed of node:crypto. */
export const benchVault = async (): Promise<ReadonlyArray<Measured>> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
  try {
    const rootKeyFile = join(folder, "root.key")
    await createRootKey(rootKeyFile)
    return measure(await createSealer({ rootKeyFile }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const measure = (sealer: Sealer): ReadonlyArray<Measured> => {
  const [small, large] = [randomBytes(KIB), randomBytes(MIB)]
  const [sealedSmall, sealedLarge] = [sealer.sealBytes(PLACE, small), sealer.sealBytes(PLACE, large)]
  const seal = () => sealer.sealBytes(PLACE, small)
  const open = () => sealer.open(PLACE, sealedSmall)
  return [
    {
      name: "vault: seal 1 KiB, to node:crypto with a new nonce each time",
      ratio: ratio(seal, rawSeal(small, "new")),
      target: "at least 0.6"
    },
    { name: "vault: seal 1 KiB, to node:crypto with its nonce given", ratio: ratio(seal, rawSeal(small, "given")) },
    {
      name: "vault: open 1 KiB, to node:crypto that also binds the place and takes nonce and tag out of one value",
      ratio: ratio(open, rawOpenAtPlace(small)),
      target: "at least 0.6"
    },
    { name: "vault: open 1 KiB, to node:crypto with all of it ready-made", ratio: ratio(open, rawOpen(small)) },
    {
      name: "vault: seal 1 MiB in segments, to node:crypto",
      ratio: ratioOfLarge(() => sealer.sealSegments(PLACE, large), rawSeal(large, "new")),
      target: "at least 0.95"
    },
    {
      name: "vault: open 1 MiB, to node:crypto",
      ratio: ratioOfLarge(() => sealer.open(PLACE, sealedLarge), rawOpen(large)),
      target: "at least 0.95"
    },
    ...OTHER_SIZES.flatMap(([size, bytes]) => measureSize(sealer, size, randomBytes(bytes)))
  ]
}

const measureSize = (sealer: Sealer, size: string, value: Uint8Array): ReadonlyArray<Measured> => {
  const sealed = sealer.sealBytes(PLACE, value)
  const compare = value.length < LARGE_BYTES ? ratio : ratioOfLarge
  return [
    {
      name: `vault: seal ${size}, to node:crypto with a new nonce each time`,
      ratio: compare(() => sealer.sealSegments(PLACE, value), rawSeal(value, "new"))
    },
    { name: `vault: open ${size}, to node:crypto`, ratio: compare(() => sealer.open(PLACE, sealed), rawOpen(value)) }
  ]
}

const key = createSecretKey(randomBytes(32))
const additionalData = randomBytes(120)
const nonce = randomBytes(12)

const rawSeal = (plaintext: Uint8Array, nonces: "new" | "given") => () => {
  if (nonces === "new") randomFillSync(nonce)
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  cipher.setAAD(additionalData)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return { ciphertext, tag: cipher.getAuthTag() }
}

const rawOpen = (plaintext: Uint8Array) => {
  const own = randomBytes(12)
  const cipher = createCipheriv("aes-256-gcm", key, own)
  cipher.setAAD(additionalData)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const tag = cipher.getAuthTag()
  return () => {
    const decipher = createDecipheriv("aes-256-gcm", key, own, { authTagLength: 16 })
    decipher.setAAD(additionalData)
    decipher.setAuthTag(tag)
    const opened = decipher.update(ciphertext)
    decipher.final()
    return opened
  }
}

/** What one would write with node:crypto alone: the place as additional data, and one value that holds nonce, ciphertext and tag. */
const rawOpenAtPlace = (plaintext: Uint8Array) => {
  const own = randomBytes(12)
  const cipher = createCipheriv("aes-256-gcm", key, own)
  cipher.setAAD(placeBytes(PLACE))
  const sealed = Buffer.concat([own, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  return () => {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(placeBytes(PLACE))
    decipher.setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
  }
}

const placeBytes = (place: typeof PLACE): Uint8Array => Buffer.from(JSON.stringify(place))

if (import.meta.main) console.table(await benchVault())
