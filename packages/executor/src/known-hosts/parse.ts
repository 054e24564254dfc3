// Files of host keys as OpenSSH keeps them: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. Pure.
import { Malformed, parseSshKey, sshFingerprint, sshKeyBlob } from "@fluxcybers/core"

/** Lines of one file, at most. */
const KNOWN_HOSTS_LINES_MAX = 20_000
const LINE_LENGTH_MAX = 16 * 1024

/** The names that a line is for. */
export type HostNames =
  | { readonly _tag: "Patterns"; readonly patterns: ReadonlyArray<string> }
  | { readonly _tag: "Hashed"; readonly salt: Buffer; readonly hash: Buffer }

/** One line of the file. */
export interface KnownHost {
  /** Counted from 1. */
  readonly line: number
  /** `@cert-authority`: the key certifies hosts. `@revoked`: it is never accepted. */
  readonly marker: "cert-authority" | "revoked" | undefined
  readonly names: HostNames
  /** `ssh-ed25519` and the like, also those that nothing here signs in to. */
  readonly type: string
  /** `SHA256:…` */
  readonly fingerprint: string
}

/** What is wrong with a line. */
export interface KnownHostsProblem {
  readonly line: number
  readonly problem: string
}

/** A file, read. */
export interface KnownHosts {
  readonly hosts: ReadonlyArray<KnownHost>
  readonly problems: ReadonlyArray<KnownHostsProblem>
}

/** Reads every line; those with a problem are in `problems` and nowhere else. Empty lines and comments are left out. */
export const parseKnownHosts = (text: string): KnownHosts => {
  const lines = text.split(/\r?\n/)
  if (lines.length > KNOWN_HOSTS_LINES_MAX)
    return { hosts: [], problems: [{ line: KNOWN_HOSTS_LINES_MAX, problem: "the file has too many lines" }] }
  const hosts: Array<KnownHost> = []
  const problems: Array<KnownHostsProblem> = []
  for (const [index, content] of lines.entries()) {
    const trimmed = content.trim()
    if (trimmed === "" || trimmed.startsWith("#")) continue
    const read = readLine(trimmed)
    if (typeof read === "string") problems.push({ line: index + 1, problem: read })
    else hosts.push({ ...read, line: index + 1 })
  }
  return { hosts, problems }
}

const readLine = (content: string): Omit<KnownHost, "line"> | string => {
  if (content.length > LINE_LENGTH_MAX) return "the line is too long"
  const fields = content.split(/[ \t]+/)
  const marker = fields[0]?.startsWith("@") ? fields.shift() : undefined
  if (marker !== undefined && marker !== "@cert-authority" && marker !== "@revoked")
    return "the marker is neither @cert-authority nor @revoked"
  const [hosts = "", type, key] = fields
  if (type === undefined || key === undefined) return "it does not have names, type and key"
  if (/^\d+$/.test(type)) return "the key is one of SSH protocol 1, which nothing accepts any more"
  const names = namesIn(hosts)
  if (typeof names === "string") return names
  const fingerprint = fingerprintOf(type, key)
  if (fingerprint === undefined) return "the key is not complete, or not of the type before it"
  return { marker: MARKERS[marker ?? ""], names, type, fingerprint }
}

const MARKERS: Readonly<Record<string, KnownHost["marker"]>> = {
  "@cert-authority": "cert-authority",
  "@revoked": "revoked"
}

/** `|1|` and the base64 of salt and HMAC-SHA-1. */
const HASHED = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/

const namesIn = (hosts: string): HostNames | string => {
  if (!hosts.startsWith("|")) {
    const patterns = hosts.toLowerCase().split(",")
    return patterns.some((pattern) => pattern === "" || pattern === "!")
      ? "a name in it is empty"
      : { _tag: "Patterns", patterns }
  }
  const [, salt, hash] = HASHED.exec(hosts) ?? []
  if (salt === undefined || hash === undefined) return "the hashed name is not |1|salt|hash"
  return { _tag: "Hashed", salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") }
}

/** Keys of kinds that nothing here knows have to begin with their type; those that it knows have to be whole. */
const fingerprintOf = (type: string, key: string): string | undefined => {
  try {
    const blob = sshKeyBlob(`${type} ${key}`)
    if (KNOWN_TYPES.test(type)) parseSshKey(blob)
    return sshFingerprint(blob)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** RSA is left out: old keys may be too short to be accepted, which is no mistake in the file. */
const KNOWN_TYPES = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521))$/
