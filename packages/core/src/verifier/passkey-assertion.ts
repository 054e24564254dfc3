// What a passkey says: https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion, the steps that can be repeated offline.
import { createPublicKey, hash, type KeyObject, verify } from "node:crypto"

/** A passkey as it was registered. */
export interface Passkey {
  /** DER, SubjectPublicKeyInfo: P-256, Ed25519 or RSA. */
  readonly publicKey: Uint8Array
  /** The domain that it was made for. */
  readonly rpId: string
  /** The page that it was made on, and must be used on: `https://fluxcybers.example`. */
  readonly origin: string
}

/** The authenticator's answer. */
export interface PasskeyAssertion {
  readonly authenticatorData: Uint8Array
  readonly clientDataJson: Uint8Array
  readonly signature: Uint8Array
}

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
/** Hash of the domain, flags, counter; extensions may follow. */
const DATA_BYTES_MIN = 37

/** What is wrong with the assertion for this challenge; nothing when it is the passkey's, and its person was verified. */
export const assertionFault = (
  passkey: Passkey,
  { authenticatorData, clientDataJson, signature }: PasskeyAssertion,
  challenge: Uint8Array
): string | undefined => {
  const client = clientData(clientDataJson)
  if (client?.type !== "webauthn.get") return "it is no assertion"
  if (client.challenge !== Buffer.from(challenge).toString("base64url")) return "it is over another challenge"
  if (client.origin !== passkey.origin || client.crossOrigin === true) return "it was made on another page"
  const data = Buffer.from(authenticatorData)
  if (data.length < DATA_BYTES_MIN || !data.subarray(0, 32).equals(hash("sha256", passkey.rpId, "buffer"))) {
    return "it was made for another domain"
  }
  const flags = data[32] ?? 0
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) return "its person was not verified"
  const signed = Buffer.concat([data, hash("sha256", clientDataJson, "buffer")])
  return isSigned(passkey.publicKey, signed, signature) ? undefined : "it was not signed by the passkey"
}

/** How often the authenticator says that it has signed; 0 for ones that do not count. */
export const assertionCounter = (authenticatorData: Uint8Array): number =>
  authenticatorData.length < DATA_BYTES_MIN ? 0 : Buffer.from(authenticatorData).readUInt32BE(33)

interface ClientData {
  readonly type?: unknown
  readonly challenge?: unknown
  readonly origin?: unknown
  readonly crossOrigin?: unknown
}

const clientData = (bytes: Uint8Array): ClientData | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
    return typeof value === "object" && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const isSigned = (publicKey: Uint8Array, bytes: Buffer, signature: Uint8Array): boolean => {
  const key = keyOf(publicKey)
  if (key === undefined) return false
  // COSE algorithms -7, -8 and -257: https://www.iana.org/assignments/cose
  return verify(key.asymmetricKeyType === "ed25519" ? null : "sha256", bytes, key, signature)
}

const TYPES = ["ec", "ed25519", "rsa"]

const keyOf = (publicKey: Uint8Array): KeyObject | undefined => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" })
    return TYPES.includes(key.asymmetricKeyType ?? "") ? key : undefined
  } catch {
    return undefined
  }
}
