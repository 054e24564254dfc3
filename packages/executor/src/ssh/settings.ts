// What an SSH connection is held to.
import { Context } from "effect"

/** Each has a default that fits servers with their usual limits. */
export interface SshSettings {
  /** How long signing in may take altogether. 10 s. */
  readonly connectMs: number
  /** A connection without a run is kept so long. 60 s. */
  readonly idleMs: number
  /** The other side is asked so often whether it is there; after three times without an answer the connection is lost. 15 s. */
  readonly keepaliveMs: number
  /** Runs at a time over one connection; more wait. 8: sshd allows 10 (`MaxSessions`), and stopping a run needs one. */
  readonly channelsMax: number
  /** Connections without a run that are kept; of more, those end that were used longest ago. 500: about 20 MiB. */
  readonly idleMax: number
  /** The socket of an ssh-agent whose keys credentials may name; none unless told. */
  readonly agent?: string | undefined
}

/** What a connection is held to unless told. */
export const DEFAULT_SETTINGS: SshSettings = {
  connectMs: 10_000,
  idleMs: 60_000,
  keepaliveMs: 15_000,
  channelsMax: 8,
  idleMax: 500
}

/** What connections are held to that no executor opens: those that ask a host behind others for its key. */
export const SshDefaults = Context.Reference<SshSettings>("fluxcybers/executor/SshDefaults", {
  defaultValue: () => DEFAULT_SETTINGS
})

export const KEEPALIVE_MISSES_MAX = 3

/**
 * Ciphers without CVE-2023-48795 (Terrapin), also with a server that does not know strict key exchange: ssh2 always offers it, but has no
 * way to require it. GCM, and CTR with a MAC over the plain text, do not let messages be cut out unnoticed; ChaCha20-Poly1305 and the
 * encrypt-then-MAC modes do without strict key exchange, so they are left out. ChaCha20-Poly1305 also fails in ssh2 on Node.js 24.
 */
export const CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"] as const
export const MACS = ["hmac-sha2-256", "hmac-sha2-512"] as const
