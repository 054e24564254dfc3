// What holds for every line, whatever stands in it.
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Classification, classify, classifyArgv, SEVERITY, worst } from "../src/classify/index.ts"
import { corpus } from "./classify-corpus.ts"

const lines = [...corpus("hostile"), ...corpus("read-only")]
const line = fc.constantFrom(...lines)

/** Pieces of shell in any order, and text of any kind. */
const garbage = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        ..."' \" \\ $ ` ( ) { } [ ] [[ ]] ; & | < > << <<- <<< # ! * ? ~ = $( $(( ${ $' && || ;; \n \t ls rm sort -o if then fi for in do done case esac x= EOF \u00a0 \u202e".split(
          " "
        ),
        " "
      ),
      { maxLength: 25 }
    )
    .map((pieces) => pieces.join(""))
)

/** A line with something put into it or taken out of it. */
const mutant = fc.tuple(line, fc.nat(), fc.nat({ max: 4 }), garbage).map(([text, at, length, piece]) => {
  const start = at % (text.length + 1)
  return text.slice(0, start) + piece + text.slice(start + length)
})

const isSound = ({ class: access, parts }: Classification, length: number) => {
  expect(parts.length).toBeGreaterThan(0)
  expect(access).toBe(worst(parts.map((part) => part.class)))
  for (const { range, why } of parts) {
    const [start, end] = range
    expect(start >= 0 && start <= end && end <= length, `${start} ${end} of ${length}`).toBe(true)
    expect(why).not.toBe("")
  }
}

const rank = (text: string): number => SEVERITY.indexOf(classify(text).class)

describe("any line", () => {
  it("is judged without an exception, by the worst of its parts, with every range inside it", () => {
    fc.assert(
      fc.property(fc.oneof(garbage, mutant), (text) => {
        isSound(classify(text), text.length)
      }),
      { numRuns: 3_000 }
    )
  })

  it("is judged as a vector of arguments the same way", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(garbage, line)), (argv) => {
        isSound(classifyArgv(argv), argv.join(" ").length)
      }),
      { numRuns: 500 }
    )
  })

  it("is judged equally each time", () => {
    fc.assert(
      fc.property(mutant, (text) => {
        expect(classify(text)).toEqual(classify(text))
      }),
      { numRuns: 300 }
    )
  })
})

describe("a line made of others", () => {
  /** Without what ends a line early or reaches beyond it. */
  const closed = fc.constantFrom(
    ...lines.filter((text) => !/[#\\\n]|<<[^<]/.test(text) && !/not valid/.test(reasons(text)))
  )

  it.each<readonly [string, (a: string, b: string) => string]>([
    ["a sequence", (a, b) => `${a}; ${b}`],
    ["and", (a, b) => `${a} && { ${b}; }`],
    ["or", (a, b) => `${a} || { ${b}; }`],
    ["a condition", (a, b) => `if ${a}; then ${b}; fi`],
    ["a loop", (a, b) => `while ${a}; do ${b}; done`],
    ["groups", (a, b) => `{ ${a}; } ; ( ${b} )`],
    ["a substitution", (a, b) => `echo "$(${a})"; ${b}`]
  ])("%s is at least as bad as each of them", (_, combine) => {
    fc.assert(
      fc.property(closed, closed, (first, second) => {
        // A pager whose output is captured cannot be used to start anything.
        if (/pager/.test(reasons(first))) return
        const whole = rank(combine(first, second))
        expect(whole).toBeGreaterThanOrEqual(rank(first))
        // What the first sets, the second may use: then it is judged with more known than alone.
        if (!/=|read|cd|export|set/.test(first)) expect(whole).toBeGreaterThanOrEqual(rank(second))
      }),
      { numRuns: 300 }
    )
  })

  it("a pipe is at least as bad as what stands in it, pagers and what waits for input aside", () => {
    const piped = closed.filter((text) => !/pager|input/.test(reasons(text)) && !text.includes("openssl"))
    fc.assert(
      fc.property(piped, piped, (first, second) => {
        const whole = rank(`{ ${first}; } | { ${second}; }`)
        expect(whole).toBeGreaterThanOrEqual(rank(first))
        expect(whole).toBeGreaterThanOrEqual(rank(second))
      }),
      { numRuns: 500 }
    )
  })
})

const reasons = (text: string): string =>
  classify(text)
    .parts.map(({ why }) => why)
    .join("\n")
