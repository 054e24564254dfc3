import { createSecretKey, randomBytes } from "node:crypto"
import { inspect } from "node:util"
import { OrganisationId } from "@fluxcybers/core"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { additionalData, type RecordPlace, recordParts } from "../src/blob/context.ts"
import {
  BLOB_OVERHEAD_BYTES,
  type BlobBinding,
  KeyId,
  MalformedBlob,
  openBlob,
  type Suite,
  sealBlob,
  sealingKey,
  sealSegments
} from "../src/blob/sealed-blob.ts"
import { blobFromText, blobHeader, blobToText, PLAINTEXT_BYTES_MAX } from "../src/index.ts"
import { additionalDataOf, referenceOpen, referenceSeal } from "./reference-seal.ts"
import { hex, readVectors } from "./vectors.ts"

const Sealed = Schema.Struct({
  name: Schema.String,
  suite: Schema.Literals([1, 2]),
  keyHex: Schema.String,
  keyId: KeyId,
  keyVersion: Schema.Int,
  nonceHex: Schema.String,
  parts: Schema.Array(Schema.String),
  plaintextHex: Schema.String,
  blobHex: Schema.String
})
const Vectors = Schema.Struct({
  seal: Schema.Array(Sealed),
  refuseUnder: Schema.Struct({
    suite: Sealed.fields.suite,
    keyHex: Schema.String,
    keyId: KeyId,
    keyVersion: Schema.Int
  }),
  refuse: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      reason: Schema.String,
      blobHex: Schema.String,
      parts: Schema.Array(Schema.String)
    })
  ),
  text: Schema.Array(Schema.Struct({ name: Schema.String, text: Schema.String, valid: Schema.Boolean }))
})
const vectors = readVectors("sealed-blob.json", Vectors)

const bindingOf = (from: typeof vectors.refuseUnder, parts: ReadonlyArray<string>): BlobBinding => ({
  suite: from.suite === 1 ? "record" : "wrappedKey",
  key: sealingKey({ id: from.keyId, version: from.keyVersion }, createSecretKey(hex(from.keyHex))),
  parts
})

describe("vectors", () => {
  it.each(vectors.seal)("MUST open $name", (vector) => {
    expect(openBlob(bindingOf(vector, vector.parts), hex(vector.blobHex))).toEqual(hex(vector.plaintextHex))
  })

  it.each(vectors.seal)("the second implementation seals $name to the same bytes", (vector) => {
    const input = { ...vector, key: hex(vector.keyHex), keyId: hex(vector.keyId), nonce: hex(vector.nonceHex) }
    expect(referenceSeal(input, hex(vector.plaintextHex)).toString("hex")).toBe(vector.blobHex)
    const header = hex(vector.blobHex).subarray(0, 16)
    expect(additionalData(header, vector.parts)).toEqual(additionalDataOf(input))
  })

  it.each(vectors.refuse)("MUST NOT open $name ($reason)", ({ reason, blobHex, parts }) => {
    const refusal = openBlob(bindingOf(vectors.refuseUnder, parts), hex(blobHex))
    const malformed = ["length", "suite", "flags"].includes(reason)
    expect(refusal).toBe(malformed || reason === "other-suite" ? "malformed" : reason)
    const header = blobHeader(hex(blobHex))
    expect(Result.isFailure(header) ? header.failure.reason : undefined).toBe(malformed ? reason : undefined)
  })

  it.each(vectors.text)("text form: $name", ({ text, valid }) => {
    const decoded = blobFromText(text)
    expect(Result.isSuccess(decoded)).toBe(valid)
    if (Result.isSuccess(decoded)) expect(blobToText(decoded.success)).toBe(text)
  })
})

const organisation = OrganisationId.make("org_00000000000000000000000000")
const secretKey = randomBytes(32)
const key = sealingKey({ id: KeyId.make("0123456789abcdef01234567"), version: 7 }, createSecretKey(secretKey))
const place = { organisation, purpose: "field", table: "accounts", column: "iban", row: "42" }
const binding = { suite: "record", key, parts: recordParts(place) } as const

const text = fc.string({ unit: "grapheme", maxLength: 20 })
const placeOf = fc.record({
  organisation: fc.constant(organisation),
  purpose: text,
  table: text,
  column: text,
  row: text,
  subject: fc.option(
    text.filter((subject) => subject !== ""),
    { nil: undefined }
  )
})

describe("sealing", () => {
  it("what is sealed opens again, and the second implementation opens it too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), placeOf, (plaintext, context) => {
        const parts = recordParts(context)
        const blob = sealBlob({ ...binding, parts }, plaintext)
        const opened = openBlob({ ...binding, parts }, blob)
        expect(blob.length).toBe(BLOB_OVERHEAD_BYTES + plaintext.length)
        expect(opened).toEqual(Buffer.from(plaintext))
        const reference = { suite: 1, keyVersion: 7, keyId: hex(key.id), key: secretKey, parts }
        expect(referenceOpen(reference, Buffer.from(blob))).toEqual(Buffer.from(plaintext))
      })
    )
  })

  it("MUST NOT open with any one bit flipped", () => {
    const blob = sealBlob(binding, Buffer.from("0123456789"))
    for (let bit = 0; bit < 8 * blob.length; bit++) {
      const altered = Uint8Array.from(blob)
      altered[bit >> 3]! ^= 1 << (bit & 7)
      expect(typeof openBlob(binding, altered), `bit ${bit}`).toBe("string")
    }
  })

  it("MUST NOT open in any other place", () => {
    const canonical = (context: RecordPlace) => JSON.stringify(recordParts(context))
    fc.assert(
      fc.property(placeOf, placeOf, (sealedFor, openedFor) => {
        fc.pre(canonical(sealedFor) !== canonical(openedFor))
        const blob = sealBlob({ ...binding, parts: recordParts(sealedFor) }, Buffer.from("value"))
        expect(openBlob({ ...binding, parts: recordParts(openedFor) }, blob)).toBe("altered")
      })
    )
  })

  it.each(["organisation", "purpose", "table", "column", "row", "subject"])("MUST NOT open with another %s", (part) => {
    const blob = sealBlob(binding, Buffer.from("value"))
    expect(openBlob({ ...binding, parts: recordParts({ ...place, [part]: "other" }) }, blob)).toBe("altered")
  })

  it("the segments of a large value are the same blob, not copied", () => {
    const plaintext = randomBytes(1024 * 1024)
    const segments = sealSegments(binding, plaintext)
    expect(segments.map((segment) => segment.length)).toEqual([72, plaintext.length, 16])
    expect(openBlob(binding, Buffer.concat(segments))).toEqual(plaintext)
  })

  it("the same value is sealed to different bytes each time", () => {
    const blobs = Array.from({ length: 100 }, () => Buffer.from(sealBlob(binding, Buffer.from("same"))).toString("hex"))
    expect(new Set(blobs).size).toBe(100)
  })

  it("refuses what would not be one place only: a lone surrogate, an empty subject, a part without end", () => {
    const parts = (row: string) => ({ ...binding, parts: recordParts({ ...place, row }) })
    expect(() => sealBlob(parts("\ud800"), Buffer.alloc(1))).toThrow("well-formed")
    expect(() => sealBlob(parts("ü".repeat(513)), Buffer.alloc(1))).toThrow("more than 1024 bytes")
    expect(() => sealBlob(parts("x".repeat(1_025)), Buffer.alloc(1))).toThrow("more than 1024 bytes")
    expect(() => recordParts({ ...place, subject: "" })).toThrow("never empty")
    const longest = { ...binding, parts: recordParts({ ...place, row: "€".repeat(341) }) }
    expect(openBlob(longest, sealBlob(longest, Buffer.alloc(1)))).toEqual(Buffer.alloc(1))
  })

  it("a value of more than 64 MiB is refused", () => {
    expect(() => sealBlob(binding, Buffer.alloc(PLAINTEXT_BYTES_MAX + 1))).toThrow("at most 67108864 bytes")
  })

  it("a key prints nothing of itself", () => {
    const printed = inspect(key, { depth: 10, showHidden: true }) + JSON.stringify(key)
    for (const encoding of ["hex", "base64", "latin1"] as const) {
      expect(printed).not.toContain(secretKey.toString(encoding))
    }
  })
})

describe("decoding", () => {
  const suites: ReadonlyArray<Suite> = ["record", "wrappedKey"]

  it("MUST NOT fail on random bytes with anything but its own errors", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.constantFrom(0, 1, 2, 3), fc.uint8Array({ maxLength: 200 }))
        .map(([suite, rest]) => Uint8Array.from([suite, 0, ...rest]))
    )
    fc.assert(
      fc.property(bytes, (blob) => {
        const header = blobHeader(blob)
        if (Result.isFailure(header)) expect(header.failure).toBeInstanceOf(MalformedBlob)
        for (const suite of suites) {
          expect(["malformed", "other-key", "wrong-key", "altered"]).toContain(openBlob({ ...binding, suite }, blob))
        }
      }),
      { numRuns: 2_000 }
    )
  })

  it("MUST NOT fail on random text with anything but its own error", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string().map((rest) => `fv1.${rest}`)
    )
    fc.assert(
      fc.property(anything, (candidate) => {
        const decoded = blobFromText(candidate)
        if (Result.isFailure(decoded)) expect(decoded.failure).toBeInstanceOf(MalformedBlob)
        else expect(blobToText(decoded.success)).toBe(candidate)
      }),
      { numRuns: 2_000 }
    )
  })
})
