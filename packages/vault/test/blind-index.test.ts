import { createHmac, createSecretKey } from "node:crypto"
import { it } from "@effect/vitest"
import { Database } from "@fluxcybers/core"
import { Effect, Layer, Result } from "effect"
import { describe, expect, test } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { type IndexedField, normalise } from "../src/blind-index/normalise.ts"
import { indexToken } from "../src/blind-index/token.ts"
import { KeyId, sealingKey } from "../src/blob/sealed-blob.ts"
import { BlindIndex, INDEXED_BYTES_MAX, keysLayer } from "../src/index.ts"
import { ACME, freshRootKey, OTHER } from "./vault-testing.ts"

const normal = (field: IndexedField, value: string) =>
  Result.match(normalise(field, 1, value), { onSuccess: (text) => text, onFailure: ({ reason }) => reason })

describe("normalisation", () => {
  test.each([
    ["email", " Ada.Lovelace@EXAMPLE.com ", "ada.lovelace@example.com"],
    ["email", "ada+tag@example.com", "ada+tag@example.com"],
    ["email", "ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
    ["email", "ＡＤＡ@example.com", "ada@example.com"],
    ["email", "ada", "not-an-email"],
    ["email", "@example.com", "not-an-email"],
    ["email", "ada@", "not-an-email"],
    ["email", "a da@example.com", "not-an-email"],
    ["phone", "+49 (0)", "not-a-phone"],
    ["phone", "+49 (30) 123-45.67", "+49301234567"],
    ["phone", "0049 30/1234567", "+49301234567"],
    ["phone", "030 1234567", "not-a-phone"],
    ["name", "  O’Brien-MÜLLER ", "obrien muller"],
    ["name", "Weiß", "weiss"],
    ["name", "not-a-phone", "not a phone"],
    ["exact", " As It Is ", " As It Is "],
    ["exact", "not-an-email", "not-an-email"],
    ["email", " ", "empty"],
    ["name", "--", "empty"],
    ["exact", "", "empty"],
    ["exact", "\ud800", "not-unicode"],
    ["exact", "x".repeat(INDEXED_BYTES_MAX + 1), "too-long"]
  ] as const)("of %s %j is %j", (field, value, expected) => expect(normal(field, value)).toBe(expected))
})

describe("a token", () => {
  const secret = Buffer.alloc(32, 7)
  const key = sealingKey({ id: KeyId.make("0".repeat(24)), version: 3 }, createSecretKey(secret))
  const column = { organisation: "org", table: "people", column: "mail", field: "email" } as const
  const part = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, Buffer.byteLength(text)]), Buffer.from(text)])
  const joined = (...texts: ReadonlyArray<string>) => Buffer.concat(texts.map(part))

  test("is HMAC-SHA-256 under the column's key, and names key version and rule", () => {
    const columnKey = createHmac("sha256", secret)
      .update(joined("fluxcybers/vault/v1/blind-index", "org", "people", "mail"))
      .digest()
    const mac = createHmac("sha256", columnKey).update(joined("email1", "ada@example.com")).digest("base64url")
    expect(Result.getOrThrow(indexToken(key, column, "Ada@Example.com"))).toBe(`fi1.3.email1.${mac}`)
  })

  test("differs by organisation, table, column and field", () => {
    const others = [{}, { organisation: "o" }, { table: "t" }, { column: "c" }, { field: "exact" as const }]
    const tokens = others.map((other) => Result.getOrThrow(indexToken(key, { ...column, ...other }, "ada@example.com")))
    expect(new Set(tokens).size).toBe(others.length)
  })
})

const place = { organisation: ACME, table: "people", column: "mail", field: "email" } as const

describe.each(databases)("the blind index on $name", ({ layer }) => {
  const services = () => keysLayer.pipe(Layer.provideMerge(freshRootKey), Layer.provideMerge(layer()))

  it.effect("finds the rows that hold a value, in its organisation and column only", () =>
    Effect.gen(function* () {
      const index = yield* BlindIndex
      yield* index.put({ ...place, row: "1", subject: "person_x" }, "Ada@Example.com")
      yield* index.put({ ...place, row: "2" }, "ada@example.com")
      yield* index.put({ ...place, row: "3" }, "grace@example.com")
      expect(yield* index.find(place, " ADA@example.COM")).toEqual(["1", "2"])
      expect(yield* index.find({ ...place, column: "other" }, "ada@example.com")).toEqual([])
      expect(yield* index.find({ ...place, organisation: OTHER }, "ada@example.com")).toEqual([])
      yield* index.put({ ...place, row: "2" }, "changed@example.com")
      expect(yield* index.find(place, "ada@example.com")).toEqual(["1"])
      yield* index.remove({ ...place, row: "1" })
      expect(yield* index.find(place, "ada@example.com")).toEqual([])
      expect(yield* index.candidates(place, "a@b.example")).toEqual([yield* index.token(place, "a@b.example")])
      expect(yield* Effect.flip(index.find(place, "nobody"))).toMatchObject({ reason: "not-an-email" })
    }).pipe(Effect.provide(services()))
  )

  it.effect("keeps neither the value nor a hash that could be guessed", () =>
    Effect.gen(function* () {
      const index = yield* BlindIndex
      yield* index.put({ ...place, row: "1" }, "ada@example.com")
      const { sql } = yield* Database
      const rows = JSON.stringify(yield* sql`SELECT * FROM vault_blind_index`)
      const plain = createHmac("sha256", "").update("ada@example.com").digest("base64url")
      expect(rows).not.toContain("ada")
      expect(rows).not.toContain(plain)
    }).pipe(Effect.provide(services()))
  )
})
