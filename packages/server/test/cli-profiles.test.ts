// The stored sign-ins: private, whole or not at all, and never sent to another server.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect, Exit, Option } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { connection, serverUrl } from "../src/cli/connection.ts"
import { CliFailure } from "../src/cli/failure.ts"
import { ProfileName, Url } from "../src/cli/global-flags.ts"
import { type Profile, profilesPath, readProfiles, writeProfiles } from "../src/cli/profile-store.ts"

let home: string
let path: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "fluxcybers-profiles-"))
  path = profilesPath({ XDG_CONFIG_HOME: home })
  process.env["XDG_CONFIG_HOME"] = home
})

afterEach(() => {
  delete process.env["XDG_CONFIG_HOME"]
  rmSync(home, { recursive: true, force: true })
})

const ada: Profile = { url: "https://flux.example.com", token: "fcb_canary", name: "Ada" }
const write = (profiles: Record<string, Profile>) => Effect.runSync(writeProfiles(path, profiles))
const read = () => Effect.runSync(readProfiles(path))
const failure = <A>(effect: Effect.Effect<A, CliFailure>): CliFailure => Effect.runSync(Effect.flip(effect))
const mode = (of: string) => statSync(of).mode & 0o777

const connect = (flags: { readonly url?: string; readonly profile?: string } = {}) =>
  connection.pipe(
    Effect.provideService(Url, Option.fromUndefinedOr(flags.url)),
    Effect.provideService(ProfileName, Option.fromUndefinedOr(flags.profile)),
    Effect.runSyncExit
  )

const refusal = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) throw new Error("it was not refused")
  return String(exit.cause)
}

describe("the profile file", () => {
  it("is made in a folder with mode 0700, with mode 0600, whatever the umask", () => {
    const before = process.umask(0)
    try {
      write({ default: ada })
    } finally {
      process.umask(before)
    }
    expect(mode(dirname(path))).toBe(0o700)
    expect(mode(path)).toBe(0o600)
    expect(read()).toEqual({ default: ada })
  })

  it.each([0o640, 0o604, 0o660, 0o644])("with mode %o is refused, and its tokens are not used", (wide) => {
    write({ default: ada })
    chmodSync(path, wide)
    const refused = failure(readProfiles(path))
    expect(refused.detail).toContain(`chmod 600 ${path}`)
    expect(refused.detail).not.toContain("canary")
  })

  it("that is no profile file is refused without being changed", () => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '{"v":1,"profiles":{"default":{"url":1}}}', { mode: 0o600 })
    expect(failure(readProfiles(path)).detail).toContain("not a file that fluxcybers wrote")
    expect(readFileSync(path, "utf8")).toContain('"url":1')
  })

  it("is replaced as a whole, and leaves nothing beside it", () => {
    write({ default: ada })
    write({ work: { ...ada, name: "Grace" } })
    expect(Object.keys(read())).toEqual(["work"])
    expect(readdirSync(dirname(path))).toEqual(["profiles.json"])
  })

  it("does not follow a link that somebody put in the way of the new file", () => {
    write({ default: ada })
    const elsewhere = join(home, "elsewhere")
    writeFileSync(elsewhere, "mine")
    symlinkSync(elsewhere, `${path}.${process.pid}.tmp`)
    write({ default: { ...ada, name: "Grace" } })
    expect(readFileSync(elsewhere, "utf8")).toBe("mine")
    expect(read()["default"]?.name).toBe("Grace")
  })

  it("that is not there means that nobody has signed in", () => {
    expect(read()).toEqual({})
    expect(refusal(connect())).toContain("You are not signed in")
  })

  it("that cannot be written says so", () => {
    writeFileSync(join(home, "fluxcybers"), "a file where the folder should be")
    expect(failure(writeProfiles(path, { default: ada })).detail).toContain("Nothing was changed")
  })
})

describe("the connection", () => {
  it("is the default profile's", () => {
    write({ default: ada })
    const exit = connect()
    expect(Exit.isSuccess(exit) && exit.value.url).toBe(ada.url)
  })

  it("never sends a profile's token to another server", () => {
    write({ default: ada })
    expect(refusal(connect({ url: "https://evil.example.com" }))).toContain("Nothing was sent")
    expect(refusal(connect({ url: "https://evil.example.com" }))).not.toContain("canary")
  })

  it("a profile that is not there is not signed in, also when it is called like a property of every object", () => {
    write({ default: ada })
    expect(refusal(connect({ profile: "other" }))).toContain("not signed in (profile other)")
    expect(refusal(connect({ profile: "constructor" }))).toContain("not signed in (profile constructor)")
  })

  it.each([
    "http://flux.example.com",
    "http://10.0.0.5:4680",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com"
  ])("refuses %s, where the token would travel in the clear", (url) => {
    expect(failure(serverUrl(url)).detail).toContain("not encrypted")
  })

  it.each([
    ["http://127.0.0.1:4680/", "http://127.0.0.1:4680"],
    ["http://localhost:4680", "http://localhost:4680"],
    ["http://[::1]:4680", "http://[::1]:4680"],
    ["https://flux.example.com/base/", "https://flux.example.com/base"]
  ])("takes %s", (url, base) => {
    expect(Effect.runSync(serverUrl(url))).toBe(base)
  })

  it.each(["flux.example.com", "ftp://flux.example.com", "https://user:pw@flux.example.com", ""])(
    "%j is no server",
    (url) => {
      expect(failure(serverUrl(url)).exit).toBe("usage")
    }
  )
})
