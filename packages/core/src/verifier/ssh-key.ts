// Public keys of SSH and their signatures: RFC 4253 §6.6, RFC 5656 §3.1, RFC 8332, RFC 8709, and OpenSSH's PROTOCOL.u2f for keys that live in
// a security key.
import { createPublicKey, hash, type KeyObject, verify } from "node:crypto"
import { Malformed, SshReader, sshString } from "./ssh-wire.ts"

/** A public key that signatures are checked with. */
export interface SshKey {
  /** `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`, … */
  readonly type: string
  /** Is this blob (RFC 4253 §6.6) a signature of these bytes by the key? Anything malformed is none. */
  verify(bytes: Uint8Array, signature: Uint8Array): boolean
}

const RSA_BITS_MIN = 2_048
/** Its signature has to fit into an entry of the log. */
const RSA_BITS_MAX = 4_096

interface Curve {
  readonly jwk: string
  readonly digest: string
  readonly bytes: number
}
const CURVES: Readonly<Record<string, Curve>> = {
  nistp256: { jwk: "P-256", digest: "sha256", bytes: 32 },
  nistp384: { jwk: "P-384", digest: "sha384", bytes: 48 },
  nistp521: { jwk: "P-521", digest: "sha512", bytes: 66 }
}

/** Reads the key in the form that stands, in base64, in `authorized_keys`. Throws `Malformed` for one that cannot sign approvals. */
export const parseSshKey = (blob: Uint8Array): SshKey => {
  const reader = new SshReader(blob)
  const type = reader.text()
  const key = KINDS[type]?.(reader, type)
  if (key === undefined) throw new Malformed("a key of a kind that is not supported")
  reader.end()
  return { type, verify: (bytes, signature) => isSignature(() => key(Buffer.from(bytes), new SshReader(signature))) }
}

type Check = (bytes: Buffer, signature: SshReader) => boolean
type Kind = (key: SshReader, type: string) => Check

const isSignature = (check: () => boolean): boolean => {
  try {
    return check()
  } catch (error) {
    // What cannot be read, and what the cryptography refuses to look at, was not signed by the key.
    if (error instanceof Malformed || (error instanceof Error && "code" in error)) return false
    throw error
  }
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url")

const keyOf = (jwk: Readonly<Record<string, string>>): KeyObject => {
  try {
    return createPublicKey({ key: { ...jwk }, format: "jwk" })
  } catch {
    throw new Malformed("a key that is none")
  }
}

const ed25519Key = (reader: SshReader) => keyOf({ kty: "OKP", crv: "Ed25519", x: base64url(reader.string()) })

const ed25519: Kind = (reader, type) => {
  const key = ed25519Key(reader)
  return (bytes, signature) => verify(null, bytes, key, lastPart(signature, type))
}

const ecdsa: Kind = (reader, type) => {
  const { key, curve } = curveKey(reader)
  return (bytes, signature) => {
    const pair = pairOf(lastPart(signature, type), curve)
    return verify(curve.digest, bytes, { key, dsaEncoding: "ieee-p1363" }, pair)
  }
}

const rsa: Kind = (reader) => {
  const [e, n] = [reader.mpint(), reader.mpint()]
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24
  if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
    throw new Malformed("an RSA key of fewer than 2,048 or more than 4,096 bits")
  const key = keyOf({ kty: "RSA", e: base64url(e), n: base64url(n) })
  return (bytes, signature) => {
    // RFC 8332: `ssh-rsa` itself stands for SHA-1, which proves nothing any more.
    const digest = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" }[signature.text()]
    return digest !== undefined && verify(digest, bytes, key, rest(signature))
  }
}

/** PROTOCOL.u2f: the token signs who asks, whether a person was there, and a counter, before the bytes. */
const USER_PRESENT = 0x01

const securityKey =
  (kind: "ed25519" | "ecdsa"): Kind =>
  (reader, type) => {
    const { key, curve } =
      kind === "ed25519" ? { key: ed25519Key(reader), curve: CURVES["nistp256"]! } : curveKey(reader)
    const application = hash("sha256", reader.string(), "buffer")
    return (bytes, signature) => {
      if (signature.text() !== type) return false
      const raw = signature.string()
      const state = signature.take(5)
      signature.end()
      const signed = Buffer.concat([application, state, hash("sha256", bytes, "buffer")])
      if (((state[0] ?? 0) & USER_PRESENT) === 0) return false
      return kind === "ed25519"
        ? verify(null, signed, key, raw)
        : verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, pairOf(raw, curve))
    }
  }

const KINDS: Readonly<Record<string, Kind>> = {
  "ssh-ed25519": ed25519,
  "ecdsa-sha2-nistp256": ecdsa,
  "ecdsa-sha2-nistp384": ecdsa,
  "ecdsa-sha2-nistp521": ecdsa,
  "ssh-rsa": rsa,
  "sk-ssh-ed25519@openssh.com": securityKey("ed25519"),
  "sk-ecdsa-sha2-nistp256@openssh.com": securityKey("ecdsa")
}

const UNCOMPRESSED = 0x04

const curveKey = (reader: SshReader) => {
  const curve = CURVES[reader.text()]
  const point = reader.string()
  if (curve === undefined || point.length !== 1 + 2 * curve.bytes || point[0] !== UNCOMPRESSED) {
    throw new Malformed("a point of a curve that is none")
  }
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)]
  return { curve, key: keyOf({ kty: "EC", crv: curve.jwk, x: base64url(x), y: base64url(y) }) }
}

const lastPart = (signature: SshReader, type: string): Buffer => {
  if (signature.text() !== type) throw new Malformed("a signature of another kind")
  return rest(signature)
}

const rest = (signature: SshReader): Buffer => {
  const raw = signature.string()
  signature.end()
  return raw
}

/** RFC 5656 §3.1.2: two numbers, here padded to the curve's width (IEEE P1363). */
const pairOf = (raw: Buffer, { bytes }: Curve): Buffer => {
  const reader = new SshReader(raw)
  const numbers = [reader.mpint(), reader.mpint()]
  reader.end()
  if (numbers.some((number) => number.length > bytes)) throw new Malformed("a number that is too long")
  return Buffer.concat(numbers.map((number) => Buffer.concat([Buffer.alloc(bytes - number.length), number])))
}

/** The line's type and key in one blob, as `fingerprint` and `parseSshKey` take it. `ssh-ed25519 AAAA… comment`. Throws `Malformed`. */
export const sshKeyBlob = (line: string): Buffer => {
  const [type, encoded = ""] = line.trim().split(/\s+/)
  const blob = Buffer.from(encoded, "base64")
  if (blob.toString("base64") !== encoded || !blob.subarray(0, 4 + (type ?? "").length).equals(sshString(type ?? ""))) {
    throw new Malformed("not a line of an SSH public key")
  }
  return blob
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export const sshFingerprint = (blob: Uint8Array): string =>
  `SHA256:${hash("sha256", blob, "buffer").toString("base64").replace(/=+$/, "")}`
