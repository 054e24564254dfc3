import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { Redacted } from "effect"
import ssh2 from "ssh2"
import { describe, expect, it } from "vitest"
import { openSshPrivateKey, openSshPublicKey } from "../src/ssh/openssh-key.ts"
import { isKeyText, readPrivateKey } from "../src/ssh/private-key.ts"

const ed25519 = generateKeyPairSync("ed25519").privateKey
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
const ecdsa = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey
const p256 = ecdsa("P-256")
const p521 = ecdsa("P-521")

const pem = (key: KeyObject, type: "pkcs8" | "pkcs1" | "sec1", passphrase?: string) =>
  key
    .export({ type, format: "pem", ...(passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase }) })
    .toString()

const READABLE = {
  "Ed25519 in OpenSSH's format": ["ssh-ed25519", openSshPrivateKey(ed25519)],
  "Ed25519 in PKCS#8": ["ssh-ed25519", pem(ed25519, "pkcs8")],
  "RSA in PKCS#1": ["ssh-rsa", pem(rsa, "pkcs1")],
  "RSA in PKCS#8": ["ssh-rsa", pem(rsa, "pkcs8")],
  "ECDSA in SEC1": ["ecdsa-sha2-nistp256", pem(p256, "sec1")],
  "ECDSA in PKCS#8": ["ecdsa-sha2-nistp256", pem(p256, "pkcs8")],
  "ECDSA P-521 in PKCS#8": ["ecdsa-sha2-nistp521", pem(p521, "pkcs8")]
} as const

/** An OpenSSH private key file of the type that FIDO keys have (PROTOCOL.u2f). */
const securityKeyText = (): string => {
  const field = (value: string | Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(value))
    return Buffer.concat([length, Buffer.from(value)])
  }
  const key = Buffer.concat([field("sk-ssh-ed25519@openssh.com"), field(Buffer.alloc(32)), field("ssh:")])
  const secret = Buffer.concat([Buffer.alloc(8), key, Buffer.from([1]), field("handle"), field(""), field("")])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, -secret.length & 7))
  const head = [Buffer.from("openssh-key-v1\0"), field("none"), field("none"), field(""), Buffer.from([0, 0, 0, 1])]
  const file = Buffer.concat([...head, field(key), field(Buffer.concat([secret, padding]))])
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${file.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`
}

const ADVICE = {
  "an encrypted PKCS#8 key": [pem(rsa, "pkcs8", "x"), "--passphrase"],
  "an encrypted PKCS#1 key": [pem(rsa, "pkcs1", "x"), "--passphrase"],
  "an encrypted OpenSSH key": [
    ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256, passphrase: "x", cipher: "aes256-ctr", rounds: 1 }).private,
    "--passphrase"
  ],
  "a public key": [openSshPublicKey(ed25519), "Store the private key"],
  "a public key in PEM": [
    generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString(),
    "Store the private key"
  ],
  "a key of a security key": [securityKeyText(), "security key"],
  "a key that is cut off": [openSshPrivateKey(ed25519).slice(0, 200), "cannot be read"],
  "a key of another algorithm": [pem(generateKeyPairSync("x25519").privateKey, "pkcs8"), "cannot be read"],
  "PKCS#8 that is no key": ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"]
} as const

describe("a private key", () => {
  it.each(Object.entries(READABLE))("is read: %s", (_, [type, text]) => {
    for (const stored of [text, text.trim(), text.replaceAll("\n", "\r\n")]) {
      const read = readPrivateKey(stored)
      expect("key" in read && [read.key.type, read.key.isPrivateKey()]).toEqual([type, true])
    }
  })

  it.each(Object.entries(ADVICE))("is not read, with advice: %s", (_, [text, advice]) => {
    expect(isKeyText(text)).toBe(true)
    const read = readPrivateKey(text)
    expect("problem" in read && read.problem).toContain(advice)
  })

  it.each(Object.entries(ADVICE).filter(([name]) => name.startsWith("an encrypted")))(
    "is opened with its passphrase and no other: %s",
    (_, [text]) => {
      expect(readPrivateKey(text, Redacted.make("x"))).toMatchObject({ key: {} })
      expect(readPrivateKey(text, Redacted.make("y"))).toMatchObject({ problem: expect.stringContaining("not open") })
    }
  )

  it("is never mistaken for a password, nor a password for a key", () => {
    for (const [, text] of Object.values(READABLE)) expect(isKeyText(text)).toBe(true)
    for (const text of ["hunter2", "-----BEGIN", "ssh-rsa is no password", ""]) expect(isKeyText(text)).toBe(false)
  })

  it("keeps its leading zeros: each of 600 new keys is read, and belongs to its public key", () => {
    for (let i = 0; i < 600; i++) {
      const key = generateKeyPairSync("ed25519").privateKey
      const read = readPrivateKey(openSshPrivateKey(key))
      const publicKey = "key" in read ? read.key.getPublicSSH().toString("base64") : ""
      expect(openSshPublicKey(key)).toBe(`ssh-ed25519 ${publicKey}`)
    }
  })
})
