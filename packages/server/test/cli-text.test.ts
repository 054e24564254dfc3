// How the command line shows text: what nobody vouches for cannot deceive a terminal or its reader.

import { execFileSync } from "node:child_process"
import { escapeLegend, faithful, formatBytes, formatDurationMs, labelled, shellWords } from "@fluxcybers/executor/view"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hostileText } from "../../../repo/testing/hostile-text.ts"
import { parseBytes, parseDurationMs } from "../src/cli/quantity.ts"
import { table } from "../src/cli/table.ts"
import { visible } from "../src/cli/visible-text.ts"

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u

const original = (text: string): string =>
  text.replace(/<U\+([0-9A-F]{4,6})>/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))

describe("visible and faithful text", () => {
  it("faithful text is printable ASCII, and gives back what was escaped", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(faithful(text)).toMatch(PRINTABLE_ASCII)
        expect(original(faithful(text))).toBe(text)
      })
    )
  })

  it("visible text has no control, bidi or zero-width character, and gives back what was escaped", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(visible(text)).not.toMatch(DECEIVING)
        expect(original(visible(text))).toBe(text)
      })
    )
  })

  it("visible text keeps the letters of every script", () => {
    expect(visible("Zoë Müller, Ωμέγα, Ольга, 小林")).toBe("Zoë Müller, Ωμέγα, Ольга, 小林")
  })

  it.each([
    ["ls\u00a0-la", "ls<U+00A0>-la"],
    ["\u0441at x", "<U+0441>at x"],
    ['echo \u202e"txt.exe"', 'echo <U+202E>"txt.exe"'],
    ["r\u200bm", "r<U+200B>m"],
    ["echo safe\x1b[2K\x1b[1Grm", "echo safe<U+001B>[2K<U+001B>[1Grm"],
    ["ls\u{e0072}", "ls<U+E0072>"],
    ["／bin", "<U+FF0F>bin"],
    ["<U+202E>", "<U+003C>U+202E>"]
  ])("shows %j as %j", (text, shown) => {
    expect(faithful(text)).toBe(shown)
  })

  it("the legend names what deceives, and shows letters that can be shown", () => {
    expect(escapeLegend(faithful("\u0430\u202eé\n"))).toBe(
      "<U+0430> is the Cyrillic letter а, which looks like a, <U+202E> is right-to-left override, <U+00E9> is the Latin letter é, <U+000A> is newline"
    )
    expect(escapeLegend("plain")).toBeUndefined()
  })

  it("a legend of many characters stays short and says how many it leaves out", () => {
    const legend = escapeLegend(
      faithful(Array.from({ length: 30 }, (_, index) => String.fromCodePoint(0x400 + index)).join(""))
    )
    expect(legend).toMatch(/, and 10 more kinds$/)
  })
})

describe("shell words", () => {
  it("a POSIX shell reads ASCII words back as they were", () => {
    const word = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
    fc.assert(
      fc.property(
        fc.array(
          word.filter((text) => !text.includes("<U+")),
          { minLength: 1, maxLength: 5 }
        ),
        (words) => {
          const read = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${shellWords(words)}`], { encoding: "utf8" })
          expect(read.split("\0").slice(0, -1)).toEqual(words)
        }
      ),
      { numRuns: 40 }
    )
  })

  it("different argument vectors never look the same", () => {
    const words = fc.array(
      fc.string({ unit: fc.constantFrom("a", " ", "'", "\\", '"', "\n", "<", "U", "+"), maxLength: 4 }),
      { maxLength: 3 }
    )
    fc.assert(
      fc.property(words, words, (first, second) => {
        expect(shellWords(first) === shellWords(second)).toBe(JSON.stringify(first) === JSON.stringify(second))
      }),
      { numRuns: 2_000 }
    )
  })
})

describe("tables", () => {
  it("aligns columns by what a terminal shows, also for wide characters", () => {
    expect(
      table(
        ["NAME", "N"],
        [
          ["小林", "1"],
          ["a", "22"]
        ],
        ""
      )
    ).toBe("NAME  N\n小林  1\na     22\n")
  })

  it("a cell cannot bring its own line breaks or terminal commands", () => {
    const text = table(["NAME"], [["a\nb\x1b[2J"]], "")
    expect(text).toBe("NAME\na<U+000A>b<U+001B>[2J\n")
  })

  it("says in words that there is nothing", () => {
    expect(table(["NAME"], [], "There are no secrets.")).toBe("There are no secrets.\n")
  })

  it("a long value goes on behind a mark that no label has", () => {
    expect(
      labelled(
        [
          ["Command", "x".repeat(30)],
          ["Other", "y"]
        ],
        29
      )
    ).toBe(`Command  ${"x".repeat(20)}\n       > ${"x".repeat(10)}\nOther    y\n`)
  })
})

describe("quantities", () => {
  it.each([
    ["90s", 90_000],
    ["10m", 600_000],
    ["12h", 43_200_000],
    ["90d", 7_776_000_000],
    ["250ms", 250]
  ])("%s is a duration of %i ms", (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  it.each(["", "10", "0s", "-5m", "1.5h", "5 m", "5M", "m", "99999999999999999d", "1toString"])(
    "%j is no duration",
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined()
    }
  )

  it("what is formatted says exactly how much it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (value) => {
        const bytes = formatBytes(value).replace(" ", "")
        expect(parseBytes(bytes)).toBe(value)
        expect(parseDurationMs(formatDurationMs(value).replace(" ", "").replace("min", "m"))).toBe(value)
      })
    )
  })
})
