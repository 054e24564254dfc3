import { describe, expect, it } from "vitest"
import { gpcSupportBody, hasGpcSignal, InvalidGpcDate, varyOnGpc } from "../src/index.ts"

describe("Sec-GPC", () => {
  it.each(["1", " 1 ", ["1"], ["0", "1"], "0, 1"])("is the signal when one field is 1: %j", (header) => {
    expect(hasGpcSignal(header)).toBe(true)
  })
  it.each([undefined, null, "", [], "0", "true", "11", "1;a=b", '"1"', "01", "1.0"])(
    "MUST be ignored with any other value: %j",
    (header) => {
      expect(hasGpcSignal(header)).toBe(false)
    }
  )
})

describe("Vary", () => {
  it.each([
    [undefined, "Sec-GPC"],
    ["", "Sec-GPC"],
    ["Accept", "Accept, Sec-GPC"],
    ["accept, sec-gpc", "accept, sec-gpc"],
    [["Accept", "Origin"], "Accept, Origin, Sec-GPC"],
    ["*", "*"]
  ])("%j becomes %s", (vary, expected) => {
    expect(varyOnGpc(vary)).toBe(expected)
  })
})

describe("/.well-known/gpc.json", () => {
  it.each(["2024-02-29", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00.5+02:00"])("accepts %s", (lastUpdate) => {
    expect(JSON.parse(gpcSupportBody({ gpc: true, lastUpdate }))).toEqual({ gpc: true, lastUpdate })
  })
  it.each(["", "2025-02-29", "2026-02-30", "2026-13-01", "31.01.2026", "2026-01-31T10:00:00", "2026-01-31T24:00:00Z"])(
    "refuses %j",
    (lastUpdate) => {
      expect(() => gpcSupportBody({ gpc: true, lastUpdate })).toThrow(InvalidGpcDate)
    }
  )
})
