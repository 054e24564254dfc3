// What of a key stays in memory: every buffer that held an unwrapped one is watched, from node:crypto's own hands.
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { it } from "@effect/vitest"
import { SubjectCipher } from "@fluxcybers/core"
import { Effect, Exit, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { afterEach, beforeAll, describe, expect, vi } from "vitest"
import {
  Keyring,
  keyringLayer,
  memoryKeyStore,
  RootKey,
  RootKeyFailed,
  type RootKeyProvider,
  subjectCipherLayer
} from "../src/index.ts"
import { localKey, localRootKey } from "../src/keys/local-root-key.ts"
import { ACME, OTHER } from "./vault-testing.ts"

const { held, KEY_BYTES } = vi.hoisted(() => ({ held: [] as Uint8Array[], KEY_BYTES: 32 }))

vi.mock("node:crypto", async (importOriginal) => {
  const crypto = await importOriginal<typeof import("node:crypto")>()
  const watched = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
    if (bytes.length === KEY_BYTES) held.push(bytes)
    return bytes
  }
  return {
    ...crypto,
    randomBytes: (size: number) => watched(crypto.randomBytes(size)),
    createSecretKey: (bytes: Buffer) => crypto.createSecretKey(watched(bytes)),
    createDecipheriv: (...given: Parameters<typeof crypto.createDecipheriv>) => {
      const decipher = crypto.createDecipheriv(...given)
      const update = decipher.update.bind(decipher)
      return Object.assign(decipher, { update: (bytes: Buffer) => watched(update(bytes)) })
    }
  }
})

afterEach(() => void held.splice(0))
const stillHeld = () => held.filter((bytes) => bytes.some((byte) => byte !== 0)).length

const root = localRootKey(localKey(Buffer.alloc(KEY_BYTES, 7)), { provider: "test", location: "memory" })
const fails = Effect.fail(new RootKeyFailed({ reason: "unavailable", rootKey: "test", detail: "away" }))
const keys = (provider: RootKeyProvider, limits = {}) =>
  subjectCipherLayer.pipe(
    Layer.provideMerge(keyringLayer(limits)),
    Layer.provideMerge(memoryKeyStore),
    Layer.provide(Layer.succeed(RootKey, RootKey.of(provider)))
  )

const placeOf = (subject: number) => ({
  organisation: ACME,
  table: "t",
  column: "c",
  row: "1",
  subject: `p_${subject}`
})
const subjectOf = (subject: number) => ({ kind: "subject", organisation: ACME, subject: `p_${subject}` }) as const

/** What can be done with keys. */
const STEPS: Readonly<Record<string, (n: number) => Effect.Effect<unknown, unknown, Keyring | SubjectCipher>>> = {
  seal: (n: number) => Effect.flatMap(SubjectCipher, (cipher) => cipher.seal(placeOf(n), Buffer.from("value"))),
  open: (n: number) =>
    Effect.gen(function* () {
      const cipher = yield* SubjectCipher
      const sealed = yield* cipher.seal(placeOf(n), Buffer.from("value"))
      yield* (yield* Keyring).forget()
      yield* cipher.open(placeOf(n), sealed)
      yield* Effect.flip(cipher.open(placeOf(n + 1), sealed))
    }),
  otherScope: (n: number) =>
    Effect.gen(function* () {
      const keyring = yield* Keyring
      const { id } = yield* keyring.current(subjectOf(n))
      yield* Effect.flip(keyring.get({ kind: "organisation", organisation: OTHER }, id))
    }),
  forget: (n: number) => Effect.flatMap(Keyring, (keyring) => keyring.forget(subjectOf(n))),
  wait: (n: number) => TestClock.adjust(n * 1_000)
}

/** The key of the tests' own log, and the probe of what costs least, are no keys of the vault. */
beforeAll(async () => {
  await Effect.runPromise(Effect.provide(Effect.void, keys(root)))
  held.splice(0)
})

describe("an unwrapped key", () => {
  it("is overwritten wherever it lay in a buffer, whatever is done with keys", async () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(4))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const work = Effect.forEach(steps, ([name, n]) => STEPS[name]!(n))
        const layer = keys(root, { entriesMax: 2, ttlMs: 2_000 }).pipe(Layer.provideMerge(TestClock.layer()))
        await Effect.runPromise(Effect.provide(work, Layer.fresh(layer)))
        expect(held.length).toBeGreaterThan(0)
        expect(stillHeld()).toBe(0)
      }),
      { numRuns: 25 }
    )
  })

  it.effect("is overwritten also when it cannot be wrapped, or what was unwrapped is no key", () =>
    Effect.gen(function* () {
      const start = (provider: RootKeyProvider) => Effect.exit(Effect.provide(Effect.void, keys(provider)))
      expect(Exit.isFailure(yield* start({ ...root, wrap: () => fails }))).toBe(true)
      const short: Array<Uint8Array> = []
      const unwrap = Effect.sync(() => {
        short.push(Buffer.alloc(16, 1))
        return short[0]!
      })
      expect(Exit.isFailure(yield* start({ ...root, unwrap: () => unwrap }))).toBe(true)
      expect(held.length).toBeGreaterThan(0)
      expect([stillHeld(), short.flatMap((bytes) => [...bytes]).filter((byte) => byte !== 0)]).toEqual([0, []])
    })
  )

  it.effect("leaves the memory when its time is over, though nobody asks for it, and when the keyring closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Layer.fresh(keys(root)), scope)
      const remembered = (subject: number) =>
        Effect.map(
          Effect.flatMap(Keyring, (keyring) => keyring.current(subjectOf(subject))),
          (key) => new WeakRef(key)
        ).pipe(Effect.provide(context))
      const first = yield* remembered(1)
      yield* TestClock.adjust("30 seconds")
      const second = yield* remembered(2)
      yield* collected
      expect([first.deref()?.version, second.deref()?.version]).toEqual([1, 1])
      yield* TestClock.adjust("40 seconds")
      yield* collected
      expect([first.deref()?.version, second.deref()?.version]).toEqual([undefined, 1])
      yield* Scope.close(scope, Exit.void)
      yield* collected
      expect(second.deref()).toBeUndefined()
    })
  )

  it.effect("takes what was derived from it along, once nothing can use it any more", () =>
    Effect.gen(function* () {
      const concat = vi.spyOn(Buffer, "concat")
      yield* Effect.provide(
        Effect.flatMap(SubjectCipher, (cipher) => cipher.seal(placeOf(1), Buffer.from("value"))),
        keys(root)
      )
      const derived = concat.mock.results
        .map(({ value }) => value as Buffer)
        .filter(({ length }) => TEMPLATES.has(length))
      concat.mockRestore()
      expect(derived.length).toBeGreaterThan(0)
      expect(derived.every((bytes) => bytes.some((byte) => byte !== 0))).toBe(true)
      yield* collected
      expect(derived.filter((bytes) => bytes.some((byte) => byte !== 0))).toEqual([])
    })
  )
})

/** Bytes of the blocks that a key keeps ready (docs/spec/sealed-blob.md §3). */
const TEMPLATES = new Set([32, 48])

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

/** References of the running turn keep what they refer to. */
const collected = Effect.promise(async () => {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
})
