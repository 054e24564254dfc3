// An Ed25519 key that signs like `ssh-keygen -Y sign`, without the program.
import { generateKeyPairSync, sign } from "node:crypto"
import { APPROVAL_NAMESPACE, armorSshSignature, signedBytes, sshString } from "@fluxcybers/core"

export interface SshSigner {
  /** RFC 4253 §6.6. */
  readonly blob: Buffer
  /** As in `id_ed25519.pub`. */
  readonly line: string
  /** A signature file. */
  sign(message: Uint8Array, namespace?: string): string
}

const TYPE = "ssh-ed25519"

export const sshSigner = (): SshSigner => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  const x = Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url")
  const blob = Buffer.concat([sshString(TYPE), sshString(x)])
  return {
    blob,
    line: `${TYPE} ${blob.toString("base64")} ada@laptop`,
    sign: (message, namespace = APPROVAL_NAMESPACE) => {
      const about = { publicKey: blob, namespace, digest: "sha512" as const }
      const raw = sign(null, signedBytes(message, about), privateKey)
      return armorSshSignature({ ...about, signature: Buffer.concat([sshString(TYPE), sshString(raw)]) })
    }
  }
}
