// Is the key that a host shows the one that its target pins, or certified by the authority that it pins?
import { Malformed } from "@fluxcybers/core"
import { authorityIn } from "../host-pin.ts"
import type { PinnedJump } from "../plan.ts"
import { hostCertificateFault, isCertificateType, plainType, readCertificate } from "./certificate.ts"
import { fingerprintOf, HOST_KEY_KINDS, isSameFingerprint, keyTypeOf } from "./host-key.ts"

/** `certified`: the key that a certificate speaks of, with which the host must sign. `why`: what is wrong with the certificate. */
export type HostVerdict =
  | { readonly isAccepted: true; readonly certified?: Buffer }
  | { readonly isAccepted: false; readonly why?: string }

/** Judges a shown key (RFC 4253 §6.6) or certificate at this time. */
export const verifyHost = (shown: Uint8Array, target: PinnedJump, nowMs: number): HostVerdict => {
  const authority = authorityIn(target.hostKey)
  if (authority === undefined) return { isAccepted: isPinned(shown, target) }
  if (!isCertificateType(keyTypeOf(shown))) return { isAccepted: false, why: "shows no certificate" }
  try {
    const certificate = readCertificate(shown)
    const wanted = { host: target.host, authority, revoked: target.revokedKeys ?? [], nowMs }
    const why = hostCertificateFault(certificate, wanted)
    return why === undefined ? { isAccepted: true, certified: certificate.key } : { isAccepted: false, why }
  } catch (error) {
    if (error instanceof Malformed)
      return { isAccepted: false, why: "its certificate cannot be read, or is not signed" }
    throw error
  }
}

const isPinned = (shown: Uint8Array, { hostKey, revokedKeys = [] }: PinnedJump): boolean => {
  const fingerprint = fingerprintOf(shown)
  return isSameFingerprint(fingerprint, hostKey) && !revokedKeys.includes(fingerprint)
}

/** The host key algorithms to ask for, in order of preference: certificates alone where an authority is pinned. */
export const wantedHostKeys = ({ hostKey }: PinnedJump): ReadonlyArray<string> =>
  authorityIn(hostKey) === undefined ? HOST_KEY_KINDS.flat() : HOST_CERTIFICATE_TYPES

/** ssh2 accepts a certificate only where its type is the name of the signature algorithm, which RSA's is not. */
export const HOST_CERTIFICATE_TYPES: ReadonlyArray<string> = HOST_KEY_KINDS.flat()
  .filter((algorithm) => !algorithm.startsWith("rsa-"))
  .map((algorithm) => `${algorithm}-cert-v01@openssh.com`)

/** The fingerprint to tell: that of the key, also where a certificate was shown. */
export const shownFingerprint = (shown: Uint8Array): string => {
  try {
    return fingerprintOf(isCertificateType(keyTypeOf(shown)) ? readCertificate(shown).key : shown)
  } catch {
    return fingerprintOf(shown)
  }
}

/** The signature algorithm of a certificate. */
export const signatureOf = (shown: Uint8Array): string => plainType(keyTypeOf(shown))
