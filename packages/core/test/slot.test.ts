// docs/spec/audit-log.md §9: the key of a slot and what it seals, against a second implementation and the vectors of HKDF.
import { createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { openSlot, sealSlot } from "../src/audit/slot.ts"

interface HkdfCase {
  readonly tcId: number
  readonly comment: string
  readonly ikm: string
  readonly salt: string
  readonly info: string
  readonly size: number
  readonly okm: string
  readonly result: "valid" | "invalid"
}

const { numberOfTests, testGroups }: { numberOfTests: number; testGroups: ReadonlyArray<{ tests: Array<HkdfCase> }> } =
  JSON.parse(readFileSync(join(import.meta.dirname, "../../../docs/spec/vectors/hkdf-sha256.json"), "utf8"))
const cases = testGroups.flatMap(({ tests }) => tests)

const HASH_BYTES = 32
const OUTPUT_BYTES_MAX = 255 * HASH_BYTES

/** RFC 5869 out of HMAC, and nothing else. */
const hkdf = (ikm: Buffer, salt: Buffer, info: Buffer, size: number): Buffer => {
  if (size > OUTPUT_BYTES_MAX) throw new RangeError("too much output")
  const prk = createHmac("sha256", salt).update(ikm).digest()
  const blocks: Array<Buffer> = []
  for (let last = Buffer.alloc(0), n = 1; blocks.length * HASH_BYTES < size; n++) {
    last = createHmac("sha256", prk).update(last).update(info).update(Buffer.of(n)).digest()
    blocks.push(last)
  }
  return Buffer.concat(blocks).subarray(0, size)
}

describe("HKDF-SHA-256 against C2SP Wycheproof", () => {
  it("has all vectors", () => expect(cases.length).toBe(numberOfTests))

  it.each(cases)("$tcId is $result ($comment)", ({ ikm, salt, info, size, okm, result }) => {
    const [key, some, about] = [ikm, salt, info].map((hex) => Buffer.from(hex, "hex")) as [Buffer, Buffer, Buffer]
    const ways = [() => Buffer.from(hkdfSync("sha256", key, some, about, size)), () => hkdf(key, some, about, size)]
    for (const derive of ways) {
      if (result === "invalid") expect(derive).toThrow(RangeError)
      else expect(derive().toString("hex")).toBe(okm)
    }
  })
})

describe("a slot", () => {
  const organisation = "org_00000000000000000000000000"
  const secret = randomBytes(HASH_BYTES)

  it("is what the specification says", () => {
    const { name, sealed } = sealSlot(secret, organisation, "Mara")
    const key = hkdf(secret, Buffer.from(name.slice(1), "hex"), Buffer.from("fluxcybers/audit/v1/slot"), HASH_BYTES)
    const bytes = Buffer.from(sealed, "base64")
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12)).setAAD(Buffer.from(organisation))
    decipher.setAuthTag(bytes.subarray(-16))
    const plain = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()])
    expect(plain.length).toBe(64)
    expect(plain.subarray(0, 6)).toEqual(Buffer.from("\0\x04Mara"))
  })

  it("MUST NOT open with any bit flipped, in another organisation, under another name or secret", () => {
    const slot = sealSlot(secret, organisation, "Mara")
    expect(openSlot(secret, organisation, slot)).toBe("Mara")
    const bytes = Buffer.from(slot.sealed, "base64")
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(openSlot(secret, organisation, { ...slot, sealed: flipped.toString("base64") })).toBeUndefined()
    }
    expect(openSlot(secret, "org_00000000000000000000000001", slot)).toBeUndefined()
    expect(openSlot(secret, organisation, { ...slot, name: `s${"0".repeat(32)}` })).toBeUndefined()
    expect(openSlot(randomBytes(HASH_BYTES), organisation, slot)).toBeUndefined()
  })
})
