import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
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
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { createKeyFile, RootKey, rootKeyFileLayer } from "../src/index.ts"
import { loadRootKeyFile } from "../src/keys/root-key-file.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-key-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const freshKeyFile = Effect.gen(function* () {
  const path = join(yield* folder, "root.key")
  yield* createKeyFile(path)
  return path
})

const refusal = (path: string) => Effect.flip(loadRootKeyFile({ path }))

describe("creating a key file", () => {
  it.effect("makes 32 random bytes that only the owner can read, whatever the umask", () =>
    Effect.gen(function* () {
      const before = process.umask(0o277)
      const path = yield* Effect.ensuring(
        freshKeyFile,
        Effect.sync(() => process.umask(before))
      )
      expect(statSync(path).mode & 0o7777).toBe(0o600)
      expect(readFileSync(path)).toHaveLength(32)
      expect(readdirSync(join(path, ".."))).toEqual(["root.key"])
    })
  )

  it.effect("never overwrites, also not a link that leads nowhere, and leaves nothing else behind", () =>
    Effect.gen(function* () {
      const path = yield* freshKeyFile
      const key = readFileSync(path)
      expect(yield* Effect.flip(createKeyFile(path))).toMatchObject({ reason: "exists" })
      const link = join(path, "../link.key")
      symlinkSync(join(path, "../elsewhere"), link)
      expect(yield* Effect.flip(createKeyFile(link))).toMatchObject({ reason: "exists" })
      expect(readFileSync(path)).toEqual(key)
      expect(readdirSync(join(path, "..")).sort()).toEqual(["link.key", "root.key"])
    })
  )

  it.effect("says what is wrong when the folder is missing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(createKeyFile(join(yield* folder, "nowhere/root.key")))
      expect(error).toMatchObject({ reason: "missing" })
    })
  )
})

describe("reading the root key", () => {
  it.effect("gives the same key each time, and prints nothing of it", () =>
    Effect.gen(function* () {
      const path = yield* freshKeyFile
      const [first, second] = [yield* loadRootKeyFile({ path }), yield* loadRootKeyFile({ path })]
      expect(first.id).toBe(second.id)
      expect(readFileSync(path).toString("hex")).not.toContain(first.id)
    })
  )

  it.effect("a missing file is an error, unless it is to be made", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "root.key")
      expect(yield* refusal(path)).toMatchObject({ reason: "missing" })
      expect(existsSync(path)).toBe(false)
      const made = yield* loadRootKeyFile({ path, createIfMissing: true })
      expect((yield* loadRootKeyFile({ path, createIfMissing: true })).id).toBe(made.id)
    })
  )

  it.effect("processes that start for the first time at once use one key", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "root.key")
      const load = loadRootKeyFile({ path, createIfMissing: true })
      const keys = yield* Effect.all(
        Array.from({ length: 8 }, () => load),
        { concurrency: "unbounded" }
      )
      expect(new Set(keys.map((key) => key.id)).size).toBe(1)
    })
  )

  it.effect.each([0o400, 0o640, 0o604, 0o644, 0o666, 0o700, 0o4600])(
    "mode %o is refused, with the command that repairs it",
    (mode) =>
      Effect.gen(function* () {
        const path = yield* freshKeyFile
        chmodSync(path, mode)
        const error = yield* refusal(path)
        expect(error.reason).toBe("mode")
        expect(error.message).toContain(`Run: chmod 600 ${path}`)
      })
  )

  it.effect("a file of another user is refused", () =>
    Effect.gen(function* () {
      const own = yield* freshKeyFile
      const isRoot = process.geteuid?.() === 0
      if (isRoot) chownSync(own, 65_534, 65_534)
      const error = yield* refusal(isRoot ? own : "/etc/passwd")
      expect(error.reason).toBe("owner")
      expect(error.message).toContain("Run: chown")
    })
  )

  it.effect("a symbolic link is refused, even to a good key", () =>
    Effect.gen(function* () {
      const path = yield* freshKeyFile
      const link = `${path}.link`
      symlinkSync(path, link)
      expect(yield* refusal(link)).toMatchObject({ reason: "symlink" })
    })
  )

  it.effect("a folder is refused", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "folder")
      mkdirSync(path)
      expect(yield* refusal(path)).toMatchObject({ reason: "not-a-file" })
    })
  )

  it.effect.each([
    [Buffer.alloc(0), "length", "has 0 bytes instead of 32"],
    [Buffer.alloc(31, "k"), "length", "has 31 bytes instead of 32"],
    [Buffer.from("ab".repeat(32)), "length", "written as hexadecimal: decode it first"],
    [Buffer.from(`${Buffer.alloc(32, 7).toString("base64")}\n`), "length", "written as base64: decode it first"],
    [Buffer.alloc(32), "blank", "holds one byte 32 times"]
  ] as const)("content that is no key is refused: %#", ([content, reason, advice]) =>
    Effect.gen(function* () {
      const path = join(yield* folder, "root.key")
      writeFileSync(path, content, { mode: 0o600 })
      const error = yield* refusal(path)
      expect(error.reason).toBe(reason)
      expect(error.message).toContain(advice)
      if (content.length > 0) expect(error.message).not.toContain(content.toString("latin1"))
    })
  )

  it.effect("a wrapped key opens under its own name only", () =>
    Effect.gen(function* () {
      const path = yield* freshKeyFile
      const name = { id: (yield* loadRootKeyFile({ path })).id, version: 1, scope: { kind: "system" } } as const
      const [wrapped, other] = yield* Effect.gen(function* () {
        const root = yield* RootKey
        const wrapped = yield* root.wrap(name, Buffer.alloc(32, "k"))
        expect(yield* root.unwrap(name, wrapped)).toEqual(Buffer.alloc(32, "k"))
        return [wrapped, yield* Effect.flip(root.unwrap({ ...name, version: 2 }, wrapped))] as const
      }).pipe(Effect.provide(rootKeyFileLayer({ path })))
      expect(other).toMatchObject({ reason: "altered" })
      linkSync(path, `${path}.old`)
      rmSync(path)
      yield* createKeyFile(path)
      const error = yield* Effect.flatMap(RootKey, (root) => Effect.flip(root.unwrap(name, wrapped))).pipe(
        Effect.provide(rootKeyFileLayer({ path }))
      )
      expect(error).toMatchObject({ reason: "other-root-key" })
    })
  )
})
