import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { createRootKey, createSealer, openVault, SecretValue, type VaultOptions } from "../src/promise.ts"
import { findIn, shown } from "./canary.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-promise-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const place = { table: "customers", column: "iban", row: "42" }
const VALUE = "DE89 3704 0044 0532 0130 00 ü"

describe("a sealer without a database", () => {
  const fresh = async (name = "root.key") => {
    await createRootKey(join(folder, name))
    return createSealer({ rootKeyFile: join(folder, name) })
  }

  it("seals text and bytes, as text, bytes and segments, and opens all of them at their place only", async () => {
    const sealer = await fresh()
    const bytes = Buffer.from(VALUE)
    const sealed = [
      sealer.seal(place, VALUE),
      sealer.sealBytes(place, bytes),
      Buffer.concat(sealer.sealSegments(place, bytes))
    ]
    for (const each of sealed) {
      expect(sealer.openText(place, each)).toBe(VALUE)
      expect(() => sealer.open({ ...place, row: "43" }, each)).toThrow("did not open")
      expect(() => sealer.open({ ...place, organisation: "org_0000000000000000000000acme" }, each)).toThrow(
        "did not open"
      )
    }
    expect(sealed[0]).toMatch(/^fv1\.[\w-]+$/)
  })

  it("another root key is told, and which one is missing", async () => {
    const [first, second] = [await fresh("a.key"), await fresh("b.key")]
    const sealed = first.seal(place, VALUE)
    expect(() => second.open(place, sealed)).toThrow(/wrapped by|root key [0-9a-f]{24}/)
    expect(
      await createSealer({ rootKeyFile: join(folder, "a.key") }).then((again) => again.openText(place, sealed))
    ).toBe(VALUE)
  })

  it("what is no sealed value is refused: plaintext is never passed through", async () => {
    const sealer = await fresh()
    for (const other of ["", VALUE, "fv1.", "fv1.AAAA", `${sealer.seal(place, VALUE)}=`]) {
      expect(() => sealer.open(place, other)).toThrow(expect.objectContaining({ _tag: "MalformedBlob" }))
    }
    const unknownSuite = sealer.sealBytes(place, VALUE)
    unknownSuite[0] = 9
    expect(() => sealer.open(place, unknownSuite)).toThrow(expect.objectContaining({ reason: "suite" }))
  })

  it("a key file is never overwritten, and one that others may read is refused with what to do", async () => {
    const path = join(folder, "root.key")
    await createRootKey(path)
    const key = readFileSync(path)
    await expect(createRootKey(path)).rejects.toMatchObject({ _tag: "KeyFileError", reason: "exists" })
    chmodSync(path, 0o644)
    await expect(createSealer({ rootKeyFile: path })).rejects.toThrow(`Run: chmod 600 ${path}`)
    await expect(createSealer({ rootKeyFile: join(folder, "none") })).rejects.toMatchObject({ reason: "missing" })
    expect(readFileSync(path)).toEqual(key)
  })
})

describe.each(databases)("a vault of promises on $name", ({ fresh }) => {
  const withVault = (work: (options: VaultOptions) => Promise<void>) =>
    Effect.runPromise(
      Effect.scoped(Effect.flatMap(fresh, (location) => Effect.promise(() => work({ ...location, ...keyFiles() }))))
    )
  const keyFiles = () => ({ rootKeyFile: join(folder, "root.key"), createIfMissing: true })

  it("keeps secrets and fields, and finds them again after a restart", () =>
    withVault(async (options) => {
      const vault = await openVault(options)
      const subject = { ...place, subject: "person_x" }
      const sealed = await vault.seal(subject, VALUE)
      await vault.secrets.put({ name: "db/password", value: VALUE })
      await vault.secrets.rotate({
        name: "db/password",
        value: Buffer.from("second"),
        expiresAt: "2999-01-01T00:00:00Z"
      })
      await vault.close()
      const again = await openVault({ ...options, createIfMissing: false })
      expect(await again.openText(subject, sealed)).toBe(VALUE)
      await expect(again.open(place, sealed)).rejects.toMatchObject({ reason: "cannot-open" })
      await expect(again.open(place, "plain")).rejects.toMatchObject({ reason: "cannot-open" })
      const reading = { name: "db/password", purpose: "a test" }
      expect((await again.secrets.reveal(reading)).text()).toBe("second")
      expect((await again.secrets.reveal({ ...reading, version: 1 })).text()).toBe(VALUE)
      expect(await again.secrets.current(reading)).toMatchObject({ version: 2, expiresAt: "2999-01-01T00:00:00.000Z" })
      await again.secrets.destroy(reading)
      expect(await again.secrets.list()).toEqual([])
      await again[Symbol.asyncDispose]()
    }))

  it("rejects with errors that say what to do and carry no value", () =>
    withVault(async (options) => {
      await using vault = await openVault(options)
      const put = { name: "a", value: VALUE, actor: { person: "person_0000000000000000000000000a" } }
      await vault.secrets.put(put)
      const refused = [
        vault.secrets.put(put),
        vault.secrets.put({ ...put, name: VALUE }),
        vault.secrets.put({ ...put, actor: { person: "nobody" } }),
        vault.secrets.put({ ...put, organisation: "acme" }),
        vault.secrets.reveal({ name: "b", purpose: "a test" }),
        vault.secrets.reveal({ name: "a", purpose: "" })
      ]
      for (const error of await Promise.allSettled(refused)) {
        expect(error.status).toBe("rejected")
        expect(findIn({ error: shown("reason" in error && error.reason) }, [VALUE])).toEqual([])
      }
    }))

  it("a lost key file of a vault in use is not replaced by a new one", () =>
    withVault(async (options) => {
      await (await openVault(options)).close()
      rmSync(join(folder, "root.key"))
      await expect(openVault(options)).rejects.toMatchObject({ _tag: "KeyFileError", reason: "missing" })
      await createRootKey(join(folder, "root.key"))
      await expect(openVault(options)).rejects.toMatchObject({ _tag: "WrongRootKey" })
    }))
})

describe("a revealed value", () => {
  it("shows itself only where it is asked to", () => {
    const value = new SecretValue(1, Buffer.from(VALUE))
    expect(findIn({ value: shown({ nested: [value] }), text: Buffer.from(`${value}`) }, [VALUE])).toEqual([])
    expect([value.text(), Buffer.from(value.bytes()).toString()]).toEqual([VALUE, VALUE])
    value.wipe()
    expect(value.text()).toBe("\0".repeat(Buffer.byteLength(VALUE)))
  })
})
