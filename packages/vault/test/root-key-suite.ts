// What every provider of a root key must do: one suite for all.
import { randomBytes } from "node:crypto"
import { it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { describe, expect } from "vitest"
import { KeyId, type KeyName, Keyring, keyringLayer, memoryKeyStore, RootKey, RootKeyFailed } from "../src/index.ts"
import { ACME, OTHER } from "./vault-testing.ts"

export interface RootKeyCase {
  /** The provider's own name. */
  readonly provider: string
  /** A new key; opening the same one again gives the same key. */
  readonly fresh: Effect.Effect<Layer.Layer<RootKey, unknown>, never, Scope.Scope>
}

export const NAME: KeyName = {
  id: KeyId.make("0123456789abcdef01234567"),
  version: 1,
  scope: { kind: "organisation", organisation: ACME }
}

const OTHER_NAMES: ReadonlyArray<KeyName> = [
  { ...NAME, id: KeyId.make("0123456789abcdef01234568") },
  { ...NAME, version: 2 },
  { ...NAME, scope: { kind: "organisation", organisation: OTHER } },
  { ...NAME, scope: { kind: "index", organisation: ACME } },
  { ...NAME, scope: { kind: "system" } }
]

const withKey = <A, E>(layer: Layer.Layer<RootKey, unknown>, use: (key: RootKey["Service"]) => Effect.Effect<A, E>) =>
  Effect.provide(Effect.flatMap(RootKey, use), layer, { local: true })

export const rootKeySuite = ({ provider, fresh }: RootKeyCase) =>
  describe(`a root key of ${provider}`, () => {
    it.live("unwraps what it wrapped, also when it was opened anew, and wraps it differently each time", () =>
      Effect.gen(function* () {
        const layer = yield* fresh
        const bytes = randomBytes(32)
        const wrapped = yield* withKey(layer, (key) => Effect.all([key.wrap(NAME, bytes), key.wrap(NAME, bytes)]))
        expect(Buffer.from(wrapped[0])).not.toEqual(Buffer.from(wrapped[1]))
        for (const one of wrapped) {
          expect(Buffer.from(one).includes(bytes)).toBe(false)
          expect(Buffer.from(yield* withKey(layer, (key) => key.unwrap(NAME, one)))).toEqual(bytes)
        }
      })
    )

    it.live("MUST NOT unwrap under another name", () =>
      Effect.gen(function* () {
        yield* withKey(yield* fresh, (key) =>
          Effect.gen(function* () {
            const wrapped = yield* key.wrap(NAME, randomBytes(32))
            for (const other of OTHER_NAMES) {
              expect(yield* Effect.flip(key.unwrap(other, wrapped))).toMatchObject({ reason: "altered" })
            }
          })
        )
      })
    )

    it.live("MUST NOT unwrap what was altered, cut off or never wrapped", () =>
      Effect.gen(function* () {
        yield* withKey(yield* fresh, (key) =>
          Effect.gen(function* () {
            const wrapped = Buffer.from(yield* key.wrap(NAME, randomBytes(32)))
            const flipped = Buffer.from(wrapped)
            flipped[flipped.length - 5]! ^= 1
            for (const wrong of [flipped, wrapped.subarray(0, -8), Buffer.alloc(0), Buffer.from("vault:v1:AAAA")]) {
              expect(yield* Effect.flip(key.unwrap(NAME, wrong))).toBeInstanceOf(RootKeyFailed)
            }
          })
        )
      })
    )

    it.live("MUST NOT unwrap what another key wrapped", () =>
      Effect.gen(function* () {
        const wrapped = yield* withKey(yield* fresh, (key) => key.wrap(NAME, randomBytes(32)))
        const error = yield* withKey(yield* fresh, (key) => Effect.flip(key.unwrap(NAME, wrapped)))
        expect(["altered", "other-root-key"]).toContain(error.reason)
      })
    )

    it.live("describes itself in the same way each time, and tells nothing secret", () =>
      Effect.gen(function* () {
        const layer = yield* fresh
        const [first, second] = [
          yield* withKey(layer, (key) => key.describe),
          yield* withKey(layer, (key) => key.describe)
        ]
        expect(second).toEqual(first)
        expect(first.provider).toBe(provider)
        expect(first.id.length).toBeGreaterThan(0)
      })
    )

    it.live("carries a keyring through a restart", () =>
      Effect.gen(function* () {
        const [rootKey, store] = [yield* fresh, yield* Layer.build(memoryKeyStore)]
        const current = Effect.flatMap(Keyring, (keyring) => keyring.current(NAME.scope)).pipe(
          Effect.provide(keyringLayer().pipe(Layer.provide(rootKey), Layer.provide(Layer.succeedContext(store))), {
            local: true
          })
        )
        const [before, after] = [yield* current, yield* current]
        expect(after.id).toBe(before.id)
        expect(after.secret.equals(before.secret)).toBe(true)
      })
    )
  })
