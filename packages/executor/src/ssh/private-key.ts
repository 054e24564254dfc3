// Private keys as people store them, made readable for ssh2, which knows OpenSSH's format and the older PEM formats only.
import { createPrivateKey, type KeyObject } from "node:crypto"
import ssh2 from "ssh2"

/** A private key, or why it cannot be used and what to do. */
export type PrivateKey = { readonly key: ssh2.ParsedKey } | { readonly problem: string }

const PUBLIC_KEY = /^(ssh-|ecdsa-|sk-)\S+ AAAA|BEGIN (RSA )?PUBLIC KEY|BEGIN SSH2 PUBLIC KEY/
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/

const ENCRYPTED =
  "the private key is encrypted with a passphrase. Remove the passphrase from a copy (ssh-keygen -p -N '' -f COPY), and store that: it is sealed here."
const UNREADABLE = "the private key cannot be read. Store it complete, as OpenSSH or PEM text: Ed25519, ECDSA or RSA."
const HARDWARE = "the private key belongs to a security key, which is not supported. Use an Ed25519, ECDSA or RSA key."
const PUBLIC = "it is a public key. Store the private key that belongs to it."

/** Does the secret look like a key, so that it must not be sent as a password? */
export const isKeyText = (text: string): boolean => PRIVATE_KEY.test(text) || PUBLIC_KEY.test(text)

/** Reads a private key in OpenSSH, PEM (PKCS#1, SEC1, PKCS#8) or PuTTY format. */
export const readPrivateKey = (text: string): PrivateKey => {
  if (PUBLIC_KEY.test(text)) return { problem: PUBLIC }
  if (text.includes("BEGIN ENCRYPTED PRIVATE KEY")) return { problem: ENCRYPTED }
  const parsed = ssh2.utils.parseKey(text.includes("BEGIN PRIVATE KEY") ? fromPkcs8(text) : text)
  // ssh2's declared type leaves out that a file may hold several keys; OpenSSH writes one.
  const key: ssh2.ParsedKey | Error | undefined = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined || key instanceof Error) return { problem: problemOf(key) }
  return key.isPrivateKey() ? { key } : { problem: PUBLIC }
}

const problemOf = (error: Error | undefined): string => {
  if (error !== undefined && /encrypted|passphrase/i.test(error.message)) return ENCRYPTED
  return error !== undefined && /sk-|Unsupported OpenSSH private key type/.test(error.message) ? HARDWARE : UNREADABLE
}

const fromPkcs8 = (text: string): string => {
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === "ed25519") return openSshText(key)
    const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1"
    return key.export({ type, format: "pem" }).toString()
  } catch {
    return ""
  }
}

/** An Ed25519 key in OpenSSH's own format (PROTOCOL.key), the only one for it that ssh2 reads. */
const openSshText = (key: KeyObject): string => {
  const { x = "", d = "" } = key.export({ format: "jwk" })
  const publicPart = Buffer.from(x, "base64url")
  const privatePart = Buffer.from(d, "base64url")
  const publicKey = Buffer.concat([field("ssh-ed25519"), field(publicPart)])
  // Two equal check numbers, the key, an empty comment, padded to the cipher's block of 8 by 1, 2, 3, …
  const secret = Buffer.concat([Buffer.alloc(8), publicKey, field(Buffer.concat([privatePart, publicPart])), field("")])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8))
  const one = Buffer.from([0, 0, 0, 1])
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    one,
    field(publicKey),
    field(Buffer.concat([secret, padding]))
  ])
  const text = file.toString("base64").replace(/.{70}/g, "$&\n")
  for (const part of [privatePart, secret, file]) part.fill(0)
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n-----END OPENSSH PRIVATE KEY-----\n`
}

/** RFC 4251 §5: a string is its length and its bytes. */
const field = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
