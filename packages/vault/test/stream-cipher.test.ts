import { randomBytes } from "node:crypto"
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { keysLayer, StreamCipher } from "../src/index.ts"
import { createRootKey, createSealer, openVault } from "../src/promise.ts"
import { ACME, freshRootKey, OTHER } from "./vault-testing.ts"

const place = { organisation: ACME, table: "exports", column: "file", row: "1" }
const collected = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(Stream.runCollect(stream), (pieces) => Buffer.concat(pieces))

describe.each(databases)("streams on $name", ({ layer }) => {
  const services = () => keysLayer.pipe(Layer.provideMerge(freshRootKey), Layer.provide(layer()))

  it.effect("open at their place only, under the organisation's key or the data subject's", () =>
    Effect.gen(function* () {
      const cipher = yield* StreamCipher
      const pieces = [randomBytes(40_000), randomBytes(3), randomBytes(20_000)]
      for (const at of [place, { ...place, subject: "person_x" }]) {
        const sealed = yield* collected(cipher.seal(at, Stream.fromIterable(pieces)))
        const [first, second] = [sealed.subarray(0, 50), sealed.subarray(50)]
        const opened = yield* collected(cipher.open(at, Stream.make(first, second)))
        expect(opened.equals(Buffer.concat(pieces))).toBe(true)
        for (const other of [{ row: "2" }, { subject: "person_y" }, { organisation: OTHER }]) {
          const error = yield* Effect.flip(collected(cipher.open({ ...at, ...other }, Stream.make(sealed))))
          expect(error).toMatchObject({ _tag: "CipherFailed", reason: "cannot-open" })
        }
      }
    }).pipe(Effect.provide(services()))
  )

  it.effect("that are cut off fail at their end, and a source's own failure passes through", () =>
    Effect.gen(function* () {
      const cipher = yield* StreamCipher
      const sealed = yield* collected(cipher.seal(place, Stream.make(randomBytes(40_000))))
      for (const length of [0, 10, 72, 30_000, sealed.length - 1]) {
        const error = yield* Effect.flip(collected(cipher.open(place, Stream.make(sealed.subarray(0, length)))))
        expect(error).toMatchObject({ reason: "cannot-open" })
      }
      const broken = Stream.concat(Stream.make(sealed.subarray(0, 100)), Stream.fail("disk"))
      expect(yield* Effect.flip(collected(cipher.open(place, broken)))).toBe("disk")
      expect(yield* Effect.flip(collected(cipher.seal(place, broken)))).toBe("disk")
    }).pipe(Effect.provide(services()))
  )
})

describe("streams of promises", () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fluxcybers-stream-"))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const own = { table: "exports", column: "file", row: "1" }

  test("a file is sealed, opened and read in part, with a root key alone and with a vault", async () => {
    const rootKeyFile = join(folder, "root.key")
    await createRootKey(rootKeyFile)
    await using vault = await openVault({ sqlite: join(folder, "v.db"), rootKeyFile, createIfMissing: true })
    const [plain, sealed] = [join(folder, "plain"), join(folder, "sealed")]
    const content = randomBytes(100_000)
    writeFileSync(plain, content)
    for (const cipher of [await createSealer({ rootKeyFile }), vault]) {
      await pipeline(createReadStream(plain), (source) => cipher.sealStream(own, source), createWriteStream(sealed))
      const file = openSync(sealed, "r")
      const source = {
        bytes: statSync(sealed).size,
        read: async (offset: number, length: number) => {
          const bytes = Buffer.alloc(length)
          return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
        }
      }
      const pieces = { all: [] as Array<Uint8Array>, part: [] as Array<Uint8Array> }
      for await (const piece of cipher.openStream(own, createReadStream(sealed))) pieces.all.push(piece)
      for await (const piece of cipher.openRange(own, source, { start: 50_000, end: 70_000 })) pieces.part.push(piece)
      expect(Buffer.concat(pieces.all).equals(content)).toBe(true)
      expect(Buffer.concat(pieces.part).equals(content.subarray(50_000, 70_000))).toBe(true)
    }
  })

  test("memory stays bounded while 256 MiB are sealed and opened", async () => {
    const rootKeyFile = join(folder, "root.key")
    await createRootKey(rootKeyFile)
    const sealer = await createSealer({ rootKeyFile })
    const MIB = 1_024 * 1_024
    const piece = randomBytes(64 * 1_024)
    function* source() {
      for (let i = 0; i < 256 * 16; i++) yield piece
    }
    const before = process.memoryUsage()
    let [opened, highest] = [0, 0]
    for await (const chunk of sealer.openStream(own, sealer.sealStream(own, source()))) {
      opened += chunk.length
      const { arrayBuffers, heapUsed } = process.memoryUsage()
      highest = Math.max(highest, arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed)
    }
    expect(opened).toBe(256 * MIB)
    expect(highest).toBeLessThan(96 * MIB)
  })
})
