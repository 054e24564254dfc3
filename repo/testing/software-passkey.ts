// An authenticator in software: a passkey that answers whatever it is asked, also what a real one never would.
import { createHash, generateKeyPairSync, sign } from "node:crypto"

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

export const softwarePasskey = (kind: "ec" | "ed25519" | "rsa" = "ec") => {
  const { publicKey, privateKey } =
    kind === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : kind === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : generateKeyPairSync("ed25519")
  return {
    publicKey: publicKey.export({ format: "der", type: "spki" }),
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
