import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Redacted, Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { openCheckpoint, signCheckpoint } from "../src/audit/checkpoint.ts"
import { openNote, parseNote, signNote, writeNote } from "../src/audit/note.ts"
import {
  ephemeralSigningKey,
  generateSigningKey,
  parseSigningKey,
  parseVerifierKey,
  signingKeyText
} from "../src/audit/note-key.ts"
import { parseEntryBundle, parseTilePath, writeEntryBundle, writeTilePath } from "../src/audit/tiles.ts"
import { EMPTY_EDGE, edgeRoot, extend } from "../src/audit/tree-edge.ts"
import { leafHash } from "../src/audit/tree-hash.ts"

const LOG = join(import.meta.dirname, "../../../docs/spec/vectors/tlog")
const VERIFIER = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
const read = (path: string) => new Uint8Array(readFileSync(join(LOG, path)))
const text = (path: string) => readFileSync(join(LOG, path), "utf8")
const sizes = Array.from({ length: 15 }, (_, i) => i + 1)

describe("the log of transparency-dev/tessera", () => {
  const verifier = Result.getOrThrow(parseVerifierKey(VERIFIER))

  it.each([0, ...sizes])("has the signed root at size %i that its entries have", (size) => {
    const entries =
      size === 0 ? [] : parseEntryBundle(read(writeTilePath({ level: "entries", index: 0, width: size })))!
    const { edge, tiles } = extend(EMPTY_EDGE, entries.map(leafHash))
    const checkpoint = Result.getOrThrow(openCheckpoint(text(`checkpoint.${size}`), verifier))
    expect(checkpoint).toEqual({
      origin: verifier.name,
      size: BigInt(size),
      root: new Uint8Array(edgeRoot(edge)),
      extensions: []
    })
    expect(tiles.map((tile) => tile.hashes)).toEqual(
      size === 0 ? [] : [read(writeTilePath({ level: 0, index: 0, width: size }))]
    )
    if (size > 0) expect(new Uint8Array(writeEntryBundle(entries))).toEqual(read(`tile/entries/000.p/${size}`))
  })

  it("its notes and keys are written as they were read", () => {
    expect(verifier.text).toBe(VERIFIER)
    expect(writeNote(Result.getOrThrow(parseNote(text("checkpoint"))))).toBe(text("checkpoint"))
  })
})

describe("tile paths", () => {
  it.each([
    ["tile/0/000", { level: 0, index: 0, width: 256 }],
    ["tile/63/x001/x234/067", { level: 63, index: 1_234_067, width: 256 }],
    ["tile/entries/x001/067.p/5", { level: "entries", index: 1_067, width: 5 }]
  ] as const)("%s", (path, tile) => {
    expect(parseTilePath(path)).toEqual(tile)
    expect(writeTilePath(tile)).toBe(path)
  })

  it.each([
    "tile/64/000",
    "tile/00/000",
    "tile/0/0",
    "tile/0/x000/001",
    "tile/0/001/002",
    "tile/0/x001/x002",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/05",
    "tile/0/000/",
    "/tile/0/000",
    "tile/-1/000",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
    "tile/entries/../0/000"
  ])("MUST NOT read %s", (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  it("read what they write, and nothing that they would write in another way", () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        expect(parseTilePath(path)).toBeUndefined()
      })
    )
    const tile = fc.record({
      level: fc.oneof(fc.constant("entries" as const), fc.integer({ min: 0, max: 63 })),
      index: fc.nat({ max: 2 ** 45 }),
      width: fc.integer({ min: 1, max: 256 })
    })
    fc.assert(
      fc.property(tile, (given) => {
        expect(parseTilePath(writeTilePath(given))).toEqual(given)
      })
    )
  })
})

describe("entry bundles", () => {
  it("give back their entries, and nothing when cut short", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
        const bundle = writeEntryBundle(entries)
        expect(parseEntryBundle(bundle)?.map((entry) => new Uint8Array(entry))).toEqual(entries)
        if (entries.length > 0) expect(parseEntryBundle(bundle.subarray(0, -1))?.length).not.toBe(entries.length)
      })
    )
  })

  it("with more than 256 entries are refused", () => {
    expect(parseEntryBundle(writeEntryBundle(Array.from({ length: 257 }, () => new Uint8Array())))).toBeUndefined()
  })
})

describe("signed notes", () => {
  const signer = ephemeralSigningKey("log.test")
  const other = ephemeralSigningKey("log.test")
  const note = signNote("text\n\nmore\n", signer)
  const reason = (attempt: string, keys = [signer.verifier]) =>
    Result.match(openNote(attempt, keys), { onFailure: (error) => error.reason, onSuccess: () => "opened" })

  it("open with a key that signed them, and ignore signatures of unknown keys", () => {
    const both = `${note}${signNote("text\n\nmore\n", other).split("\n\n").at(-1)}`
    expect(Result.getOrThrow(openNote(note, [signer.verifier])).text).toBe("text\n\nmore\n")
    expect(reason(both)).toBe("opened")
    expect(reason(both, [other.verifier])).toBe("opened")
  })

  it("MUST NOT open with a key that did not sign them", () => {
    expect(reason(note, [other.verifier])).toBe("unknown-key")
    expect(reason(note, [])).toBe("unknown-key")
  })

  it("MUST NOT open when a trusted key's signature is false, though another is true", () => {
    const forged = writeNote({
      text: "text\n",
      signatures: [
        { name: other.name, keyId: other.keyId, signature: other.sign(Buffer.from("text\n")) },
        { name: signer.name, keyId: signer.keyId, signature: signer.sign(Buffer.from("other\n")) }
      ]
    })
    expect(reason(forged, [signer.verifier, other.verifier])).toBe("bad-signature")
  })

  it.each([
    ["without a signature", "text\n\n"],
    ["without a blank line", `text\n${note.split("\n\n").at(-1)}`],
    ["with a carriage return", note.replace("text", "te\rxt")],
    ["without its last newline", note.slice(0, -1)],
    ["with a hyphen for the dash", note.replace("—", "-")],
    ["with two spaces", note.replace("— ", "—  ")],
    ["with loose base64", note.replace(/=\n$/, "\n")],
    ["with a lone surrogate", note.replace("text", "\ud800")]
  ])("MUST NOT be read %s", (_, malformed) => {
    expect(reason(malformed)).toBe("malformed")
  })

  it("no flipped bit of a note is accepted", () => {
    const bytes = Buffer.from(signCheckpoint({ size: 3, root: new Uint8Array(32).fill(1) }, signer))
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        expect(Result.isFailure(openCheckpoint(changed.toString("utf8"), signer.verifier))).toBe(true)
      })
    )
  })
})

describe("checkpoints", () => {
  const signer = ephemeralSigningKey("log.test")
  const root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

  it.each([
    ["another log's origin", `other.test\n3\n${root}\n`],
    ["a leading zero", `log.test\n03\n${root}\n`],
    ["a sign", `log.test\n+3\n${root}\n`],
    ["a short root", "log.test\n3\nAAAA\n"],
    ["two lines", "log.test\n3\n"],
    ["an empty extension line", `log.test\n3\n${root}\n\nx\n`]
  ])("MUST NOT be read with %s", (_, body) => {
    expect(Result.isFailure(openCheckpoint(signNote(body, signer), signer.verifier))).toBe(true)
  })
})

describe("keys", () => {
  it("the signing key is read as it was written, and not shown", () => {
    const written = Result.getOrThrow(generateSigningKey("log.test"))
    const signer = Result.getOrThrow(parseSigningKey(written))
    expect(Result.getOrThrow(parseVerifierKey(signer.verifier.text)).keyId).toBe(signer.keyId)
    expect(`${JSON.stringify(signer)}${String(written)}`).not.toContain(Redacted.value(written).slice(-30))
  })

  it("have the ids of golang.org/x/mod/sumdb/note", () => {
    // The key pair in that package's documentation.
    const signing = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    const verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    expect(Result.getOrThrow(parseSigningKey(Redacted.make(signing))).verifier.text).toBe(verifier)
  })

  it.each(["", "a b", "a+b", "a\tb", "a\u00a0b", "x".repeat(256)])("MUST NOT be named %j", (name) => {
    expect(Result.isFailure(signingKeyText(name, new Uint8Array(32)))).toBe(true)
  })
})
