import { createHash, createSecretKey, randomBytes } from "node:crypto"
import { inflateSync } from "node:zlib"
import { OrganisationId } from "@fluxcybers/core"
import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { recordParts } from "../src/blob/context.ts"
import { KeyId, sealingKey } from "../src/blob/sealed-blob.ts"
import { CHUNK_BYTES, PREFIX_BYTES, SALT_BYTES } from "../src/cipher/cobblestone.ts"
import { committedCipher, MessageOpener, MessageSealer, refuse } from "../src/stream/message.ts"
import { openRange } from "../src/stream/range.ts"
import { STREAM_HEAD_BYTES } from "../src/stream/sealed-stream.ts"
import { type ByteSource, openStream, sealStream } from "../src/stream/transforms.ts"
import { referenceStream } from "./reference-stream.ts"
import { hex, readVectors } from "./vectors.ts"

const Case = Schema.Struct({
  tcId: Schema.Int,
  comment: Schema.String,
  key: Schema.String,
  ctx: Schema.String,
  ct: Schema.String,
  msgLength: Schema.optionalKey(Schema.Int),
  msgSha512: Schema.optionalKey(Schema.String),
  result: Schema.Literals(["valid", "invalid"])
})
const Wycheproof = Schema.Struct({
  numberOfTests: Schema.Int,
  testGroups: Schema.Tuple([Schema.Struct({ tests: Schema.Array(Case) })])
})
const { numberOfTests, testGroups } = readVectors("cobblestone-256.json", Wycheproof)
const cases = testGroups[0].tests

/** Everything that was given out until the end, or until it was refused. */
const openMessage = (key: Buffer, context: Buffer, sealed: Buffer) => {
  const opened: Array<Uint8Array> = []
  try {
    const cipher = committedCipher(createSecretKey(key), sealed.subarray(0, PREFIX_BYTES), context) ?? refuse()
    const opener = new MessageOpener(cipher)
    for (const chunk of opener.push(sealed.subarray(PREFIX_BYTES))) opened.push(chunk)
    opened.push(opener.end())
    return { isWhole: true, plaintext: Buffer.concat(opened) }
  } catch {
    return { isWhole: false, plaintext: Buffer.concat(opened) }
  }
}

const sealMessage = (key: Buffer, salt: Buffer, context: Buffer, plaintext: Buffer) => {
  const sealer = new MessageSealer(createSecretKey(key), salt, context)
  return Buffer.concat([sealer.prefix, ...sealer.push(plaintext), sealer.end()])
}

describe("Cobblestone-256 against C2SP Wycheproof", () => {
  it("has all vectors", () => expect(cases.length).toBe(numberOfTests))

  it.each(cases.filter(({ result }) => result === "valid"))("MUST open and seal alike: $tcId $comment", (vector) => {
    const [key, context, sealed] = [hex(vector.key), hex(vector.ctx), inflateSync(hex(vector.ct))]
    const { isWhole, plaintext } = openMessage(key, context, sealed)
    expect(isWhole).toBe(true)
    expect(plaintext.length).toBe(vector.msgLength)
    expect(createHash("sha512").update(plaintext).digest("hex")).toBe(vector.msgSha512)
    expect(sealMessage(key, sealed.subarray(0, SALT_BYTES), context, plaintext).equals(sealed)).toBe(true)
  })

  it.each(cases.filter(({ result }) => result === "invalid"))("MUST NOT open: $tcId $comment", (vector) => {
    const { isWhole, plaintext } = openMessage(hex(vector.key), hex(vector.ctx), inflateSync(hex(vector.ct)))
    expect(isWhole).toBe(false)
    expect(plaintext.length).toBe(vector.msgLength ?? 0)
    if (vector.msgSha512 !== undefined) {
      expect(createHash("sha512").update(plaintext).digest("hex")).toBe(vector.msgSha512)
    }
  })
})

const secret = randomBytes(32)
const id = KeyId.make(randomBytes(12).toString("hex"))
const key = sealingKey({ id, version: 7 }, createSecretKey(secret))
const organisation = OrganisationId.make("org_0000000000000000000000acme")
const place = { organisation, purpose: "stream", table: "exports", column: "file", row: "1" }
const parts = recordParts(place)

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Array<Uint8Array> = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}
const seal = (plaintext: Uint8Array) => collect(sealStream({ key, parts }, [plaintext]))
const open = (sealed: ByteSource, at = parts) => collect(openStream({ findKey: () => key, parts: at }, sealed))
const didNotOpen = expect.objectContaining({ _tag: "CipherFailed", reason: "cannot-open" })

const SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5]

/** Cut into pieces of these lengths, over and over. */
function* cut(bytes: Buffer, lengths: ReadonlyArray<number>) {
  for (let at = 0, i = 0; at < bytes.length; at += lengths[i % lengths.length]!, i++) {
    yield bytes.subarray(at, at + lengths[i % lengths.length]!)
  }
}

describe("a sealed stream", () => {
  it.each(SIZES)("of %i bytes is what a second implementation of the specification writes and reads", async (size) => {
    const plaintext = randomBytes(size)
    const sealed = await seal(plaintext)
    const salt = sealed.subarray(16, 16 + SALT_BYTES)
    expect(sealed.equals(referenceStream({ key: secret, keyId: hex(id), keyVersion: 7, salt, parts }, plaintext))).toBe(
      true
    )
    expect((await open([sealed])).equals(plaintext)).toBe(true)
  })

  it("is the same however its pieces are cut", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 70_000 }), lengths, lengths, async (size, sealing, opening) => {
        const plaintext = randomBytes(size)
        const sealed = await collect(sealStream({ key, parts }, cut(plaintext, sealing)))
        expect((await open(cut(sealed, opening))).equals(plaintext)).toBe(true)
      }),
      { numRuns: 50 }
    )
  })

  it("with any bit flipped does not open to its end", async () => {
    const sealed = await seal(randomBytes(CHUNK_BYTES + 100))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 8 * sealed.length - 1 }), async (bit) => {
        const altered = Buffer.from(sealed)
        altered[bit >> 3]! ^= 1 << (bit & 7)
        await expect(open([altered])).rejects.toEqual(didNotOpen)
      }),
      { numRuns: 300 }
    )
  })

  it("that is cut off, longer, reordered or spliced does not open to its end", async () => {
    const [ours, theirs] = [await seal(randomBytes(3 * CHUNK_BYTES + 9)), await seal(randomBytes(3 * CHUNK_BYTES + 9))]
    const chunk = (of: Buffer, i: number) =>
      of.subarray(STREAM_HEAD_BYTES + i * (CHUNK_BYTES + 16), STREAM_HEAD_BYTES + (i + 1) * (CHUNK_BYTES + 16))
    const head = ours.subarray(0, STREAM_HEAD_BYTES)
    const wrong = [
      Buffer.alloc(0),
      head.subarray(0, 20),
      head,
      ...[1, 16, 17, 30, 2_000, 16_400, 16_425].map((bytes) => ours.subarray(0, -bytes)),
      ...[0, 1, 2, 3].map((chunks) => ours.subarray(0, STREAM_HEAD_BYTES + chunks * (CHUNK_BYTES + 16))),
      Buffer.concat([ours, Buffer.alloc(1)]),
      Buffer.concat([ours, chunk(ours, 3)]),
      Buffer.concat([head, chunk(ours, 1), chunk(ours, 0), chunk(ours, 2), chunk(ours, 3)]),
      Buffer.concat([head, chunk(ours, 0), chunk(ours, 1), chunk(ours, 3)]),
      Buffer.concat([head, chunk(ours, 0), chunk(theirs, 1), chunk(ours, 2), chunk(ours, 3)]),
      Buffer.concat([theirs.subarray(0, STREAM_HEAD_BYTES), ours.subarray(STREAM_HEAD_BYTES)])
    ]
    for (const bytes of wrong) await expect(open([bytes])).rejects.toEqual(didNotOpen)
  })

  it("does not open at another place", async () => {
    const sealed = await seal(Buffer.from("text"))
    for (const other of [
      { row: "2" },
      { column: "f" },
      { table: "t" },
      { purpose: "field" },
      { subject: "person_y" }
    ]) {
      await expect(open([sealed], recordParts({ ...place, ...other }))).rejects.toEqual(didNotOpen)
    }
  })

  it("gives any part of itself, and none when its end is not where it was", async () => {
    const plaintext = randomBytes(3 * CHUNK_BYTES + 9)
    const sealed = await seal(plaintext)
    const accessTo = (bytes: Buffer) => ({
      bytes: bytes.length,
      read: async (offset: number, length: number) => bytes.subarray(Math.max(0, offset), Math.max(0, offset + length))
    })
    const part = (bytes: Buffer, start: number, end: number) =>
      collect(openRange({ findKey: () => key, parts }, accessTo(bytes), { start, end }))
    const position = fc.integer({ min: 0, max: plaintext.length + 10 })
    await fc.assert(
      fc.asyncProperty(position, position, async (start, end) => {
        expect((await part(sealed, start, end)).equals(plaintext.subarray(start, Math.max(start, end)))).toBe(true)
      }),
      { numRuns: 100 }
    )
    for (const [start, end] of [
      [-1, 5],
      [0.5, 5],
      [Number.NaN, 5],
      [0, Number.NaN]
    ] as const) {
      await expect(part(sealed, start, end)).rejects.toThrow(RangeError)
    }
    for (const bytes of [1, 10, 25, 26, 20_000, sealed.length - STREAM_HEAD_BYTES, sealed.length - 20, sealed.length]) {
      await expect(part(sealed.subarray(0, sealed.length - bytes), 0, 5)).rejects.toEqual(didNotOpen)
    }
  })
})
