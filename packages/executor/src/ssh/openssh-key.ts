// Ed25519 keys in OpenSSH's own format (PROTOCOL.key), the only one for them that ssh2 reads.
import { createPublicKey, type KeyObject } from "node:crypto"

const TYPE = "ssh-ed25519"
const LINE_LENGTH = 70
/** The block of "no cipher". */
const BLOCK_BYTES = 8

/** The text of a private key file, without passphrase and comment. */
export const openSshPrivateKey = (key: KeyObject): string => {
  const publicPart = part(key, "x")
  const privatePart = part(key, "d")
  // Two equal check numbers, the key, an empty comment, padded to a whole block by 1, 2, 3, …
  const keys = [field(TYPE), field(publicPart), field(Buffer.concat([privatePart, publicPart])), field("")]
  const unpadded = Buffer.concat([Buffer.alloc(8), ...keys])
  const padding = Buffer.from(Array.from({ length: -unpadded.length & (BLOCK_BYTES - 1) }, (_, i) => i + 1))
  const secret = Buffer.concat([unpadded, padding])
  const head = [Buffer.from("openssh-key-v1\0"), field("none"), field("none"), field(""), Buffer.from([0, 0, 0, 1])]
  const file = Buffer.concat([...head, field(publicKeyOf(publicPart)), field(secret)])
  const lines = file.toString("base64").match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? []
  for (const bytes of [privatePart, unpadded, secret, file]) bytes.fill(0)
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n")
}

/** The line of a public key file that belongs to a private key. */
export const openSshPublicKey = (key: KeyObject): string =>
  `${TYPE} ${publicKeyOf(part(createPublicKey(key), "x")).toString("base64")}`

const part = (key: KeyObject, name: "x" | "d"): Buffer =>
  Buffer.from(key.export({ format: "jwk" })[name] ?? "", "base64url")

const publicKeyOf = (publicPart: Buffer): Buffer => Buffer.concat([field(TYPE), field(publicPart)])

/** RFC 4251 §5: a string is its length and its bytes. */
const field = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
