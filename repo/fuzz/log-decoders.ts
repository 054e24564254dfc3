// The decoders of the audit log.
import {
  canonicalJson,
  ephemeralSigningKey,
  parseVerifierKey,
  parseWitnessPolicy,
  parseWitnessRequest
} from "@fluxcybers/core"
import { Result } from "effect"
import { fromBase64, toBase64 } from "../../packages/core/src/audit/base64.ts"
import { openCheckpoint, signCheckpoint } from "../../packages/core/src/audit/checkpoint.ts"
import { decodedEntry } from "../../packages/core/src/audit/entry-check.ts"
import { parseNote, writeNote } from "../../packages/core/src/audit/note.ts"
import { plainEntry } from "../../packages/core/src/audit/plain-entry.ts"
import { parseProof, writeProof } from "../../packages/core/src/audit/proof.ts"
import {
  parseEntryBundle,
  parseTilePath,
  writeEntryBundle,
  writeTilePath
} from "../../packages/core/src/audit/tiles.ts"
import { writeWitnessRequest } from "../../packages/core/src/audit/witness-request.ts"
import { bytesOf, type Decoder, textDecoder } from "./decoder.ts"

const key = ephemeralSigningKey("log.example/fuzz")
const hash = (fill: number) => Buffer.alloc(32, fill)
const note = (size: number) => signCheckpoint({ size, root: hash(size) }, key)
/** Takes every signature: a forged one would end each test where it begins. */
const gullible = { ...key.verifier, verify: () => true }

const NUMBERS = ["0", "00", "1", "-1", "255", "256", "9007199254740993", "18446744073709551616", "1e3", " 1"]
const LINES = ["\n", "\n\n", "\r\n", "\u0000", " ", "— ", "—", "é", "\u2028", "=", "==", "AAAA", toBase64(hash(7))]

const ids = { id: `audit_${"0".repeat(26)}`, org: `org_${"0".repeat(26)}` }
const entry = (facts: object, sealed: object, object = "exec_1") =>
  canonicalJson({
    v: 1,
    ...ids,
    time: "2026-01-01T00:00:00.000Z",
    actor: "system/fuzz",
    action: "a.b",
    object,
    outcome: "success",
    facts,
    sealed
  })

const checkEntry = (input: Buffer): boolean => {
  const decoded = decodedEntry(input)
  const text = input.toString("latin1")
  const plain = plainEntry(text)
  if (typeof decoded === "string") {
    if (plain !== undefined) throw new Error("the quick check accepts what the schema refuses")
    return false
  }
  if (!Buffer.from(canonicalJson(decoded)).equals(input)) throw new Error("what was accepted is written in another way")
  return true
}

const checkBundle = (input: Buffer): boolean => {
  const entries = parseEntryBundle(input)
  if (entries === undefined) return false
  if (!Buffer.from(writeEntryBundle(entries)).equals(input))
    throw new Error("what was accepted is written in another way")
  return true
}

export const logDecoders: ReadonlyArray<Decoder> = [
  textDecoder({
    name: "note",
    share: 3,
    seeds: [note(1), `${note(2)}${note(3).split("\n").at(-2)}\n`, "text\n\n— a AAAAAAE=\n"],
    tokens: [...LINES, "— log.example/fuzz "],
    read: (text) => Result.getOrUndefined(parseNote(text)),
    write: writeNote
  }),
  textDecoder({
    name: "checkpoint",
    share: 3,
    seeds: [note(0), note(1), note(70_000)],
    tokens: [...LINES, ...NUMBERS, "log.example/fuzz"],
    read: (text) => {
      const opened = Result.getOrUndefined(openCheckpoint(text, gullible))
      const parsed = Result.getOrUndefined(parseNote(text))
      return opened === undefined || parsed === undefined ? undefined : { opened, parsed }
    },
    write: ({ opened, parsed }) => {
      const { origin, size, root, extensions } = opened
      return writeNote({ ...parsed, text: `${[origin, size, toBase64(root), ...extensions].join("\n")}\n` })
    }
  }),
  textDecoder({
    name: "tile path",
    share: 3,
    seeds: ["tile/0/000", "tile/63/x001/x234/067.p/5", "tile/entries/x001/067", "tile/entries/000.p/255"],
    tokens: [...NUMBERS, "tile/", "/", "x", "x000/", ".p/", ".p/256", "entries", "999/", "%30", ".."],
    read: parseTilePath,
    write: writeTilePath
  }),
  textDecoder({
    name: "proof",
    share: 3,
    seeds: [[], [hash(1)], [hash(1), hash(2)]].map((hashes) => writeProof({ index: 3n, hashes, checkpoint: note(9) })),
    tokens: [...LINES, ...NUMBERS, "index ", "extra ", "extra AAAA\n", "c2sp.org/tlog-proof@v1\n"],
    read: (text) => {
      const proof = parseProof(text)
      return proof === undefined ? undefined : { proof, hasExtra: text.includes("\nextra ") }
    },
    // Opaque extra data is skipped.
    write: ({ proof, hasExtra }) => (hasExtra ? undefined : writeProof(proof))
  }),
  {
    name: "entry",
    share: 3,
    seeds: bytesOf(
      entry({}, {}),
      entry({ a: 1, b: "x", c: true }, { s: "AAEC" }),
      entry({ ä: "\n" }, {}, "é"),
      entry({ "10": 0, "9": -1 }, {})
    ),
    tokens: bytesOf(
      '"',
      '":',
      ",",
      "{}",
      "{",
      "}",
      '"a":1,',
      '"a":"b"',
      "\\u0041",
      "\\n",
      "1.0",
      "-0",
      "1e2",
      "null",
      "\ud7ff",
      "\u0000",
      " ",
      "__proto__"
    ),
    check: checkEntry
  },
  {
    name: "entry bundle",
    share: 2,
    seeds: [[], ["a"], ["", "b"], Array.from({ length: 256 }, () => "c")].map((texts) =>
      writeEntryBundle(bytesOf(...texts))
    ),
    tokens: [Buffer.of(0, 0), Buffer.of(0, 1), Buffer.of(255, 255)],
    check: checkBundle
  },
  textDecoder({
    name: "witness request",
    share: 2,
    seeds: [0, 2].map((hashes) =>
      writeWitnessRequest({ old: 5n, proof: Array.from({ length: hashes }, () => hash(3)), checkpoint: note(9) })
    ),
    tokens: [...LINES, ...NUMBERS, "old ", "old 0\n"],
    read: parseWitnessRequest,
    write: writeWitnessRequest
  }),
  textDecoder({
    name: "witness policy",
    share: 1,
    seeds: ["quorum none\n", `log ${key.verifier.text} https://log.example/\n# comment\nquorum none\n`],
    tokens: ["quorum ", "group g any ", "witness w ", "all ", "none", "\t", "\n", "#", "2 "],
    read: (text) => Result.getOrUndefined(parseWitnessPolicy(text)),
    write: () => undefined
  }),
  textDecoder({
    name: "verifier key",
    share: 1,
    seeds: [key.verifier.text, ephemeralSigningKey("é").verifier.text],
    tokens: ["+", "=", "A", "AQ", "PRIVATE+KEY+", "\n", " "],
    read: (text) => Result.getOrUndefined(parseVerifierKey(text)),
    write: ({ text }) => text
  }),
  textDecoder({
    name: "base 64",
    share: 1,
    seeds: ["", "AA==", toBase64(hash(9))],
    tokens: ["=", "-", "_", "+", "/", "\n", "é"],
    read: fromBase64,
    write: toBase64
  })
]
