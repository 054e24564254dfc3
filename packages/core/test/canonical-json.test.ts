import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { canonicalJson, NotCanonical } from "../src/index.ts"

const refusal = (value: unknown) => {
  try {
    return canonicalJson(value)
  } catch (error) {
    if (!(error instanceof NotCanonical)) throw error
    return `${error.reason} at ${error.pointer}`
  }
}

describe("RFC 8785", () => {
  it("MUST serialise the example of §3.2.2", () => {
    const value = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`)
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
    )
  })

  it("MUST sort names by UTF-16 code units, as in §3.2.3", () => {
    const names = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"]
    const written = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])))
    expect([...written.matchAll(/"((?:[^"\\]|\\.)*)":0/g)].map(([, name]) => JSON.parse(`"${name}"`))).toEqual([
      "\r",
      "1",
      "\u0080",
      "\u00f6",
      "\u20ac",
      "\ud83d\ude00",
      "\ufb33"
    ])
  })

  it("MUST sort names that look like numbers as text", () => {
    expect(canonicalJson({ 10: 0, 9: 0, 1: 0 })).toBe('{"1":0,"10":0,"9":0}')
  })

  it.each([
    [-0, "0"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [9007199254740992, "9007199254740992"],
    [295147905179352830000, "295147905179352830000"],
    [999999999999999900000, "999999999999999900000"],
    [1e21, "1e+21"],
    [0.000001, "0.000001"],
    [9.999999999999997e-7, "9.999999999999997e-7"]
  ])("MUST write the number of appendix B %d", (value, written) => {
    expect(canonicalJson(value)).toBe(written)
  })
})

describe("canonical JSON", () => {
  it("means the same value, and is one text whatever the order of the names", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written = canonicalJson(value)
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(written))).toBe(written)
        expect(canonicalJson(reversed(value))).toBe(written)
      })
    )
  })

  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])
  const sparse: Array<number> = []
  sparse.length = 1

  it.each<[string, unknown, string]>([
    ["undefined", { a: undefined }, "not-json at /a"],
    ["NaN", [1, Number.NaN], "not-finite at /1"],
    ["infinity", Number.POSITIVE_INFINITY, "not-finite at "],
    ["a big integer", { "a/b": { "~": 1n } }, "not-json at /a~1b/~0"],
    ["a date", [new Date(0)], "not-json at /0"],
    ["a map", new Map(), "not-json at "],
    ["bytes", { bytes: new Uint8Array(2) }, "not-json at /bytes"],
    ["a function", [() => 1], "not-json at /0"],
    ["a symbol as a name", { [Symbol("x")]: 1 }, "not-json at "],
    ["a hole", sparse, "not-json at /0"],
    ["a lone surrogate", ["\ud800"], "lone-surrogate at /0"],
    ["a lone surrogate in a name", { a: { "\udc00": 1 } }, "lone-surrogate at /a"],
    ["65 levels", deep(65), `too-deep at ${"/0".repeat(64)}`]
  ])("does not exist for %s", (_, value, expected) => {
    expect(refusal(value)).toBe(expected)
  })

  it("exists for 64 levels, and for objects without a prototype", () => {
    expect(canonicalJson(deep(64))).toBe(`${"[".repeat(64)}1${"]".repeat(64)}`)
    expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: 2 }))).toBe('{"a":2,"b":1}')
  })
})

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)])
  )
}
