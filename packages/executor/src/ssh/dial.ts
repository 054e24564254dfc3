// Opens a connection: TCP, key exchange with the pinned host key, signing in.
import type { Duplex } from "node:stream"
import { Clock, Data, Effect, Redacted, Schedule } from "effect"
import ssh2 from "ssh2"
import { authorityIn } from "../host-pin.ts"
import type { PinnedTarget } from "../plan.ts"
import { AuthenticationRefused, HostKeyMismatch, TargetUnreachable } from "../run-error.ts"
import type { Credential } from "./credential.ts"
import { type HostKeyAlgorithm, keyTypeOf, otherKinds } from "./host-key.ts"
import { shownFingerprint, verifyHost, wantedHostKeys } from "./host-verification.ts"
import { asAgent } from "./identity.ts"
import { CIPHERS, KEEPALIVE_MISSES_MAX, MACS, type SshSettings } from "./settings.ts"
import { allowHostCertificates, checkWithCertifiedKey } from "./ssh2-host-certificates.ts"
import { showCertificate } from "./ssh2-user-certificates.ts"

export interface Dial {
  readonly target: PinnedTarget
  readonly credential: Credential
  readonly settings: SshSettings
  /** Opens the way through a jump host; without it, the target is connected to directly. */
  readonly through?: Effect.Effect<Duplex, TargetUnreachable> | undefined
}

export type DialError = TargetUnreachable | HostKeyMismatch | AuthenticationRefused

/** A server that has too many beginners at once drops some of them (`MaxStartups`); nothing has happened, so it is tried again. */
const DROPPED = "dropped"
const NO_COMMON_ALGORITHM = "no-common-algorithm"
const RETRIES_MAX = 3
const RETRY = Schedule.exponential("100 millis").pipe(Schedule.jittered)

/** Opens a connection and signs in; the caller ends it. */
export const dial = Effect.fnUntraced(function* (wanted: Dial): Effect.fn.Return<ssh2.Client, DialError> {
  return yield* dialPinned(wanted).pipe(
    Effect.retry({
      while: (error) => error._tag === "TargetUnreachable" && error.code === DROPPED,
      schedule: RETRY,
      times: RETRIES_MAX
    })
  )
})

/** The host showed a key that is not the pinned one. */
class OtherHostKey extends Data.TaggedError("OtherHostKey")<{
  readonly key: Uint8Array
  readonly why?: string | undefined
}> {}

/** A host with keys of several kinds shows the one that is preferred here; the pinned one may be of another kind. */
const dialPinned = Effect.fnUntraced(function* (wanted: Dial): Effect.fn.Return<ssh2.Client, DialError> {
  const { name, hostKey } = wanted.target
  const first = yield* Effect.result(dialOnce(wanted, wantedHostKeys(wanted.target)))
  if (first._tag === "Success") return first.success
  if (first.failure._tag !== "OtherHostKey") return yield* first.failure
  const { key, why } = first.failure
  const others = authorityIn(hostKey) === undefined ? otherKinds(keyTypeOf(key)) : []
  for (const kind of others) {
    const next = yield* Effect.result(dialOnce(wanted, kind))
    if (next._tag === "Success") return next.success
    if (!isOfNoUse(next.failure)) return yield* next.failure
  }
  const mismatch = { target: name, expected: hostKey, actual: shownFingerprint(key) }
  return yield* new HostKeyMismatch(why === undefined ? mismatch : { ...mismatch, why })
})

const isOfNoUse = (error: DialError | OtherHostKey): error is OtherHostKey =>
  error._tag === "OtherHostKey" || (error._tag === "TargetUnreachable" && error.code === NO_COMMON_ALGORITHM)

const dialOnce = Effect.fnUntraced(function* (
  wanted: Dial,
  serverHostKey: ReadonlyArray<string>
): Effect.fn.Return<ssh2.Client, DialError | OtherHostKey> {
  const sock = wanted.through === undefined ? undefined : yield* wanted.through
  const nowMs = yield* Clock.currentTimeMillis
  return yield* dialOver({ ...wanted, sock, nowMs }, serverHostKey)
})

allowHostCertificates()

interface DialOver extends Dial {
  readonly sock: Duplex | undefined
  /** A certificate is judged at the time of the connection, also when keys are exchanged anew. */
  readonly nowMs: number
}

const dialOver = (
  wanted: DialOver,
  serverHostKey: ReadonlyArray<string>
): Effect.Effect<ssh2.Client, DialError | OtherHostKey> =>
  Effect.callback((resume) => {
    const { target, credential, settings, sock, nowMs } = wanted
    const client = new ssh2.Client()
    let other: OtherHostKey | undefined
    let isHostKnown = false
    const fail = (cause?: Error) => {
      client.destroy()
      resume(Effect.fail(other ?? dialError(target, cause, isHostKnown)))
    }
    // ssh2 takes everything but a plain `false` for consent, also a promise of it. It asks again whenever keys are exchanged anew.
    const hostVerifier = (key: Buffer): boolean => {
      const verdict = verifyHost(key, target, nowMs)
      if (!verdict.isAccepted) other = new OtherHostKey({ key: Uint8Array.from(key), why: verdict.why })
      else if (verdict.certified !== undefined) checkWithCertifiedKey(client, key, verdict.certified)
      return verdict.isAccepted
    }
    client.on("error", fail).once("close", () => fail())
    client.once("handshake", () => {
      isHostKnown = true
      showCertificateOf(client, credential)
    })
    client.on("change password", () => fail(Object.assign(new Error(), { level: "client-authentication" })))
    client.once("ready", () => {
      client.off("error", fail)
      // What breaks from now on is told by "close".
      client.on("error", () => {})
      resume(Effect.succeed(client))
    })
    client.connect({
      ...(sock === undefined ? { host: target.host, port: target.port } : { sock }),
      username: target.account,
      readyTimeout: settings.connectMs,
      keepaliveInterval: settings.keepaliveMs,
      keepaliveCountMax: KEEPALIVE_MISSES_MAX,
      algorithms: algorithmsFor(serverHostKey),
      hostVerifier,
      authHandler: signIn(target.account, credential)
    })
    // Without it, Nagle's algorithm and delayed acknowledgements cost 40 ms and more for each command.
    client.setNoDelay(true)
    return Effect.sync(() => client.destroy())
  })

const algorithmsFor = (serverHostKey: ReadonlyArray<string>): ssh2.Algorithms => ({
  serverHostKey: [...serverHostKey] as Array<HostKeyAlgorithm>,
  cipher: [...CIPHERS],
  hmac: [...MACS],
  compress: ["none"]
})

const showCertificateOf = (client: ssh2.Client, credential: Credential): void => {
  const certificate = credential._tag === "Identity" ? Redacted.value(credential.identity).certificate : undefined
  if (certificate !== undefined) showCertificate(client, certificate)
}

const signIn = (username: string, credential: Credential): Array<ssh2.AuthMethod> => {
  if (credential._tag === "Identity") {
    const agent: ssh2.AgentAuthMethod = { type: "agent", username, agent: asAgent(Redacted.value(credential.identity)) }
    return [agent]
  }
  if (credential._tag === "Key") {
    const key: ssh2.PublicKeyAuthMethod = { type: "publickey", username, key: Redacted.value(credential.key) }
    return [key]
  }
  const { password } = credential
  const plain: ssh2.PasswordAuthMethod = { type: "password", username, password: Redacted.value(password) }
  const interactive: ssh2.KeyboardInteractiveAuthMethod = {
    type: "keyboard-interactive",
    username,
    prompt: (_name, _instructions, _lang, prompts, finish) => finish(prompts.map(() => Redacted.value(password)))
  }
  return [plain, interactive]
}

const dialError = (target: PinnedTarget, cause: Error | undefined, isHostKnown: boolean): DialError => {
  // Once the credential is on its way, a server that ends the connection has had enough of it; trying again could lock the account.
  const isRefused =
    ["client-authentication", "agent"].includes(String(levelOf(cause))) || (isHostKnown && isDisconnect(cause))
  if (isRefused) return new AuthenticationRefused({ target: target.name, account: target.account })
  const code = unreachableCode(cause)
  return new TargetUnreachable({ target: target.name, code: isHostKnown && code === DROPPED ? "disconnected" : code })
}

/** The other side said goodbye with a reason (RFC 4253 §11.1). */
const isDisconnect = (cause: Error | undefined): boolean =>
  cause !== undefined && "code" in cause && typeof cause.code === "number"

/** What kept a connection from being made, as a word; without a cause the other side dropped it. */
export const unreachableCode = (cause: Error | undefined): string => {
  if (levelOf(cause) === "client-timeout") return "timeout"
  if (cause !== undefined && /no matching/.test(cause.message)) return NO_COMMON_ALGORITHM
  const code = cause !== undefined && "code" in cause ? cause.code : undefined
  return typeof code === "string" && code !== "ECONNRESET" && code !== "EPIPE" ? code : DROPPED
}

/** ssh2 says in `level` where an error comes from. */
const levelOf = (cause: Error | undefined): unknown =>
  cause !== undefined && "level" in cause ? cause.level : undefined
