import { describe, expect, it } from "vitest"
import { ExpiringCache } from "../src/keys/expiring-cache.ts"

describe("the cache of unwrapped keys", () => {
  it("keeps at most its number of entries and drops what was not used for longest", () => {
    const cache = new ExpiringCache<string, number>({ entriesMax: 2, ttlMs: 10 })
    cache.set("a", 1, 0)
    cache.set("b", 2, 0)
    expect(cache.get("a", 1)).toBe(1)
    cache.set("c", 3, 1)
    expect([cache.get("a", 1), cache.get("b", 1), cache.get("c", 1)]).toEqual([1, undefined, 3])
  })

  it("replacing an entry pushes no other one out", () => {
    const cache = new ExpiringCache<string, number>({ entriesMax: 2, ttlMs: 10 })
    for (const [key, value] of [
      ["a", 1],
      ["b", 2],
      ["b", 3]
    ] as const)
      cache.set(key, value, 0)
    expect([cache.get("a", 0), cache.get("b", 0)]).toEqual([1, 3])
  })

  it("forgets an entry when its time is over, however often it was used", () => {
    const cache = new ExpiringCache<string, number>({ entriesMax: 2, ttlMs: 10 })
    cache.set("a", 1, 0)
    expect([cache.get("a", 5), cache.get("a", 9), cache.get("a", 10), cache.get("a", 9)]).toEqual([
      1,
      1,
      undefined,
      undefined
    ])
  })
})
