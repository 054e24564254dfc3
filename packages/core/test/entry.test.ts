import { Result, Schema } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Aliasing } from "../src/audit/aliasing.ts"
import { birth, entryRow } from "../src/audit/entry.ts"
import { plainEntryJson } from "../src/audit/entry-json.ts"
import { AuditEntry, type AuditEvent, canonicalJson, SystemActor } from "../src/index.ts"

const organisation = "org_01jdfr0000000000000000000a"
const born = birth(1_800_000_000_000, (bytes) => bytes.fill(7))
const TIME = "2027-01-15T08:00:00.000Z"

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\ud800", "\u2028", "", '"\\\u0000', "é", "😀"))
const anyName = fc.oneof(anyText, fc.constantFrom("__proto__", "constructor", "toString", "1", "b", "a"))
const anyFact = fc.oneof(
  anyText,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.constantFrom<unknown>(-0, 1.5, Number.NaN, 2 ** 53, null, undefined, {}, [], "x".repeat(1_024), "x".repeat(1_025))
)
const members = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    fc.constant(undefined),
    fc.array(fc.tuple(anyName, value), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
    fc.constantFrom<unknown>(null, [], "text", new Map(), Object.create({ inherited: "x" }))
  )
const anyEvent = fc.record({
  organisation: fc.constantFrom<unknown>(organisation, organisation, organisation, "org_x", 1),
  action: fc.constantFrom<unknown>(
    "thing.changed",
    "thing.changed",
    "a-b.c-d",
    "Thing.changed",
    "thing",
    "a.b\n",
    null
  ),
  object: fc.oneof(anyText, fc.constantFrom<unknown>(undefined, 1)),
  outcome: fc.constantFrom<unknown>("success", "failure", "intent", "denied", "unknown", "other", undefined),
  facts: members(anyFact),
  sealed: members(fc.oneof(anyText, fc.constantFrom<unknown>(1, null)))
})

const nobody = new Aliasing().naming(organisation, TIME.slice(0, 10), undefined)

/** The way without a short cut. */
const throughTheSchema = (event: AuditEvent): string =>
  canonicalJson(
    Schema.decodeUnknownSync(AuditEntry)({
      v: 1,
      ...born,
      org: event.organisation,
      actor: "system/test",
      action: event.action,
      object: event.object,
      outcome: event.outcome,
      facts: event.facts ?? {},
      sealed: event.sealed ?? {}
    })
  )

describe("an entry", () => {
  it("has the bytes, or the refusal, that schema and canonical JSON give", () => {
    fc.assert(
      fc.property(anyEvent, (fields) => {
        const event = { ...fields, actor: new SystemActor({ component: "test" }) } as unknown as AuditEvent
        const expected = Result.try(() => throughTheSchema(event))
        const written = Result.try(() => Buffer.from(entryRow(event, born, nobody).leaf).toString("utf8"))
        expect(Result.isSuccess(written)).toBe(Result.isSuccess(expected))
        if (Result.isSuccess(written)) expect(written).toEqual(expected)
      }),
      { numRuns: 2_000 }
    )
  })

  it("without anything unusual is written without the schema", () => {
    const draft = { v: 1, ...born, org: organisation, actor: "system/test", action: "thing.changed" } as const
    const usual = { ...draft, object: "ü", outcome: "success", facts: { b: 1, a: "x" }, sealed: { p_1: "AAAA" } }
    expect(plainEntryJson(usual)).toBe(canonicalJson(usual))
    expect(plainEntryJson({ ...usual, facts: { half: 0.5 } })).toBeUndefined()
  })

  it("gets an id and the instant of its birth", () => {
    expect(born.id).toMatch(/^audit_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
    expect(born.time).toBe(TIME)
    expect(birth(1_800_000_000_001, (bytes) => bytes.fill(1)).time).toBe("2027-01-15T08:00:00.001Z")
  })
})
