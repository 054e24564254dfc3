// Signed checkpoints: https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-cosignature.
import { createPublicKey, verify } from "node:crypto"
import { HASH_BYTES, sha256 } from "./tree.ts"

/** The directory, the key or a checkpoint given cannot be used: nothing was verified. */
export class NotVerifiable extends Error {}

/** Nothing but canonical base 64; no bytes for anything else. */
const fromBase64 = (text: string): Buffer => {
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : Buffer.alloc(0)
}

/** Signature types of keys. */
export const ED25519 = 0x01
export const COSIGNATURE = 0x04

export interface Checkpoint {
  readonly size: number
  readonly root: Buffer
}

export interface Key {
  readonly name: string
  readonly type: number
  readonly id: string
  verify(text: string, signature: Buffer): boolean
}

/** `name+id+base64(type ‖ public key)`, https://c2sp.org/signed-note. */
export const parseKey = (text: string, type: number): Key => {
  const [name = "", id = "", ...rest] = text.split("+")
  const bytes = fromBase64(rest.join("+"))
  const expected = sha256(Buffer.from(`${name}\n`), bytes)
    .toString("hex")
    .slice(0, 8)
  if (name === "" || id !== expected || bytes.length !== 1 + HASH_BYTES || bytes[0] !== type) {
    throw new NotVerifiable(
      `This is not a verifier key of ${type === ED25519 ? "a log" : "a witness"}. Nothing was verified.`
    )
  }
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes.subarray(1)])
  const key = createPublicKey({ key: der, format: "der", type: "spki" })
  return { name, type, id, verify: (message, signature) => verify(null, Buffer.from(message), key, signature) }
}

/** Whether the note has a signature of the key, and no false one. */
export const isSignedBy = (note: string, key: Key): boolean => {
  const end = note.lastIndexOf("\n\n")
  const text = note.slice(0, end + 1)
  const checks = note
    .slice(end + 2)
    .split("\n")
    .flatMap((line) => {
      const [dash, name, encoded = ""] = line.split(" ")
      const bytes = fromBase64(encoded)
      if (end < 0 || dash !== "—" || name !== key.name || bytes.subarray(0, 4).toString("hex") !== key.id) return []
      if (key.type === ED25519) return [key.verify(text, bytes.subarray(4))]
      // https://c2sp.org/tlog-cosignature: 8 bytes of time, and it is signed too.
      if (bytes.length !== 76) return [false]
      return [key.verify(`cosignature/v1\ntime ${bytes.readBigUInt64BE(4)}\n${text}`, bytes.subarray(12))]
    })
  return checks.length > 0 && checks.every(Boolean)
}

export const openCheckpoint = (note: string, log: Key): Checkpoint | undefined => {
  const [origin, size = "", root = ""] = note.split("\n")
  const hash = fromBase64(root)
  if (origin !== log.name || !/^(0|[1-9][0-9]{0,14})$/.test(size) || hash.length !== HASH_BYTES) return undefined
  return isSignedBy(note, log) ? { size: Number(size), root: hash } : undefined
}
