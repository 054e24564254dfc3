// The quick check of an entry against the schema: it may only be quicker.
import { Effect } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodedEntry } from "../src/audit/entry-check.ts"
import { LISTED, plainEntry } from "../src/audit/plain-entry.ts"
import { AuditEntryId, canonicalJson, newId, OrganisationId } from "../src/index.ts"

const id = Effect.runSync(newId(AuditEntryId, "audit"))
const org = Effect.runSync(newId(OrganisationId, "org"))

const mostly = <A, B>(plain: fc.Arbitrary<A>, odd: fc.Arbitrary<B>) =>
  fc.oneof({ weight: 19, arbitrary: plain }, { weight: 1, arbitrary: odd })
const name = mostly(
  fc.stringMatching(/^[a-z][A-Za-z0-9-]{0,8}$/),
  fc.constantFrom("__proto__", "constructor", "1", "", "ä", "toString", 'q"', "a.b")
)
const text = mostly(
  fc.stringMatching(/^[ !#-[\]-z|~]{0,20}$/),
  fc.constantFrom(
    "\u0000",
    "\n",
    '"',
    "\\",
    "{",
    "}",
    "é",
    "\ud800",
    "😀",
    "\u007f",
    "x".repeat(1_024),
    "x".repeat(1_025)
  )
)
const fact = mostly(
  fc.oneof(text, fc.integer(), fc.boolean()),
  fc.constantFrom<unknown>(0, -0, 0.5, 1e21, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), null, [], {})
)
const word = fc.stringMatching(/^[a-z]{1,5}(-[a-z]{1,3})?$/)
const entry = fc.record({
  v: mostly(fc.constant(1), fc.constantFrom(2, "1")),
  id: mostly(fc.constant(id), fc.constantFrom<string>(org, "audit_8zzzzzzzzzzzzzzzzzzzzzzzzz", `${id}x`)),
  time: fc.oneof(fc.constant("2026-01-01T00:00:00.000Z"), text),
  org: mostly(fc.constant(org), fc.constant(id)),
  actor: text,
  action: mostly(
    fc.tuple(word, word).map((words) => words.join(".")),
    fc.constantFrom("Thing.made", "thing", "a.b.c", "a.b\n", "-a.b")
  ),
  object: text,
  outcome: mostly(fc.constantFrom("success", "failure", "intent", "denied", "unknown"), fc.constant("other")),
  facts: fc.dictionary(name, fact, { maxKeys: 4 }),
  sealed: fc.dictionary(name, mostly(text, fc.integer()), { maxKeys: 3 })
})

/** What somebody who edits leaves by hand might write. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(3),
  written: fc.constantFrom(
    "",
    " ",
    '"',
    ",",
    ":",
    "{",
    "}",
    "\\",
    "0",
    "-",
    "1.0",
    "1e2",
    "\\u0041",
    '"a":1,',
    ',"a":"b"',
    "é",
    "\u0000",
    "true",
    "null"
  )
})

const edited = (json: string, edits: ReadonlyArray<{ at: number; removed: number; written: string }>): string =>
  edits.reduce((text, { at, removed, written }) => {
    const begin = Math.floor(at * text.length)
    return text.slice(0, begin) + written + text.slice(begin + removed)
  }, json)

const canonical = (value: unknown): string => {
  try {
    return canonicalJson(value)
  } catch {
    return JSON.stringify(value)
  }
}

describe("a plain entry", () => {
  it("accepts nothing that the schema refuses, and reads the same from it", () => {
    let accepted = 0
    fc.assert(
      fc.property(entry, fc.array(edit, { maxLength: 2 }), (value, edits) => {
        const json = edited(canonical(value), edits)
        const plain = plainEntry(json)
        if (plain === undefined) return
        accepted++
        const decoded = decodedEntry(Buffer.from(json, "utf8"))
        expect(typeof decoded === "string" ? decoded : LISTED.map((member) => decoded[member])).toEqual(plain)
        // Its text is its bytes: whoever hashes the one has hashed the other.
        expect(Buffer.from(json, "utf8").toString("latin1")).toBe(json)
      }),
      { numRuns: 30_000 }
    )
    expect(accepted).toBeGreaterThan(300)
  })

  it("is what the program writes", () => {
    const written = canonicalJson({
      v: 1,
      id,
      time: "2026-01-01T00:00:00.000Z",
      org,
      actor: "system/test",
      action: "thing.changed",
      object: "thing-1",
      outcome: "success",
      facts: { bytes: 12, digest: "0a1b", isNew: true },
      sealed: { subject1: "AAEC", subject2: "AwQF" }
    })
    expect(plainEntry(written)).toEqual([
      id,
      org,
      "system/test",
      "thing.changed",
      "thing-1",
      "2026-01-01T00:00:00.000Z"
    ])
  })
})
