// Signatures over messages, as `ssh-keygen -Y sign` makes them: OpenSSH's PROTOCOL.sshsig.
import { hash } from "node:crypto"
import { parseSshKey } from "./ssh-key.ts"
import { Malformed, SshReader, sshString } from "./ssh-wire.ts"

const MAGIC = Buffer.from("SSHSIG")
const VERSION = 1
const ARMOR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\s*$/
/** A signature file of the largest key that is possible has a third of that. */
const ARMOR_LENGTH_MAX = 8_192
const DIGESTS = ["sha256", "sha512"] as const

/** One signature, taken apart. */
export interface SshSignature {
  /** RFC 4253 §6.6. */
  readonly publicKey: Buffer
  readonly namespace: string
  readonly digest: (typeof DIGESTS)[number]
  /** RFC 4253 §6.6. */
  readonly signature: Buffer
}

/** Reads a signature file. Throws `Malformed`. */
export const parseSshSignature = (armored: string): SshSignature => {
  const text = armored.replaceAll("\r\n", "\n")
  const encoded = text.length > ARMOR_LENGTH_MAX ? undefined : ARMOR.exec(text)?.[1]?.replaceAll("\n", "")
  if (encoded === undefined) throw new Malformed("not a signature file of ssh-keygen")
  const reader = new SshReader(Buffer.from(encoded, "base64"))
  if (!reader.take(MAGIC.length).equals(MAGIC) || reader.uint32() !== VERSION) throw new Malformed("another version")
  const [publicKey, namespace, reserved, digest] = [reader.string(), reader.text(), reader.string(), reader.text()]
  const signature = reader.string()
  reader.end()
  const known = DIGESTS.find((name) => name === digest)
  if (known === undefined || reserved.length > 0) throw new Malformed("another digest")
  return { publicKey, namespace, digest: known, signature }
}

/** Was the message signed, in the namespace that the signature names, by its key? Throws `Malformed` for a key that is none. */
export const isSshSigned = (message: Uint8Array, { publicKey, namespace, digest, signature }: SshSignature): boolean =>
  parseSshKey(publicKey).verify(signedBytes(message, { namespace, digest }), signature)

/** What the key signs: never the message alone, so that no other protocol's signature can be made to fit. */
export const signedBytes = (
  message: Uint8Array,
  { namespace, digest }: Pick<SshSignature, "namespace" | "digest">
): Buffer =>
  Buffer.concat([
    MAGIC,
    sshString(namespace),
    sshString(""),
    sshString(digest),
    sshString(hash(digest, message, "buffer"))
  ])

/** The signature as a file for `ssh-keygen -Y verify`. */
export const armorSshSignature = ({ publicKey, namespace, digest, signature }: SshSignature): string => {
  const version = Buffer.alloc(4)
  version.writeUInt32BE(VERSION)
  const parts = [publicKey, namespace, "", digest, signature].map(sshString)
  const lines =
    Buffer.concat([MAGIC, version, ...parts])
      .toString("base64")
      .match(/.{1,70}/g) ?? []
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`
}
