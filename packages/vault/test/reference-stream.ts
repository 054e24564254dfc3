// A second implementation of the sealed stream, written from docs/spec/stream.md alone: the
// whole message at once, sharing nothing with the product.
import { createCipheriv, createHmac } from "node:crypto"
import { additionalDataOf } from "./reference-seal.ts"

export interface ReferenceStream {
  readonly key: Buffer
  readonly keyId: Buffer
  readonly keyVersion: number
  readonly salt: Buffer
  readonly parts: ReadonlyArray<string>
}

export const referenceStream = (input: ReferenceStream, plaintext: Buffer): Buffer => {
  const context = additionalDataOf({ ...input, suite: 3, nonce: Buffer.alloc(0) })
  const label = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0")
  const expanded = expand(input.key, Buffer.concat([label, input.salt, context]), 76)
  const [key, base, commitment] = [expanded.subarray(0, 32), expanded.subarray(32, 44), expanded.subarray(44)]
  const chunks: Array<Buffer> = []
  for (let i = 0; i <= Math.floor(plaintext.length / 16_384); i++) {
    const nonce = (BigInt(`0x${base.toString("hex")}`) ^ BigInt(i)).toString(16).padStart(24, "0")
    const cipher = createCipheriv("aes-256-gcm", key, Buffer.from(nonce, "hex"))
    chunks.push(cipher.update(plaintext.subarray(i * 16_384, (i + 1) * 16_384)), cipher.final(), cipher.getAuthTag())
  }
  return Buffer.concat([context.subarray(0, 16), input.salt, commitment, ...chunks])
}

/** RFC 5869 §2.3. */
const expand = (key: Buffer, info: Buffer, length: number): Buffer => {
  let [all, last] = [Buffer.alloc(0), Buffer.alloc(0)]
  for (let counter = 1; all.length < length; counter++) {
    last = createHmac("sha512", key)
      .update(Buffer.concat([last, info, Buffer.from([counter])]))
      .digest()
    all = Buffer.concat([all, last])
  }
  return all.subarray(0, length)
}
