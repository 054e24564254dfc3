import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { describe, expect } from "vitest"
import { RootKey, rootKeyPassphraseLayer } from "../src/index.ts"
import { temporaryFolder } from "./vault-testing.ts"

const PASSPHRASE = "correct horse battery staple"
const open = (path: string, passphrase = PASSPHRASE, createIfMissing = true) =>
  Effect.provide(RootKey, rootKeyPassphraseLayer({ path, passphrase: Redacted.make(passphrase), createIfMissing }), {
    local: true
  })
const file = Effect.map(temporaryFolder, (folder) => join(folder, "passphrase"))

describe("a passphrase", () => {
  it.live("that is another one is noticed, whose file is lost too, and nothing is made by accident", () =>
    Effect.gen(function* () {
      const path = yield* file
      expect(yield* Effect.flip(open(path, PASSPHRASE, false))).toMatchObject({ reason: "missing" })
      yield* open(path)
      const error = yield* Effect.flip(open(path, "incorrect horse battery staple"))
      expect(error).toMatchObject({ reason: "unusable" })
      expect(`${JSON.stringify(error)}${error.message}`).not.toContain("horse")
      expect(readFileSync(path, "utf8")).not.toContain("horse")
    })
  )

  it.live("has 15 to 1,024 characters, and is the same one however its accents were typed", () =>
    Effect.gen(function* () {
      const path = yield* file
      for (const wrong of ["x".repeat(14), "x".repeat(1_025)]) {
        expect(yield* Effect.flip(open(path, wrong))).toMatchObject({ reason: "unusable" })
      }
      const composed = "crème brûlée à la carte"
      const key = yield* open(path, composed.normalize("NFC"))
      expect(yield* (yield* open(path, composed.normalize("NFD"))).describe).toEqual(yield* key.describe)
    })
  )

  it.live("MUST NOT be derived at a cost that somebody lowered, or raised without bounds", () =>
    Effect.gen(function* () {
      const path = yield* file
      yield* open(path)
      const content = readFileSync(path, "utf8")
      for (const [from, to] of [
        [`"memoryKiB":65536`, `"memoryKiB":8`],
        [`"memoryKiB":65536`, `"memoryKiB":99999999`],
        [`"passes":3`, `"passes":1`],
        [`"kdf":"argon2id"`, `"kdf":"argon2i"`]
      ] as const) {
        writeFileSync(path, content.replace(from, to))
        expect(content).toContain(from)
        expect(yield* Effect.flip(open(path))).toMatchObject({ reason: "unusable" })
      }
    })
  )
})
