// Host keys: how they are named, and whether one is the pinned one.
import { createHash, timingSafeEqual } from "node:crypto"

/** The kinds of host key that are accepted, in order of preference; no SHA-1, no DSA. Each kind with its signature algorithms. */
export const HOST_KEY_KINDS = [
  ["ssh-ed25519"],
  ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
  // RFC 8332
  ["rsa-sha2-512", "rsa-sha2-256"]
] as const

export type HostKeyAlgorithm = (typeof HOST_KEY_KINDS)[number][number]

/** The fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding. */
export const fingerprintOf = (key: Uint8Array): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`

/** The type that a key in SSH wire format names at its beginning (RFC 4253 §6.6), such as `ssh-ed25519`. */
export const keyTypeOf = (key: Uint8Array): string => {
  const bytes = Buffer.from(key)
  return bytes.length < 4 ? "" : bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString("latin1")
}

/** Compares two fingerprints in time that does not depend on where they differ. */
export const isSameFingerprint = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The kinds that may hold the pinned key when the host has shown one of another kind. */
export const otherKinds = (shownType: string): ReadonlyArray<ReadonlyArray<HostKeyAlgorithm>> =>
  HOST_KEY_KINDS.filter(([first]) => kindOf(first) !== kindOf(shownType))

const kindOf = (algorithm: string): string => {
  if (algorithm.startsWith("ecdsa-")) return "ecdsa"
  return algorithm.includes("rsa") ? "rsa" : algorithm
}
