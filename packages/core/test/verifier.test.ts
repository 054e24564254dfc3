// The verifier that depends on nothing of ours, against exported logs that somebody worked on.
import { execFile } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { signCheckpoint } from "../src/audit/checkpoint.ts"
import { logPaths, parseTilePath, writeEntryBundle } from "../src/audit/tiles.ts"
import { EMPTY_EDGE, edgeRoot, extend, TILE_WIDTH } from "../src/audit/tree-edge.ts"
import { leafHash } from "../src/audit/tree-hash.ts"
import { canonicalJson, ephemeralSigningKey } from "../src/index.ts"
import { type BundleOptions, NotVerifiable, verifyBundle } from "../src/verifier/index.ts"

const signer = ephemeralSigningKey("log.test/fluxcybers")
const SIZE = 256 * 256 + 300
const leaves = Array.from({ length: SIZE }, (_, index) =>
  Buffer.from(canonicalJson({ v: 1, object: `thing-${index}` }))
)
const folder = mkdtempSync(join(tmpdir(), "fluxcybers-verifier-"))
const pristine = join(folder, "pristine")

const checkpointOf = (of: ReadonlyArray<Uint8Array>, key = signer) =>
  signCheckpoint({ size: of.length, root: edgeRoot(extend(EMPTY_EDGE, of.map(leafHash)).edge) }, key)

const put = (directory: string, path: string, bytes: Uint8Array | string) => {
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), bytes)
}

/** The log as files, written by the code that serves it. */
const writeBundle = (directory: string, of: ReadonlyArray<Uint8Array>) => {
  const { edge, tiles } = extend(EMPTY_EDGE, of.map(leafHash))
  const byPlace = new Map([...edge.partial, ...tiles].map((tile) => [`${tile.level}/${tile.index}`, tile.hashes]))
  for (const path of logPaths(of.length)) {
    const { level, index, width } = parseTilePath(path)!
    const begin = index * TILE_WIDTH
    const bytes =
      level === "entries" ? writeEntryBundle(of.slice(begin, begin + width)) : byPlace.get(`${level}/${index}`)!
    put(directory, path, bytes)
  }
  put(directory, "checkpoint", checkpointOf(of))
}

beforeAll(() => writeBundle(pristine, leaves))
afterAll(() => rmSync(folder, { recursive: true }))

let copies = 0
/** A copy that somebody worked on. */
const copy = (change: (directory: string) => void): string => {
  const directory = join(folder, `copy-${copies++}`)
  cpSync(pristine, directory, { recursive: true })
  change(directory)
  return directory
}

const problemsOf = async (directory: string, more: Partial<BundleOptions> = {}) => {
  const { problems } = await verifyBundle({ directory, key: signer.verifier.text, ...more })
  return problems.map(({ kind, index }) => `${kind} ${index}`)
}

/** Rewrites the first bundle, whose entries are numbered 0 to 255. */
const rewriteFirst = (change: (entries: Array<Uint8Array>) => void) => (directory: string) => {
  const entries: Array<Uint8Array> = leaves.slice(0, TILE_WIDTH)
  change(entries)
  put(directory, "tile/entries/000", writeEntryBundle(entries))
}
const remove =
  (...paths: ReadonlyArray<string>) =>
  (directory: string) => {
    for (const path of paths) rmSync(join(directory, path))
  }

describe("an exported log", () => {
  it("that nobody touched verifies, and says how far it is", async () => {
    const steps: Array<number> = []
    const onProgress = (entries: number) => void steps.push(entries)
    const report = await verifyBundle({ directory: pristine, key: signer.verifier.text, onProgress })
    expect(report).toMatchObject({ origin: signer.name, size: SIZE, problems: [], problemsOmitted: 0 })
    expect(steps.at(-1)).toBe(SIZE)
  })

  it("of no entries verifies", async () => {
    put(join(folder, "empty"), "checkpoint", checkpointOf([]))
    expect(await problemsOf(join(folder, "empty"))).toEqual([])
  })

  const changed = Buffer.from(canonicalJson({ v: 1, object: "other" }))
  it.each<[string, (directory: string) => void, ReadonlyArray<string>]>([
    ["a changed entry is invalid", rewriteFirst((entries) => entries.splice(7, 1, changed)), ["invalid-entry 7"]],
    [
      "two entries that changed places are moved",
      rewriteFirst((e) => e.splice(3, 2, e[4]!, e[3]!)),
      ["moved 3", "moved 4"]
    ],
    ["a removed bundle is missing", remove("tile/entries/001"), ["missing-entry 256"]],
    [
      "a bundle removed with its tile is a gap",
      remove("tile/entries/001", "tile/0/001"),
      ["gap 256", "wrong-root 65836"]
    ],
    ["a removed tail is truncated", remove("tile/entries/257.p/44"), ["truncated 65792"]],
    [
      "a changed tile is invalid",
      (d) => put(d, "tile/0/000", Buffer.alloc(8_192)),
      Array.from({ length: 256 }, (_, i) => `invalid-tile ${i}`)
    ],
    ["a removed tile above the leaves is invalid", remove("tile/1/000"), ["invalid-tile 0"]],
    [
      "a changed tile above the leaves is invalid",
      (d) => put(d, "tile/2/000.p/1", Buffer.alloc(32)),
      ["invalid-tile 0"]
    ]
  ])("%s", async (_, change, expected) => {
    expect(await problemsOf(copy(change))).toEqual(expected)
  })

  it("that was signed for other entries has a wrong root", async () => {
    const other = copy((directory) => put(directory, "checkpoint", checkpointOf([...leaves.slice(0, -1), changed])))
    expect(await problemsOf(other)).toEqual([`wrong-root ${SIZE}`])
  })

  it("that another key signed is not the log's", async () => {
    const other = copy((d) => put(d, "checkpoint", checkpointOf(leaves, ephemeralSigningKey(signer.name))))
    expect(await problemsOf(other)).toEqual(["bad-signature 0"])
  })

  it("lacks what was purged, and nothing else: the log says up to where, behind everything that went", async () => {
    const purge = (end: number) => Buffer.from(canonicalJson({ v: 1, action: "audit-log.purged", facts: { end } }))
    const purged = (end: number, gone: number) => {
      const directory = join(folder, `purged-${end}-${gone}`)
      writeBundle(directory, [...leaves.slice(0, 600), purge(end), ...leaves.slice(601, 900)])
      for (let tile = 0; tile < gone; tile++) rmSync(join(directory, `tile/entries/00${tile}`))
      return problemsOf(directory)
    }
    expect(await purged(512, 2)).toEqual([])
    expect(await purged(256, 2)).toEqual(["missing-entry 256"])
    expect(await purged(768, 1)).toEqual(["missing-entry 0"])
  })

  it("that is not canonical JSON is invalid, although it was signed", async () => {
    const directory = join(folder, "not-canonical")
    writeBundle(directory, [leaves[0]!, Buffer.from('{"v": 1}'), Buffer.from([0xff])])
    expect(await problemsOf(directory)).toEqual(["invalid-entry 1", "invalid-entry 2"])
  })

  it("is held against checkpoints that were seen before: cut, forked, or the same", async () => {
    const rewritten = [...leaves.slice(0, 99), changed, ...leaves.slice(100)]
    expect(await problemsOf(pristine, { seen: [checkpointOf(leaves.slice(0, 100)), checkpointOf([])] })).toEqual([])
    expect(await problemsOf(pristine, { seen: [checkpointOf(rewritten.slice(0, 100))] })).toEqual(["fork 100"])
    expect(await problemsOf(pristine, { seen: [checkpointOf([...leaves, changed])] })).toEqual([`truncated ${SIZE}`])
  })

  it("is not verified without a checkpoint, or with a key that is none", async () => {
    await expect(verifyBundle({ directory: folder, key: signer.verifier.text })).rejects.toThrow(NotVerifiable)
    await expect(verifyBundle({ directory: pristine, key: `${signer.verifier.text}x` })).rejects.toThrow(NotVerifiable)
  })
})

describe("the verifier as a program", () => {
  const source = join(import.meta.dirname, "../src/verifier")
  const alone = join(folder, "alone")
  const run = async (...args: ReadonlyArray<string>) => {
    if (!existsSync(alone)) cpSync(source, alone, { recursive: true })
    const ended = promisify(execFile)(process.execPath, [join(alone, "index.ts"), ...args], { cwd: alone })
    return ended.then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout })
    )
  }

  it("depends on nothing but Node.js and its own files", () => {
    const imported = readdirSync(source).flatMap((file) =>
      [...readFileSync(join(source, file), "utf8").matchAll(/from "([^"]+)"/g)].map(([, name]) => name!)
    )
    expect(imported.filter((name) => !isBuiltin(name) && !/^\.\/[a-z-]+\.ts$/.test(name))).toEqual([])
  })

  it("runs far from the package: 0 when all is well, 1 with what is wrong, 2 when nothing was verified", async () => {
    const key = ["--key", signer.verifier.text]
    expect(await run(pristine, ...key)).toMatchObject({ code: 0, stdout: expect.stringContaining(`Entries  ${SIZE}`) })
    const damaged = await run(copy(remove("tile/entries/001")), ...key, "--json")
    expect(damaged.code).toBe(1)
    expect(JSON.parse(damaged.stdout)).toMatchObject({ size: SIZE, problems: [{ kind: "missing-entry", index: 256 }] })
    expect((await run(folder, ...key)).code).toBe(2)
    expect((await run("--nonsense")).code).toBe(2)
  })
})
