// Cosignatures: a witness says that, as of some time, this is the largest consistent tree of the log that it saw
// (https://c2sp.org/tlog-cosignature, the Ed25519 kind).
import { randomBytes } from "node:crypto"
import { Redacted, Result } from "effect"
import type { NoteSignature } from "./note.ts"
import {
  COSIGNATURE,
  describeKey,
  InvalidKey,
  isKeyName,
  keyText,
  type NoteVerifier,
  parseKeyPair,
  parsePublicKey,
  signatureCheck
} from "./note-key.ts"

const SEED_BYTES = 32
const TIME_BYTES = 8
const SIGNATURE_BYTES = 64

/** Cosigns checkpoints. The private key stays inside: nothing that prints this object shows it. */
export interface Cosigner {
  /** Checks the cosignatures, and names the key. */
  readonly verifier: NoteVerifier
  /** A cosignature of the text of a checkpoint, which ends with a newline; `timeS` in whole seconds since the epoch. */
  cosign(text: string, timeS: number): NoteSignature
}

/** A new private key of a witness of this name: `PRIVATE+KEY+<name>+<id>+<base64>`, to be kept in a file with mode 0600. */
export const generateCosignerKey = (name: string): Result.Result<Redacted.Redacted<string>, InvalidKey> =>
  isKeyName(name)
    ? Result.succeed(Redacted.make(keyText(name, randomBytes(SEED_BYTES), COSIGNATURE)))
    : Result.fail(new InvalidKey({ reason: "invalid-name" }))

/** Reads a witness's private key. */
export const parseCosignerKey = (text: Redacted.Redacted<string>): Result.Result<Cosigner, InvalidKey> => {
  const pair = parseKeyPair(text, COSIGNATURE)
  if (pair === undefined) return Result.fail(new InvalidKey({ reason: "not-a-signing-key" }))
  const verifier = witnessVerifier(pair.name, pair.publicKey)
  const cosign: Cosigner["cosign"] = (text, timeS) => {
    const signature = Buffer.alloc(TIME_BYTES + SIGNATURE_BYTES)
    signature.writeBigUInt64BE(BigInt(timeS))
    signature.set(pair.sign(signedMessage(text, BigInt(timeS))), TIME_BYTES)
    return { name: verifier.name, keyId: verifier.keyId, signature }
  }
  return Result.succeed({ verifier, cosign })
}

/** Reads a witness's verifier key: what it verifies are cosignatures. */
export const parseWitnessKey = (text: string): Result.Result<NoteVerifier, InvalidKey> => {
  const parts = parsePublicKey(text, COSIGNATURE)
  return parts === undefined
    ? Result.fail(new InvalidKey({ reason: "not-a-verifier-key" }))
    : Result.succeed(witnessVerifier(parts.name, parts.key))
}

const witnessVerifier = (name: string, publicKey: Uint8Array): NoteVerifier => {
  const isSigned = signatureCheck(publicKey)
  const verify = (message: Uint8Array, signature: Uint8Array): boolean => {
    if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return false
    const timeS = Buffer.from(signature).readBigUInt64BE()
    // A time past 2^63 - 1 is none.
    if (timeS > BigInt.asUintN(63, -1n)) return false
    return isSigned(signedMessage(Buffer.from(message).toString("utf8"), timeS), signature.subarray(TIME_BYTES))
  }
  return { ...describeKey(name, publicKey, COSIGNATURE), verify }
}

/** When a witness says that it saw the log, in seconds since the epoch; of a cosignature that was verified. */
export const cosignedAtS = (signature: Uint8Array): number => Number(Buffer.from(signature).readBigUInt64BE())

const signedMessage = (text: string, timeS: bigint): Uint8Array =>
  Buffer.from(`cosignature/v1\ntime ${timeS}\n${text}`, "utf8")
