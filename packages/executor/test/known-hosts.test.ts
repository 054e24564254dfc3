import { createHmac, randomBytes } from "node:crypto"
import { it } from "@effect/vitest"
import { AuditLog } from "@fluxcybers/core"
import { Effect } from "effect"
import fc from "fast-check"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { fitsGlob } from "../src/glob.ts"
import { authorityPin } from "../src/host-pin.ts"
import { importKnownHosts, isFor, knownName, parseKnownHosts, type TargetSettings, Targets } from "../src/index.ts"
import { makeSshKeyPair } from "../src/testing/ssh-server.ts"
import { fingerprintOfText } from "./ssh-servers.ts"
import { ada, gateLayer, makeWorld, organisation, web1 } from "./world.ts"

const [one, two, three] = [makeSshKeyPair(), makeSshKeyPair(), makeSshKeyPair()].map(({ publicKey }) => ({
  key: publicKey.split(" ").slice(0, 2).join(" "),
  fingerprint: fingerprintOfText(publicKey)
})) as [Known, Known, Known]
type Known = { readonly key: string; readonly fingerprint: string }

const hashed = (name: string) => {
  const salt = randomBytes(20)
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`
}

const isKnown = (names: string, host: string, port = 22) => {
  const { hosts } = parseKnownHosts(`${names} ${one.key}`)
  return hosts.some((known) => isFor(known, knownName({ host, port })))
}

describe("a name in known_hosts", () => {
  it.each<[string, string, number, boolean]>([
    ["web-1", "web-1", 22, true],
    ["web-1", "WEB-1", 22, true],
    ["web-1", "web-1", 2222, false],
    ["[web-1]:2222", "web-1", 2222, true],
    ["web-1,10.0.0.5", "10.0.0.5", 22, true],
    ["*.example.com", "a.b.example.com", 22, true],
    ["*.example.com,!bad.example.com", "bad.example.com", 22, false],
    ["!bad.example.com", "good.example.com", 22, false],
    ["10.0.0.?", "10.0.0.55", 22, false],
    ["[*]:2222", "anything", 2222, true],
    [hashed("web-1"), "web-1", 22, true],
    [hashed("web-1"), "web-2", 22, false],
    [hashed("[web-1]:2222"), "web-1", 2222, true]
  ])("%s, for %s port %i: %s", (names, host, port, expected) => {
    expect(isKnown(names, host, port)).toBe(expected)
  })

  it("with wildcards fits as a regular expression would, and never takes long", () => {
    const part = fc.constantFrom("a", "b", "*", "?")
    const words = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""))
    fc.assert(
      fc.property(words, fc.array(fc.constantFrom("a", "b"), { maxLength: 8 }), (pattern, letters) => {
        const source = pattern.replaceAll("*", ".*").replaceAll("?", ".")
        expect(fitsGlob(pattern, letters.join(""))).toBe(new RegExp(`^${source}$`).test(letters.join("")))
      })
    )
    expect(fitsGlob("*a".repeat(200), "a".repeat(10_000).concat("b"))).toBe(false)
  })
})

describe("a line of known_hosts", () => {
  it("is read with its marker, and comments, blank lines and keys of other kinds are no mistakes", () => {
    const text = `# ours\n\n@revoked * ${one.key} why\r\n  web-1\t${two.key}\nold ssh-dss AAAAB3NzaC1kc3M=\n`
    const { hosts, problems } = parseKnownHosts(text)
    expect(problems).toEqual([])
    expect(hosts).toMatchObject([
      { line: 3, marker: "revoked", fingerprint: one.fingerprint },
      { line: 4, marker: undefined, fingerprint: two.fingerprint },
      { line: 5, type: "ssh-dss" }
    ])
  })

  it.each<[string, RegExp]>([
    [`@trusted * ${one.key}`, /marker/],
    ["web-1 ssh-ed25519", /names, type and key/],
    [`web-1 ${one.key.slice(0, -8)}`, /not complete/],
    [`web-1 ecdsa-sha2-nistp256 ${one.key.split(" ")[1]}`, /not of the type/],
    [`|1|AAAA|BBBB ${one.key}`, /hashed name/],
    [`web-1,,web-2 ${one.key}`, /empty/],
    ["web-1 1024 35 123456789", /protocol 1/]
  ])("is refused with its number: %s", (line, problem) => {
    expect(parseKnownHosts(`# first\n${line}\n`).problems).toEqual([
      { line: 2, problem: expect.stringMatching(problem) }
    ])
  })
})

describe.each(databases)("importing known_hosts on $name", (database) => {
  const world = () => gateLayer(makeWorld(), database)
  const prepared = Effect.gen(function* () {
    const targets = yield* Targets
    const add = (name: string, settings: Partial<TargetSettings> = {}) =>
      targets.add({ organisation, actor: ada, settings: { ...web1, name, host: `${name}.example.com`, ...settings } })
    const read = (text: string, isDryRun = false) => importKnownHosts({ organisation, actor: ada, text, isDryRun })
    return { add, read, get: (name: string) => targets.get(organisation, name) }
  })

  it.effect("pins what the file knows, leaves alone what it does not, and a dry run changes nothing", () =>
    Effect.gen(function* () {
      const { add, read, get } = yield* prepared
      const a = yield* add("a")
      yield* add("b", { port: 2222 })
      yield* add("c", { hostKey: three.fingerprint })
      yield* add("d", { host: "elsewhere" })
      yield* add("e", { host: "e.certified.example.net" })
      const text = [
        `${hashed("a.example.com")} ${one.key}`,
        `[b.example.com]:2222 ${two.key}`,
        `c.example.com ${one.key}`,
        `c.example.com ${three.key}`,
        `@cert-authority *.certified.example.net ${two.key}`,
        `@revoked * ${makeSshKeyPair().publicKey}`
      ].join("\n")
      const planned = yield* read(text, true)
      expect(yield* get("a")).toEqual(a)
      expect(planned).toMatchObject({ unchanged: [], unknown: [], isDryRun: true })
      const done = yield* read(text)
      expect(done.changed.map(({ name, after, line }) => [name, after, line])).toEqual([
        ["a", one.fingerprint, 1],
        ["b", two.fingerprint, 2],
        ["c", three.fingerprint, 4],
        ["d", web1.hostKey, 6],
        ["e", authorityPin(two.fingerprint), 5]
      ])
      expect((yield* get("d")).revokedKeys).toHaveLength(1)
      expect(yield* read(text)).toMatchObject({ changed: [], unchanged: ["a", "b", "c", "d", "e"] })
      const [entry] = yield* (yield* AuditLog).list({ organisation, object: a.id, limit: 1 })
      expect(entry?.entry.facts).toMatchObject({ changed: "revoked_keys,host_key", hostKey: one.fingerprint })
    }).pipe(Effect.provide(world()))
  )

  it.effect("changes nothing at a mistake, or when a target would be left with a revoked key", () =>
    Effect.gen(function* () {
      const { add, read, get } = yield* prepared
      const a = yield* add("a")
      const b = yield* add("b", { hostKey: two.fingerprint })
      const known = `a.example.com ${one.key}`
      expect(yield* Effect.flip(read(`${known}\nnonsense\n`))).toMatchObject({
        reason: "invalid",
        message: "Line 2: it does not have names, type and key.\nNothing was changed."
      })
      const revoked = yield* Effect.flip(read(`${known}\n@revoked b.example.com ${two.key}\nb.example.com ${two.key}`))
      expect(revoked).toMatchObject({
        reason: "revoked",
        message: expect.stringMatching(/^Line 2: it revokes the key that "b" pins/)
      })
      expect([yield* get("a"), yield* get("b")]).toEqual([a, b])
      const replaced = yield* read(`@revoked b.example.com ${two.key}\nb.example.com ${one.key}`)
      expect(replaced.changed).toMatchObject([{ name: "b", after: one.fingerprint, revoked: [two.fingerprint] }])
      const targets = yield* Targets
      const back = targets.change({ organisation, actor: ada, target: "b", settings: { hostKey: two.fingerprint } })
      expect(yield* Effect.flip(back)).toMatchObject({ reason: "invalid", detail: expect.stringMatching(/is revoked/) })
    }).pipe(Effect.provide(world()))
  )
})
