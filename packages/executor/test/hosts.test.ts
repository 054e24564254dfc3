import fc from "fast-check"
import { describe, expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { beyondNeeds, hostPlace, hostText, type PlanDraft, SDK_VERSION } from "../src/index.ts"
import { isInRange } from "../src/sdk-version.ts"

describe("a host in a plan", () => {
  it.each([
    ["api.example.com:443", { host: "api.example.com", port: 443 }],
    ["[::1]:80", { host: "::1", port: 80 }],
    ["unix:/run/docker.sock", { path: "/run/docker.sock" }]
  ])("%s is read and written", (text, place) => {
    expect(hostPlace(text)).toEqual(place)
    expect(hostText(place)).toBe(text)
  })

  it.each([
    "",
    "example.com",
    "example.com:0",
    "example.com:65536",
    "a b:1",
    "unix:run",
    "unix:/a b",
    ":80",
    "-a:1",
    `${"a".repeat(300)}:1`
  ])("%j is none", (text) => expect(hostPlace(text)).toBeUndefined())
})

describe("needs", () => {
  const draft: PlanDraft = {
    command: { _tag: "Argv", argv: ["x"] },
    sentence: "x",
    hosts: ["a.test:1"],
    secrets: ["acme/one"]
  }
  it("let through what fits their patterns and name the first thing beyond them", () => {
    expect(beyondNeeds({ hosts: ["*.test:1"], secrets: ["acme/*"] }, draft)).toBeUndefined()
    expect(beyondNeeds({ hosts: ["*.test:2"], secrets: ["acme/*"] }, draft)).toBe(
      "It would connect to a.test:1, but the executor declares only *.test:2."
    )
    expect(beyondNeeds({ hosts: ["a.test:1"] }, draft)).toBe(
      'It would read the secret "acme/one", but the executor declares no secret.'
    )
  })
})

describe("a version of the SDK", () => {
  it("is that of the package", () => {
    expect(SDK_VERSION).toBe(manifest.version)
  })

  it.each([
    ["1.2.3", "^1.2.0", true],
    ["2.0.0", "^1.2.0", false],
    ["1.1.9", "^1.2.0", false],
    ["0.1.5", "^0.1.2", true],
    ["0.2.0", "^0.1.2", false],
    ["0.0.3", "^0.0.3", true],
    ["0.0.4", "^0.0.3", false],
    ["0.0.0", "^0.0.0", true],
    ["0.0.1", "^0.0.0", false],
    ["1.2.9", "~1.2.3", true],
    ["1.3.0", "~1.2.3", false],
    ["1.2.3", "1.2.3", true],
    ["1.2.4", "1.2.3", false],
    ["2.1.0", "^1.0.0 || ^2.0.0", true],
    ["1.0.0", "latest", undefined],
    ["1.0.0", "", undefined]
  ])("%s in %j: %s", (version, range, expected) => {
    expect(isInRange(version, range)).toBe(expected)
  })

  it("is in its own caret range", () => {
    const number = fc.nat(99)
    fc.assert(
      fc.property(number, number, number, (major, minor, patch) => {
        const version = `${major}.${minor}.${patch}`
        expect(isInRange(version, `^${version}`)).toBe(true)
      })
    )
  })
})
