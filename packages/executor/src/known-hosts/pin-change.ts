// What a file of host keys says about one target. Pure.
import { authorityPin, fingerprintIn } from "../host-pin.ts"
import { HOST_KEY_KINDS } from "../ssh/host-key.ts"
import { isFor, knownName } from "./match.ts"
import type { KnownHost } from "./parse.ts"

/** What is pinned now. */
export interface Pinned {
  readonly host: string
  readonly port: number
  readonly hostKey: string
  readonly revokedKeys?: ReadonlyArray<string> | undefined
}

/** What the file makes of it. */
export interface PinChange {
  readonly hostKey: string
  readonly revokedKeys: ReadonlyArray<string>
  /** The line that says so; the revoking one, where nothing but revoked keys is left. */
  readonly line: number
  readonly isRevoked: boolean
}

/**
 * The key of the file that is pinned from now on; `undefined` when no line is for the target. A key that is pinned already stays, when
 * the file knows it. Otherwise Ed25519 goes before ECDSA and RSA, and a key before an authority.
 */
export const pinChange = (target: Pinned, hosts: ReadonlyArray<KnownHost>): PinChange | undefined => {
  const name = knownName(target)
  const own = hosts.filter((host) => isFor(host, name))
  const revoking = own.filter(({ marker }) => marker === "revoked")
  const revokedKeys = distinct([...(target.revokedKeys ?? []), ...revoking.map(({ fingerprint }) => fingerprint)])
  const pins = inOrder(own.filter(({ marker, type }) => marker !== "revoked" && PREFERENCE.includes(type))).filter(
    ({ fingerprint }) => !revokedKeys.includes(fingerprint)
  )
  const chosen = pins.find((host) => pinOf(host) === target.hostKey) ?? pins[0]
  if (chosen !== undefined) return { hostKey: pinOf(chosen), revokedKeys, line: chosen.line, isRevoked: false }
  if (revoking[0] === undefined) return undefined
  const revoked = revoking.find(({ fingerprint }) => fingerprint === fingerprintIn(target.hostKey))
  const line = (revoked ?? revoking[0]).line
  return { hostKey: target.hostKey, revokedKeys, line, isRevoked: revoked !== undefined }
}

const pinOf = ({ marker, fingerprint }: KnownHost): string =>
  marker === "cert-authority" ? authorityPin(fingerprint) : fingerprint

/** In files, RSA keys have the name of their format, not of the signature. */
const PREFERENCE: ReadonlyArray<string> = [
  ...HOST_KEY_KINDS.flat().filter((algorithm) => !algorithm.startsWith("rsa-")),
  "ssh-rsa"
]

const inOrder = (hosts: ReadonlyArray<KnownHost>) =>
  [...hosts].sort(
    (a, b) =>
      Number(a.marker === "cert-authority") - Number(b.marker === "cert-authority") ||
      PREFERENCE.indexOf(a.type) - PREFERENCE.indexOf(b.type)
  )

const distinct = (fingerprints: ReadonlyArray<string>) => [...new Set(fingerprints)].sort()
