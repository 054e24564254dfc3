// What proves who we are besides a plain private key: a key that an agent holds, or a key with a certificate.
import { Malformed, sshFingerprint } from "@fluxcybers/core"
import ssh2 from "ssh2"
import { type AgentIdentity, AgentUnavailable, agentIdentities, agentSignature } from "./agent.ts"
import { isCertificateType, readCertificate, userCertificateFault } from "./certificate.ts"
import { keyTypeOf } from "./host-key.ts"

/** A key that signs, wherever it is. */
export interface Identity {
  /** Its public part. */
  readonly key: ssh2.ParsedKey
  /** The certificate that is shown in its place. */
  readonly certificate?: Buffer
  /** A signature, with this hash where the key's algorithm leaves a choice. */
  readonly sign: (data: Buffer, hash: string | undefined) => Promise<Buffer>
}

/** An identity, or why it cannot be used and what to do, as a clause that follows the name of the secret. */
export type IdentityFound = { readonly identity: Identity } | { readonly problem: string }

/** A private key with a certificate for it, given as the line of its file. */
export const certifiedIdentity = (key: ssh2.ParsedKey, line: string, nowMs: number): IdentityFound => {
  const certificate = Buffer.from(line.split(/\s+/)[1] ?? "", "base64")
  const fault = faultOf(certificate, key.getPublicSSH(), nowMs)
  if (fault !== undefined)
    return { problem: `${fault}. Have it issued anew, and store it together with the private key.` }
  const sign = async (data: Buffer, hash: string | undefined) => {
    const signature = key.sign(data, hash)
    if (signature instanceof Error) throw signature
    return signature
  }
  return { identity: { key, certificate, sign } }
}

/** The key with this fingerprint, as the agent holds it: with its certificate where that is valid. */
export const agentIdentity = async (socket: string, fingerprint: string, nowMs: number): Promise<IdentityFound> => {
  const held = await agentIdentities(socket).catch((error: unknown) => {
    if (error instanceof AgentUnavailable) return undefined
    throw error
  })
  if (held === undefined) return { problem: NO_AGENT }
  const isCertificate = (one: AgentIdentity) => isCertificateType(keyTypeOf(one))
  const plain = held.find((one) => !isCertificate(one) && sshFingerprint(one) === fingerprint)
  const certificate = held.find((one) => isCertificate(one) && certifiedKey(one, fingerprint, nowMs) !== undefined)
  const blob = plain ?? (certificate === undefined ? undefined : certifiedKey(certificate, fingerprint, nowMs))
  if (blob === undefined) return { problem: notHeld(fingerprint, held.length) }
  const key = ssh2.utils.parseKey(`${keyTypeOf(blob)} ${blob.toString("base64")}`)
  if (key instanceof Error) return { problem: `keys of the type ${keyTypeOf(blob)} are not supported here.` }
  const shown = certificate ?? blob
  const sign = (data: Buffer, hash: string | undefined) => agentSignature(socket, { identity: shown, data, hash })
  return { identity: { key, sign, ...(certificate === undefined ? {} : { certificate }) } }
}

const NO_AGENT = "the ssh-agent that this server was told of (FLUXCYBERS_SSH_AGENT) does not answer."

const notHeld = (fingerprint: string, count: number): string =>
  `it names the key ${fingerprint}, which the ssh-agent of this server does not hold (it holds ${count} keys and certificates). Add it there, or name another key.`

/** The key that a certificate of an account certifies now, if it is that one. */
const certifiedKey = (certificate: Buffer, fingerprint: string, nowMs: number): Buffer | undefined => {
  try {
    const { key } = readCertificate(certificate)
    const isWanted = sshFingerprint(key) === fingerprint && faultOf(certificate, key, nowMs) === undefined
    return isWanted ? key : undefined
  } catch (error) {
    // Of a kind that is not known here: it may be for others.
    if (error instanceof Malformed) return undefined
    throw error
  }
}

const faultOf = (certificate: Buffer, key: Buffer, nowMs: number): string | undefined => {
  try {
    return userCertificateFault(readCertificate(certificate), key, nowMs)
  } catch (error) {
    if (error instanceof Malformed) return `its certificate cannot be read: ${error.message}`
    throw error
  }
}

/** An identity in the form in which ssh2 asks for signatures. */
export const asAgent = (identity: Identity): ssh2.BaseAgent => new OneIdentity(identity)

class OneIdentity extends ssh2.BaseAgent {
  readonly #identity: Identity

  constructor(identity: Identity) {
    super()
    this.#identity = identity
  }

  override getIdentities(answer: (error: Error | null | undefined, keys?: Array<ssh2.ParsedKey>) => void): void {
    answer(undefined, [this.#identity.key])
  }

  override sign(
    _key: unknown,
    data: Buffer,
    options: ssh2.SigningRequestOptions | ssh2.SignCallback,
    answer?: ssh2.SignCallback
  ): void {
    const done = typeof options === "function" ? options : answer
    const hash = typeof options === "function" ? undefined : options.hash
    this.#identity.sign(data, hash).then(
      (signature) => done?.(undefined, signature),
      (error: Error) => done?.(error)
    )
  }
}
