// Certificates of OpenSSH (PROTOCOL.certkeys): a key, signed by an authority for certain hosts or accounts and a time. Pure.
import { Malformed, parseSshKey, SshReader, sshFingerprint, sshString } from "@fluxcybers/core"
import { fitsGlob } from "../glob.ts"

const SUFFIX = "-cert-v01@openssh.com"
const KINDS: Readonly<Record<number, "user" | "host">> = { 1: "user", 2: "host" }

/** A certificate that its authority has signed; what it is worth is another question. */
export interface Certificate {
  readonly kind: "user" | "host"
  /** The key that it certifies (RFC 4253 §6.6). */
  readonly key: Buffer
  /** `SHA256:…` of the key that signed it. */
  readonly authority: string
  readonly principals: ReadonlyArray<string>
  /** Seconds since 1970: from, and until before. */
  readonly validFrom: bigint
  readonly validBefore: bigint
  /** Names of the conditions that whoever accepts it must know. */
  readonly criticalOptions: ReadonlyArray<string>
}

/** Does the type of a key say that it is a certificate? */
export const isCertificateType = (type: string): boolean => type.endsWith(SUFFIX)

/** The type of the key in a certificate of this type. */
export const plainType = (type: string): string => (isCertificateType(type) ? type.slice(0, -SUFFIX.length) : type)

/** The type of a certificate for a key of this type, or for signatures of this algorithm. */
export const certificateType = (type: string): string => `${type}${SUFFIX}`

/** Reads a certificate and checks its signature. Throws `Malformed`. */
export const readCertificate = (blob: Uint8Array): Certificate => {
  const bytes = Buffer.from(blob)
  const reader = new SshReader(bytes)
  const type = reader.text()
  const fields = isCertificateType(type) ? KEY_FIELDS[plainType(type)] : undefined
  if (fields === undefined) throw new Malformed("a certificate of a kind that is not supported")
  reader.string()
  const key = Buffer.concat([plainType(type), ...Array.from({ length: fields }, () => reader.string())].map(sshString))
  reader.take(8)
  const kind = KINDS[reader.uint32()]
  reader.string()
  const principals = stringsIn(reader.string())
  const [validFrom, validBefore] = [reader.take(8).readBigUInt64BE(), reader.take(8).readBigUInt64BE()]
  const criticalOptions = stringsIn(reader.string()).filter((_, index) => index % 2 === 0)
  reader.string()
  reader.string()
  const authority = reader.string()
  const signature = reader.string()
  reader.end()
  const signed = bytes.subarray(0, bytes.length - sshString(signature).length)
  if (kind === undefined || !parseSshKey(authority).verify(signed, signature)) throw new Malformed("not signed")
  return { kind, key, authority: sshFingerprint(authority), principals, validFrom, validBefore, criticalOptions }
}

/** How many strings a key of this type consists of. */
const KEY_FIELDS: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2
}

const stringsIn = (bytes: Buffer): ReadonlyArray<string> => {
  const strings: Array<string> = []
  const reader = new SshReader(bytes)
  for (let left = bytes.length; left > 0; ) {
    const text = reader.string()
    strings.push(text.toString("utf8"))
    left -= 4 + text.length
  }
  return strings
}

/** What a certificate of a host must be. */
export interface WantedHost {
  readonly host: string
  readonly authority: string
  /** Fingerprints that are refused, of authorities and of keys. */
  readonly revoked: ReadonlyArray<string>
  readonly nowMs: number
}

/** Why this certificate does not prove the host, as a clause; `undefined` when it does. A principal may have wildcards, as in OpenSSH. */
export const hostCertificateFault = (certificate: Certificate, wanted: WantedHost): string | undefined => {
  const { authority, principals, criticalOptions } = certificate
  const host = wanted.host.toLowerCase()
  const now = BigInt(Math.floor(wanted.nowMs / 1_000))
  if (certificate.kind !== "host") return "its certificate is one for accounts, not for hosts"
  if (authority !== wanted.authority) return `its certificate is signed by ${authority}`
  if (wanted.revoked.includes(authority) || wanted.revoked.includes(sshFingerprint(certificate.key)))
    return "its key is revoked"
  if (now < certificate.validFrom) return "its certificate is not valid yet"
  if (now >= certificate.validBefore) return "its certificate has expired"
  if (criticalOptions.length > 0) return "its certificate has conditions that are not known"
  // OpenSSH took a certificate without names for one of every host; nobody who signs one can mean that.
  return principals.some((principal) => fitsGlob(principal.toLowerCase(), host))
    ? undefined
    : "its certificate does not name the host"
}

/** Why this certificate does not let this key sign in now, as a clause; `undefined` when it may. What it is for, the server judges. */
export const userCertificateFault = (certificate: Certificate, key: Buffer, nowMs: number): string | undefined => {
  const now = BigInt(Math.floor(nowMs / 1_000))
  if (certificate.kind !== "user") return "its certificate is one for hosts, not for accounts"
  if (!certificate.key.equals(key)) return "its certificate is for another key"
  if (now < certificate.validFrom) return "its certificate is not valid yet"
  return now >= certificate.validBefore ? "its certificate has expired" : undefined
}
