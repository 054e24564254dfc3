// A second implementation of the sealed blob, written from docs/spec/sealed-blob.md alone: slow, one block at a time, and sharing
// nothing with the product. What both compute alike is right, or wrong in the same way twice.
import { createCipheriv, createDecipheriv } from "node:crypto"

const aesBlock = (key: Buffer, block: Buffer): Buffer => {
  const cipher = createCipheriv("aes-256-ecb", key, null)
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(block), cipher.final()])
}

const xor = (left: Buffer, right: Buffer): Buffer => Buffer.from(left.map((byte, i) => byte ^ right[i]!))

const shiftLeft = (block: Buffer): Buffer => {
  const doubled = (BigInt(`0x${block.toString("hex")}`) << 1n) & ((1n << 128n) - 1n)
  return Buffer.from(doubled.toString(16).padStart(32, "0"), "hex")
}

/** AES-CMAC (RFC 4493) of whole blocks. */
const cmac = (key: Buffer, message: Buffer): Buffer => {
  const l = aesBlock(key, Buffer.alloc(16))
  const shifted = shiftLeft(l)
  const k1 = l[0]! & 0x80 ? xor(shifted, Buffer.from("00000000000000000000000000000087", "hex")) : shifted
  let mac: Buffer = Buffer.alloc(16)
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    mac = aesBlock(key, xor(mac, at + 16 === message.length ? xor(block, k1) : block))
  }
  return mac
}

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex")

export const derivedKey = (key: Buffer, nonce: Buffer): Buffer =>
  Buffer.concat(
    ["00015800", "00025800"].map((label) => cmac(key, Buffer.concat([bytes(label), nonce.subarray(0, 12)])))
  )

export const commitment = (key: Buffer, nonce: Buffer): Buffer =>
  Buffer.concat(
    ["00010001", "00010002"].map((counter) => cmac(key, Buffer.concat([Buffer.from("XCMT"), nonce, bytes(counter)])))
  )

export interface ReferenceInput {
  readonly suite: number
  readonly keyVersion: number
  readonly keyId: Buffer
  readonly key: Buffer
  readonly nonce: Buffer
  readonly parts: ReadonlyArray<string>
}

const uint = (value: number, length: number): Buffer => bytes(value.toString(16).padStart(2 * length, "0"))

const headerOf = (input: ReferenceInput): Buffer =>
  Buffer.concat([uint(input.suite, 1), uint(0, 1), uint(input.keyVersion, 2), input.keyId])

export const additionalDataOf = (input: ReferenceInput): Buffer =>
  Buffer.concat([
    headerOf(input),
    ...input.parts.flatMap((part) => [uint(Buffer.byteLength(part), 4), Buffer.from(part)])
  ])

export const referenceSeal = (input: ReferenceInput, plaintext: Buffer): Buffer => {
  const cipher = createCipheriv("aes-256-gcm", derivedKey(input.key, input.nonce), input.nonce.subarray(12))
  cipher.setAAD(additionalDataOf(input))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const committed = commitment(input.key, input.nonce)
  return Buffer.concat([headerOf(input), input.nonce, committed, ciphertext, cipher.getAuthTag()])
}

export const referenceOpen = (input: Omit<ReferenceInput, "nonce">, blob: Buffer): Buffer => {
  const nonce = blob.subarray(16, 40)
  const options = { authTagLength: 16 }
  const decipher = createDecipheriv("aes-256-gcm", derivedKey(input.key, nonce), nonce.subarray(12), options)
  decipher.setAAD(additionalDataOf({ ...input, nonce }))
  decipher.setAuthTag(blob.subarray(-16))
  return Buffer.concat([decipher.update(blob.subarray(72, -16)), decipher.final()])
}
