// Key services that are slow, busy, refuse, or rotate their key: the same for both protocols, over real HTTP.
import { randomBytes } from "node:crypto"
import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Duration, Effect, type Layer, Redacted, type Scope } from "effect"
import { describe, expect } from "vitest"
import { rootKeyAwsKmsLayer } from "../src/aws-kms.ts"
import { RootKey, rootKeyTransitLayer } from "../src/index.ts"
import type { KeyService } from "./key-service.ts"
import { KMS_ARN, kmsClient, kmsServer } from "./kms-server.ts"
import { NAME } from "./root-key-suite.ts"
import { TRANSIT_KEY, TRANSIT_TOKEN, transitServer } from "./transit-server.ts"
import { temporaryFolder } from "./vault-testing.ts"

const TIMEOUT_MS = 200
const LIMITS = { timeoutMs: TIMEOUT_MS, attemptsMax: 3 }
const SECRETS = [TRANSIT_TOKEN, kmsClient("").credentials.secretAccessKey]

interface ServiceCase {
  readonly name: string
  readonly serve: Effect.Effect<KeyService, never, Scope.Scope>
  readonly layer: (url: string) => Layer.Layer<RootKey, unknown>
}

const transitLayer = (address: string) =>
  rootKeyTransitLayer({ address, key: TRANSIT_KEY, token: Redacted.make(TRANSIT_TOKEN), ...LIMITS })
const kmsLayer = (url: string) => rootKeyAwsKmsLayer({ keyId: KMS_ARN, client: kmsClient(url), ...LIMITS })

const cases: ReadonlyArray<ServiceCase> = [
  { name: "AWS KMS", serve: kmsServer({ state: "Enabled", usage: "ENCRYPT_DECRYPT" }), layer: kmsLayer },
  { name: "transit", serve: transitServer({ minDecryptionVersion: 1, type: "aes256-gcm96" }), layer: transitLayer }
]

describe.each(cases)("the root key service $name", ({ serve, layer }) => {
  const open = Effect.gen(function* () {
    const service = yield* serve
    const key = yield* Effect.provide(RootKey, layer(service.url))
    const bytes = randomBytes(32)
    return { service, key, bytes, wrapped: yield* key.wrap(NAME, bytes) }
  })

  it.live("is asked again when it throttles, and gives up with `unavailable`", () =>
    Effect.gen(function* () {
      const { service, key, bytes, wrapped } = yield* open
      service.trouble = { kind: "busy", times: 2 }
      service.requests.length = 0
      expect(Buffer.from(yield* key.unwrap(NAME, wrapped))).toEqual(bytes)
      expect(service.requests.length).toBe(3)
      service.trouble = { kind: "busy" }
      expect(yield* Effect.flip(key.unwrap(NAME, wrapped))).toMatchObject({ reason: "unavailable" })
      expect(service.requests.length).toBe(6)
    })
  )

  it.live("that does not answer is given up after its time", () =>
    Effect.gen(function* () {
      const { service, key, wrapped } = yield* open
      service.trouble = { kind: "silent" }
      const [took, error] = yield* Effect.timed(Effect.flip(key.unwrap(NAME, wrapped)))
      expect(error).toMatchObject({ reason: "unavailable" })
      expect(Duration.toMillis(took)).toBeGreaterThan(2 * TIMEOUT_MS)
      expect(Duration.toMillis(took)).toBeLessThan(20_000)
      service.trouble = { kind: "silent", times: 1 }
      expect(yield* key.unwrap(NAME, wrapped)).toHaveLength(32)
    })
  )

  it.live("whose permission was revoked is asked once, and the refusal holds no secret", () =>
    Effect.gen(function* () {
      const { service, key, wrapped } = yield* open
      service.trouble = { kind: "denied" }
      service.requests.length = 0
      const error = yield* Effect.flip(key.unwrap(NAME, wrapped))
      expect(error).toMatchObject({ reason: "denied" })
      expect(service.requests.length).toBe(1)
      for (const secret of SECRETS) expect(`${JSON.stringify(error)}${error.message}`).not.toContain(secret)
      expect(yield* Effect.flip(Effect.provide(RootKey, layer(service.url), { local: true }))).toMatchObject({
        reason: "denied"
      })
    })
  )

  it.live("may rotate its key: what was wrapped before still unwraps, and the id stays", () =>
    Effect.gen(function* () {
      const { service, key, bytes, wrapped } = yield* open
      const before = yield* key.describe
      service.rotate()
      const anew = yield* key.wrap(NAME, bytes)
      expect(Buffer.from(yield* key.unwrap(NAME, wrapped))).toEqual(bytes)
      service.versions[0] = randomBytes(32)
      expect(Buffer.from(yield* key.unwrap(NAME, anew))).toEqual(bytes)
      expect(yield* Effect.flip(key.unwrap(NAME, wrapped))).toMatchObject({ reason: "altered" })
      expect(yield* key.describe).toEqual(before)
    })
  )

  it.live("that is not there is `unavailable`", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(RootKey, layer("http://127.0.0.1:9")))
      expect(error).toMatchObject({ reason: "unavailable" })
    })
  )
})

describe("transit", () => {
  it.live("says what to do when its oldest versions were switched off", () =>
    Effect.gen(function* () {
      const policy = { minDecryptionVersion: 1, type: "aes256-gcm96" }
      const service = yield* transitServer(policy)
      const key = yield* Effect.provide(RootKey, transitLayer(service.url))
      const wrapped = yield* key.wrap(NAME, randomBytes(32))
      service.rotate()
      policy.minDecryptionVersion = 2
      const error = yield* Effect.flip(key.unwrap(NAME, wrapped))
      expect(error).toMatchObject({ reason: "unusable" })
      expect(error.message).toContain("min_decryption_version")
    })
  )

  it.live("refuses a key that cannot bind names, another key's name, and an address that is not safe", () =>
    Effect.gen(function* () {
      const { url } = yield* transitServer({ minDecryptionVersion: 1, type: "rsa-4096" })
      const token = Redacted.make(TRANSIT_TOKEN)
      const wrong = [
        { address: url, key: TRANSIT_KEY },
        { address: url, key: "another" },
        { address: "http://bao.example:8200", key: TRANSIT_KEY },
        { address: "https://user:password@bao.example", key: TRANSIT_KEY },
        { address: "bao.example", key: TRANSIT_KEY }
      ]
      for (const each of wrong) {
        const layer = rootKeyTransitLayer({ ...each, token, ...LIMITS })
        expect(yield* Effect.flip(Effect.provide(RootKey, layer, { local: true }))).toMatchObject({
          reason: "unusable"
        })
      }
    })
  )

  it.live("reads its token anew for each request, and refuses a token that others may read", () =>
    Effect.gen(function* () {
      const [service, folder] = [yield* cases[1]!.serve, yield* temporaryFolder]
      const file = join(folder, "token")
      writeFileSync(file, "s.old", { mode: 0o600 })
      const layer = rootKeyTransitLayer({ address: service.url, key: TRANSIT_KEY, token: { file }, ...LIMITS })
      const open = Effect.provide(RootKey, layer, { local: true })
      expect(yield* Effect.flip(open)).toMatchObject({ reason: "denied" })
      writeFileSync(file, `${TRANSIT_TOKEN}\n`)
      const key = yield* open
      chmodSync(file, 0o644)
      expect(yield* Effect.flip(key.describe)).toMatchObject({ reason: "unusable" })
    })
  )
})

describe("AWS KMS", () => {
  it.live("takes an alias and remembers its key; a key that is switched off or signs is refused", () =>
    Effect.gen(function* () {
      const key = { state: "Enabled", usage: "ENCRYPT_DECRYPT" }
      const { url } = yield* kmsServer(key)
      const layer = rootKeyAwsKmsLayer({ keyId: "alias/root", client: kmsClient(url), ...LIMITS })
      const open = Effect.provide(RootKey, layer, { local: true })
      expect(yield* (yield* open).describe).toMatchObject({ id: KMS_ARN })
      key.state = "PendingDeletion"
      expect(yield* Effect.flip(open)).toMatchObject({ reason: "unusable" })
      Object.assign(key, { state: "Enabled", usage: "SIGN_VERIFY" })
      expect(yield* Effect.flip(open)).toMatchObject({ reason: "unusable" })
    })
  )
})
