import { RunId } from "@fluxcybers/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { asciicast, asciicastWriter, combinedAsciicastWriter, namedLines, type TranscriptChunk } from "../src/index.ts"

const [web, db] = ["0", "1"].map((digit) => RunId.make(`run_${digit.repeat(26)}`)) as [RunId, RunId]
const bytes = (text: string) => new TextEncoder().encode(text)
const startedAt = "2026-01-01T00:00:00.000Z"

const chunk = (sequence: number, atMs: number, body: Uint8Array | string, run = web): TranscriptChunk => ({
  sequence,
  run,
  atMs,
  stream: "stdout",
  bytes: typeof body === "string" ? bytes(body) : body
})
const parsed = (lines: string) =>
  lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

describe("an asciicast", () => {
  it("has a header and an event a chunk, with characters that were cut put together", () => {
    const [smile, rest] = [bytes("a\u{1F600}").subarray(0, 3), bytes("a\u{1F600}").subarray(3)]
    const lines = asciicast({ startedAt, title: "df -h" }, [
      chunk(1, 0, smile),
      chunk(2, 1_500, rest),
      chunk(3, 2_000, "x\ny\r\nz\r"),
      chunk(4, 2_001, "\n")
    ])
    expect(parsed(lines)).toEqual([
      { version: 2, width: 80, height: 24, timestamp: 1_767_225_600, title: "df -h" },
      [0, "o", "a"],
      [1.5, "o", "\u{1F600}"],
      [2, "o", "x\r\ny\r\nz\r"],
      [2.001, "o", "\n"]
    ])
  })

  it("of version 3 has intervals, and the exit status at its end", () => {
    const ended = { endedAt: "2026-01-01T00:00:04.250Z", exitCode: 3 }
    const lines = asciicast(
      { startedAt, version: 3, columns: 100, rows: 30 },
      [chunk(1, 500, "a"), chunk(2, 2_000, "b")],
      ended
    )
    expect(parsed(lines)).toEqual([
      { version: 3, term: { cols: 100, rows: 30 }, timestamp: 1_767_225_600 },
      [0.5, "o", "a"],
      [1.5, "o", "b"],
      [2.25, "x", "3"]
    ])
  })

  it("of version 2 says nothing of the exit status, which has no place in it", () => {
    const ended = { endedAt: startedAt, exitCode: 3 }
    expect(parsed(asciicast({ startedAt }, [chunk(1, 0, "a")], ended))).toHaveLength(2)
  })

  it("of several runs has whole lines behind names, on the clock of the first, and loses no byte", () => {
    const runs = new Map([
      [web as string, { name: "web-1", startedAt }],
      [db as string, { name: "db-1", startedAt: "2026-01-01T00:00:01.000Z" }]
    ])
    const writer = combinedAsciicastWriter({ startedAt }, runs)
    const lines = [
      chunk(1, 100, "load "),
      chunk(2, 50, "1 GiB free\n", db),
      chunk(3, 900, "0.3\nuptime"),
      chunk(4, 60, "done", db)
    ].map(writer.line)
    expect(parsed(lines.join("") + writer.end())).toEqual([
      [1.05, "o", "db-1: 1 GiB free\r\n"],
      [1.05, "o", "web-1: load 0.3\r\n"],
      [1.05, "o", "web-1: uptime\r\n"],
      [1.06, "o", "db-1: done\r\n"]
    ])
  })

  it("MUST hold every piece of a run's text, whatever the pieces, in both versions", () => {
    const pieces = fc.array(fc.record({ atMs: fc.nat(5_000), text: fc.string({ unit: "grapheme" }) }))
    fc.assert(
      fc.property(pieces, fc.constantFrom(2 as const, 3 as const), (parts, version) => {
        const writer = asciicastWriter({ startedAt, version })
        const lines = parts.map(({ atMs, text }, index) => writer.line(chunk(index + 1, atMs, text))).join("")
        const events = lines === "" ? [] : parsed(lines)
        const whole = parts.map(({ text }) => text).join("")
        expect(
          events
            .map(([, , text]) => text)
            .join("")
            .replaceAll("\r\n", "\n")
        ).toBe(whole.replaceAll("\r\n", "\n"))
        for (const [time] of events) expect(time).toBeGreaterThanOrEqual(0)
      })
    )
  })
})

describe("lines behind names", () => {
  it("MUST keep every byte of every run, each line behind the name of its own, however the pieces fall", () => {
    const piece = fc.record({
      run: fc.constantFrom("a", "b"),
      stream: fc.constant("stdout" as const),
      bytes: fc.string({ unit: fc.constantFrom("x", "y", "\n"), maxLength: 12 }).map(bytes)
    })
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const lines = namedLines(new Map([["a", "web"]]))
        const whole = [...pieces.flatMap((each) => lines.push(each) ?? []), ...lines.rest()]
        for (const [run, name] of [
          ["a", "web: "],
          ["b", "b: "]
        ] as const) {
          const text = (from: ReadonlyArray<{ run: string; bytes: Uint8Array }>) =>
            Buffer.concat(from.filter((each) => each.run === run).map((each) => each.bytes)).toString()
          const shown = text(whole).split("\n").slice(0, -1)
          expect(shown.every((line) => line.startsWith(name))).toBe(true)
          const kept = shown.map((line) => `${line.slice(name.length)}\n`).join("")
          expect(kept).toBe(text(pieces).replace(/([^\n])$/, "$1\n"))
        }
      })
    )
  })
})
