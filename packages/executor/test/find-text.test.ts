import type { RunId } from "@fluxcybers/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { textFinder, type Wanted } from "../src/transcript/find-text.ts"
import { terminalText } from "../src/transcript/terminal-text.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")

/** The pieces as chunks, numbered from 1. */
const findIn = (wanted: Wanted, pieces: ReadonlyArray<Uint8Array>) => {
  const finder = textFinder(wanted)
  const chunks = pieces.map((piece, at) => ({
    sequence: at + 1,
    run: "run_00000000000000000000000000" as RunId,
    atMs: at,
    stream: "stdout" as const,
    bytes: piece
  }))
  return [...chunks.flatMap((chunk) => [...finder.push(chunk)]), ...finder.end()]
}

const shown = (pieces: ReadonlyArray<Uint8Array>) => {
  const read = terminalText()
  return Buffer.concat(pieces.map((piece) => read(piece).bytes)).toString("latin1")
}

const split = (whole: Buffer, cuts: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const ends = [...new Set(cuts.map((cut) => cut % (whole.length + 1))), whole.length].sort((a, b) => a - b)
  return ends.map((end, at) => whole.subarray(at === 0 ? 0 : ends[at - 1], end))
}

describe("the text that a terminal shows", () => {
  it.each([
    ["colours", "\x1b[1;31mred\x1b[0m alert", "red alert"],
    ["a title, ended either way", "\x1b]0;title\x07a\x1b]0;title\x1b\\b", "ab"],
    ["a hyperlink", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["a character set", "\x1b(Btext", "text"],
    ["line ends and other control characters", "one\r\ntwo\ttab\x00\x08\x7f", "one\ntwo\ttab"],
    ["a sequence that is given up", "\x1b[12\x18text", "text"]
  ])("leaves out %s", (_, output, text) => {
    expect(shown([bytes(output)])).toBe(text)
    expect(shown([...bytes(output)].map((byte) => Buffer.from([byte])))).toBe(text)
  })

  it("goes on after a string or a sequence that never ends, so that it hides nothing for long", () => {
    expect(shown([bytes(`\x1b]0;${"x".repeat(5_000)}found`)])).toContain("found")
    expect(shown([bytes(`\x1b[${"1".repeat(300)}found`)])).toContain("found")
  })
})

describe("a text is found", () => {
  it("across pieces and escape sequences, with its first and its last byte, its line and what stands around it", () => {
    const [found, ...others] = findIn({ text: "disk full" }, [
      bytes("first line\nerror: di\x1b[3"),
      bytes("1msk\x1b[0"),
      bytes("m full on /dev/sda\nlast")
    ])
    expect(others).toEqual([])
    expect(found).toEqual({
      start: { sequence: 1, offset: 18 },
      end: { sequence: 3, offset: 5 },
      atMs: 0,
      line: 2,
      before: "error: ",
      match: "disk full",
      after: " on /dev/sda"
    })
  })

  it("whatever its case, where that is asked; and in any script as it is", () => {
    expect(findIn({ text: "ERROR" }, [bytes("an error")])).toEqual([])
    expect(findIn({ text: "ERROR", ignoreCase: true }, [bytes("an error, an Error")])).toHaveLength(2)
    expect(findIn({ text: "größe" }, [Buffer.from("die größe")])).toMatchObject([{ match: "größe" }])
  })

  it("as often and where it stands, however the output is cut and whatever escape sequences are in it", () => {
    const part = fc.constantFrom("a", "b", "ab", "\n", "\x1b[1m", "\x1b]0;ab\x07", "\x1b[0;31m", "\r", "c".repeat(100))
    const output = fc.array(part, { maxLength: 60 }).map((parts) => bytes(parts.join("")))
    const text = fc.constantFrom("a", "ab", "aba", "b\na", "cab")
    fc.assert(
      fc.property(output, text, fc.array(fc.nat(), { maxLength: 12 }), (whole, wanted, cuts) => {
        const plain = shown([whole])
        const expected: Array<number> = []
        for (let at = plain.indexOf(wanted); at !== -1; at = plain.indexOf(wanted, at + wanted.length)) {
          expected.push(plain.slice(0, at).split("\n").length)
        }
        const pieces = split(whole, cuts)
        const found = findIn({ text: wanted }, pieces)
        expect(found.map(({ line }) => line)).toEqual(expected)
        for (const { start, end, match } of found) {
          const place = ({ sequence, offset }: typeof start) =>
            pieces.slice(0, sequence - 1).reduce((sum, piece) => sum + piece.length, 0) + offset
          expect(match).toBe(wanted)
          expect(String.fromCharCode(whole[place(start)]!)).toBe(wanted[0])
          expect(String.fromCharCode(whole[place(end)]!)).toBe(wanted.at(-1))
        }
      }),
      { numRuns: 300 }
    )
  })

  it("in bounded time and memory, one match after the other", () => {
    const finder = textFinder({ text: "a" })
    const chunk = {
      sequence: 1,
      run: "run_x" as RunId,
      atMs: 0,
      stream: "stdout" as const,
      bytes: Buffer.alloc(65_536, "a")
    }
    let count = 0
    for (const _ of finder.push(chunk)) if (++count === 10) break
    expect(count).toBe(10)
  })
})
