// An authenticator in software: a passkey that answers whatever it is asked, also what a real one never would.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto"

export const RP_ID = "localhost"
export const ORIGIN = "http://localhost:4680"

const sha256 = (bytes: Uint8Array | string): Buffer => createHash("sha256").update(bytes).digest()

/** What an attack changes. */
export interface Answer {
  readonly type?: string
  readonly origin?: string
  readonly rpId?: string
  readonly flags?: number
  readonly counter?: number
  readonly crossOrigin?: boolean
}

const USER_PRESENT_AND_VERIFIED = 0x05
/** The answer holds the new key. */
const ATTESTED = 0x40

export const softwarePasskey = (kind: "ec" | "ed25519" | "rsa" = "ec") => {
  const { publicKey, privateKey } =
    kind === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : kind === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : generateKeyPairSync("ed25519")
  const id = randomBytes(16)
  const jwk = publicKey.export({ format: "jwk" })
  return {
    publicKey: publicKey.export({ format: "der", type: "spki" }),
    /** base64url. */
    id: id.toString("base64url"),
    /** What `navigator.credentials.create` answers, as JSON; only for keys of type `ec`. */
    register: (challenge: string, changes: Answer = {}) => {
      const { type = "webauthn.create", origin = ORIGIN, rpId = RP_ID, flags = USER_PRESENT_AND_VERIFIED } = changes
      const [x, y] = [jwk.x, jwk.y].map((part) => Buffer.from(String(part), "base64url"))
      // RFC 9053 §7.1: a map of key type, algorithm, curve, x and y.
      const cose = Buffer.concat([Buffer.from("a5010203262001215820", "hex"), x!, Buffer.from("225820", "hex"), y!])
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, cose])
      const data = Buffer.concat([sha256(rpId), Buffer.of(flags | ATTESTED), Buffer.alloc(4), credential])
      // WebAuthn §6.5.4, in CBOR: { fmt: "none", attStmt: {}, authData }.
      const head = Buffer.from("a363666d74646e6f6e656761747453746d74a0686175746844617461", "hex")
      const attestation = Buffer.concat([head, Buffer.of(0x58, data.length), data])
      const told = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
      const response = {
        clientDataJSON: told.toString("base64url"),
        attestationObject: attestation.toString("base64url")
      }
      const name = id.toString("base64url")
      return { id: name, rawId: name, type: "public-key", clientExtensionResults: {}, response }
    },
    answer: (challenge: Uint8Array, changes: Answer = {}) => {
      const { type = "webauthn.get", origin = ORIGIN, rpId = RP_ID, crossOrigin = false } = changes
      const counter = Buffer.alloc(4)
      counter.writeUInt32BE(changes.counter ?? 1)
      const flags = changes.flags ?? USER_PRESENT_AND_VERIFIED
      const authenticatorData = Buffer.concat([sha256(rpId), Buffer.of(flags), counter])
      const told = { type, challenge: Buffer.from(challenge).toString("base64url"), origin, crossOrigin }
      const clientDataJson = Buffer.from(JSON.stringify(told))
      const signed = Buffer.concat([authenticatorData, sha256(clientDataJson)])
      const signature = sign(kind === "ed25519" ? null : "sha256", signed, privateKey)
      return { authenticatorData, clientDataJson, signature }
    }
  }
}
