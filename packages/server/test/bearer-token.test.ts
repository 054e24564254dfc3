import { Redacted } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isTokenText, newTokenText, tokenHash } from "../src/data/bearer-token.ts"

describe("the text of a bearer token", () => {
  it("is a prefix, 43 characters of secret and six of checksum", () => {
    for (let i = 0; i < 200; i++) {
      const text = Redacted.value(newTokenText("fcb"))
      expect(text).toMatch(/^fcb_[0-9A-Za-z]{49}$/)
      expect(isTokenText("fcb", text)).toBe(true)
    }
  })

  it("is never the same twice", () => {
    const texts = Array.from({ length: 1_000 }, () => Redacted.value(newTokenText("fcb")))
    expect(new Set(texts).size).toBe(1_000)
  })

  it("is recognised as mistyped when any one character is changed, left out or added", () => {
    const text = Redacted.value(newTokenText("fcb"))
    const position = fc.integer({ min: 4, max: text.length - 1 })
    const character = fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    fc.assert(
      fc.property(position, character, (at, other) => {
        const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`
        return changed === text || !isTokenText("fcb", changed)
      })
    )
    expect(isTokenText("fcb", text.slice(0, -1))).toBe(false)
    expect(isTokenText("fcb", `${text}a`)).toBe(false)
    expect(isTokenText("fcb", "")).toBe(false)
  })

  it("cannot be used as an owner link, nor the other way round", () => {
    expect(isTokenText("fcl", Redacted.value(newTokenText("fcb")))).toBe(false)
    expect(isTokenText("fcb", Redacted.value(newTokenText("fcl")))).toBe(false)
  })

  it("prints as redacted, and its stored hash has 32 bytes", () => {
    const token = newTokenText("fcb")
    expect(`${token}${JSON.stringify({ token })}`).not.toContain("fcb_")
    expect(tokenHash(token)).toHaveLength(32)
    expect(tokenHash(token)).toEqual(tokenHash(Redacted.make(Redacted.value(token))))
  })
})
