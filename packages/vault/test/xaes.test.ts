import { createHash, createSecretKey, randomBytes } from "node:crypto"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { decryptGcm, encryptGcm } from "../src/cipher/gcm.ts"
import { type Holding, messageKey } from "../src/cipher/message-key.ts"
import { fillNonce, reseed } from "../src/cipher/nonce.ts"
import { XaesKey } from "../src/cipher/xaes.ts"
import * as reference from "./reference-seal.ts"
import { hex, readVectors } from "./vectors.ts"

const message = (nonce: Uint8Array, additionalData: Uint8Array, holding: Holding = "value") => ({
  nonce,
  additionalData,
  holding
})
const keyOf = (bytes: Uint8Array) => new XaesKey(createSecretKey(bytes))

const Xaes = Schema.Struct({
  xaes: Schema.Array(
    Schema.Struct({
      keyHex: Schema.String,
      nonceHex: Schema.String,
      plaintextHex: Schema.String,
      additionalDataHex: Schema.String,
      derivedKeyHex: Schema.String,
      ciphertextAndTagHex: Schema.String
    })
  ),
  keyCommitment: Schema.Array(
    Schema.Struct({
      keyHex: Schema.String,
      nonceHex: Schema.String,
      plaintextHex: Schema.String,
      additionalDataHex: Schema.String,
      ciphertextHex: Schema.String,
      tagHex: Schema.String,
      commitmentHex: Schema.String
    })
  ),
  accumulated: Schema.Struct({ iterations: Schema.Int, digestHex: Schema.String })
})
const vectors = readVectors("xaes-256-gcm.json", Xaes)

describe("XAES-256-GCM", () => {
  it.each(vectors.xaes)("MUST give the C2SP specification's ciphertext and derived key: $keyHex", (vector) => {
    const [key, nonce] = [hex(vector.keyHex), hex(vector.nonceHex)]
    const sealed = keyOf(key).seal(message(nonce, hex(vector.additionalDataHex)), hex(vector.plaintextHex))
    const ciphertextAndTag = Buffer.concat([sealed.ciphertext, sealed.tag])
    expect(ciphertextAndTag.toString("hex")).toBe(vector.ciphertextAndTagHex)
    expect(reference.derivedKey(key, nonce).toString("hex")).toBe(vector.derivedKeyHex)
  })

  it(`MUST give the C2SP specification's digest over ${vectors.accumulated.iterations} random messages`, () => {
    const take = shake128Stream()
    const digest = createHash("shake128", { outputLength: 32 })
    for (let i = 0; i < vectors.accumulated.iterations; i++) {
      const key = keyOf(take(32))
      const nonce = take(24)
      const plaintext = take(take(1)[0]!)
      const additionalData = take(take(1)[0]!)
      const sealed = key.seal(message(nonce, additionalData), plaintext)
      digest.update(sealed.ciphertext).update(sealed.tag)
      expect(key.open(message(nonce, additionalData), sealed)).toEqual(plaintext)
    }
    expect(digest.digest("hex")).toBe(vectors.accumulated.digestHex)
  })
})

/** The specification's generator: the output of SHAKE-128 over nothing, read piece by piece. */
const shake128Stream = () => {
  const stream = createHash("shake128", { outputLength: 8 * 1024 * 1024 }).digest()
  let at = 0
  return (length: number): Buffer => {
    const taken = stream.subarray(at, at + length)
    at += length
    expect(taken.length).toBe(length)
    return taken
  }
}

describe("key commitment", () => {
  it.each(vectors.keyCommitment)("MUST give the outside commitment: $commitmentHex", (vector) => {
    const [key, nonce, additionalData] = [hex(vector.keyHex), hex(vector.nonceHex), hex(vector.additionalDataHex)]
    const sealed = keyOf(key).seal(message(nonce, additionalData), hex(vector.plaintextHex))
    expect(Object.values(sealed).map((part) => Buffer.from(part).toString("hex"))).toEqual([
      vector.commitmentHex,
      vector.ciphertextHex,
      vector.tagHex
    ])
  })

  it("agrees with a second implementation built on plain CMAC", () => {
    for (let i = 0; i < 500; i++) {
      const [key, nonce] = [randomBytes(32), randomBytes(24)]
      const { commitment } = keyOf(key).seal(message(nonce, Buffer.alloc(0)), Buffer.alloc(0))
      expect(commitment).toEqual(reference.commitment(key, nonce))
    }
  })

  it("MUST seal and open the same bytes whatever a message holds, though its key is handed over in another form", () => {
    const [key, nonce, additionalData] = [keyOf(randomBytes(32)), randomBytes(24), randomBytes(8)]
    const ofValue = key.seal(message(nonce, additionalData, "value"), Buffer.from("hello"))
    expect(key.seal(message(nonce, additionalData, "key"), Buffer.from("hello"))).toEqual(ofValue)
    expect(key.open(message(nonce, additionalData, "key"), ofValue)).toEqual(Buffer.from("hello"))
  })

  it("MUST NOT hand over the key of a message that holds another key as text", () => {
    for (let i = 0; i < 50; i++) expect(messageKey(randomBytes(32), "key")).toBeTypeOf("object")
  })

  it("MUST tell a wrong key before it deciphers anything, and an altered message from a wrong key", () => {
    const [nonce, additionalData] = [randomBytes(24), randomBytes(8)]
    const key = keyOf(randomBytes(32))
    const sealed = key.seal(message(nonce, additionalData), Buffer.from("hello"))
    expect(keyOf(randomBytes(32)).open(message(nonce, additionalData), sealed)).toBe("wrong-key")
    expect(key.open(message(nonce, randomBytes(8)), sealed)).toBe("altered")
    expect(key.open(message(nonce, additionalData), { ...sealed, tag: sealed.tag.subarray(0, 12) })).toBe("altered")
  })
})

const Wycheproof = Schema.Struct({
  testGroups: Schema.Array(
    Schema.Struct({
      tests: Schema.Array(
        Schema.Struct({
          tcId: Schema.Int,
          comment: Schema.String,
          key: Schema.String,
          iv: Schema.String,
          aad: Schema.String,
          msg: Schema.String,
          ct: Schema.String,
          tag: Schema.String,
          result: Schema.Literals(["valid", "invalid"])
        })
      )
    })
  )
})

describe("AES-256-GCM", () => {
  const cases = readVectors("aes-256-gcm.json", Wycheproof).testGroups.flatMap((group) => group.tests)

  it("has all 66 Wycheproof cases of 256-bit keys and 96-bit nonces", () => expect(cases).toHaveLength(66))

  it.each(cases)("Wycheproof $tcId MUST be $result $comment", (vector) => {
    const input = { key: hex(vector.key), nonce: hex(vector.iv), additionalData: hex(vector.aad) }
    const opened = decryptGcm(input, { ciphertext: hex(vector.ct), tag: hex(vector.tag) })
    expect(opened).toEqual(vector.result === "valid" ? hex(vector.msg) : undefined)
    if (vector.result === "valid") {
      const sealed = encryptGcm(input, hex(vector.msg))
      expect(Object.values(sealed).map((part) => Buffer.from(part).toString("hex"))).toEqual([vector.ct, vector.tag])
    }
  })
})

describe("nonces", () => {
  it("never repeat, also across refills of the pool and after a reseed", () => {
    const seen = new Set<string>()
    for (let i = 0; i < 5_000; i++) {
      if (i % 1_000 === 500) reseed()
      const nonce = Buffer.alloc(24)
      fillNonce(nonce)
      seen.add(nonce.toString("hex"))
    }
    expect(seen.size).toBe(5_000)
  })
})
