// Asks a host for its key, for somebody to compare and pin when a target is added.
import type { Duplex } from "node:stream"
import { Effect } from "effect"
import ssh2 from "ssh2"
import type { PinnedTarget } from "../plan.ts"
import { TargetUnreachable } from "../run-error.ts"
import { connectAnew } from "./connect-anew.ts"
import type { Address } from "./connection.ts"
import { unreachableCode } from "./dial.ts"
import { fingerprintOf, HOST_KEY_KINDS, keyTypeOf } from "./host-key.ts"
import { CIPHERS, DEFAULT_SETTINGS, MACS, type SshSettings } from "./settings.ts"

/** The key that a host showed. */
export interface ScannedHostKey {
  /** `SHA256:…` as OpenSSH prints it. */
  readonly fingerprint: string
  /** Such as `ssh-ed25519`. */
  readonly algorithm: string
}

/**
 * The host key that a connection to this address would be shown. Nobody signs in. Whether it is the right one only somebody can tell
 * who looks at the host itself (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`).
 */
export const scanHostKey = (address: Address): Effect.Effect<ScannedHostKey, TargetUnreachable> => scanOver(address)

/** The same, as a target sees it through which it will be reached: signs in there, and on the way there. */
export const scanHostKeyThrough = Effect.fnUntraced(function* (
  jump: PinnedTarget,
  address: Address,
  settings: Partial<SshSettings> = {}
) {
  const connection = yield* connectAnew(jump, { ...DEFAULT_SETTINGS, ...settings })
  const sock = yield* connection
    .forward(address)
    .pipe(Effect.mapError(({ code }) => new TargetUnreachable({ target: nameOf(address), code, through: jump.name })))
  return yield* scanOver(address, sock)
}, Effect.scoped)

const nameOf = ({ host, port }: Address): string => `${host}:${port}`

const scanOver = (address: Address, sock?: Duplex): Effect.Effect<ScannedHostKey, TargetUnreachable> =>
  Effect.callback((resume) => {
    const client = new ssh2.Client()
    const hostVerifier = (key: Buffer): boolean => {
      resume(Effect.succeed({ fingerprint: fingerprintOf(key), algorithm: keyTypeOf(key) }))
      return false
    }
    const fail = (cause?: Error) => {
      client.destroy()
      resume(Effect.fail(new TargetUnreachable({ target: nameOf(address), code: unreachableCode(cause) })))
    }
    client.on("error", fail).once("close", () => fail())
    client.connect({
      ...(sock === undefined ? { host: address.host, port: address.port } : { sock }),
      username: "nobody",
      readyTimeout: DEFAULT_SETTINGS.connectMs,
      algorithms: { serverHostKey: HOST_KEY_KINDS.flat(), cipher: [...CIPHERS], hmac: [...MACS], compress: ["none"] },
      hostVerifier
    })
    return Effect.sync(() => client.destroy())
  })
