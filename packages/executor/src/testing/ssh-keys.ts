// Key pairs for tests. (ssh2's own generator drops leading zero bytes: one of 256 of its Ed25519 keys cannot be read.)
import { generateKeyPairSync } from "node:crypto"
import { openSshPrivateKey, openSshPublicKey } from "../ssh/openssh-key.ts"

/** An SSH key pair as OpenSSH writes it. */
export interface SshKeyPair {
  /** OpenSSH private key file, without passphrase. */
  readonly privateKey: string
  /** OpenSSH public key line. */
  readonly publicKey: string
}

/** A new Ed25519 key pair. */
export const makeSshKeyPair = (): SshKeyPair => {
  const { privateKey } = generateKeyPairSync("ed25519")
  return { privateKey: openSshPrivateKey(privateKey), publicKey: openSshPublicKey(privateKey) }
}
