// The classifier against its own corpora and its models' examples.
import { describe, expect, it } from "vitest"
import { classify, classifyArgv, classifyLines, readLines } from "../src/classify/index.ts"
import { models } from "../src/classify/models/all.ts"
import { optionTable } from "../src/classify/option-table.ts"
import { knownPrograms } from "../src/classify/registry.ts"
import { corpus } from "./classify-corpus.ts"

const readAmong = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.filter((line) => classify(line).class === "read")

describe("corpora", () => {
  it("no hostile line is read", () => {
    const hostile = corpus("hostile")
    expect(hostile.length).toBeGreaterThanOrEqual(400)
    expect(readAmong(hostile)).toEqual([])
  })

  it("at least 95 of 100 ordinary read-only lines are read", () => {
    const ordinary = corpus("read-only")
    expect(ordinary.length).toBeGreaterThanOrEqual(400)
    expect(readAmong(ordinary).length / ordinary.length).toBeGreaterThanOrEqual(0.95)
  })
})

describe("models", () => {
  it("know at least 150 programs", () => {
    expect(knownPrograms().length).toBeGreaterThanOrEqual(150)
  })

  it.each(models.map((model) => [model.names, model] as const))("the examples of %s hold", (_, model) => {
    expect(model.read.filter((line) => classify(line).class !== "read")).toEqual([])
    expect(readAmong(model.notRead)).toEqual([])
    expect(model.read.length + model.notRead.length).toBeGreaterThan(0)
    expect(() => optionTable(model)).not.toThrow()
  })

  it("no program reads with an option that nobody has, except those that print their arguments", () => {
    const lines = knownPrograms().map((name) => `${name} --fluxcybers-no-such-option`)
    expect(readAmong(lines).map((line) => line.split(" ")[0])).toEqual([":", "echo", "false", "pwd", "test", "true"])
  })
})

describe("obfuscation of what is not read", () => {
  const dangerous = corpus("hostile").filter(
    (line) => /^[a-z]+ [\w /.-]+$/.test(line) && !/^(ls|cat|x|less|more|man|info|dpkg|loginctl|timedatectl) /.test(line)
  )
  const split = (line: string): readonly [string, string] => [
    line.slice(0, line.indexOf(" ")),
    line.slice(line.indexOf(" "))
  ]
  const octal = (text: string): string =>
    [...text].map((letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`).join("")

  it.each<readonly [string, (program: string, rest: string) => string]>([
    ["single quotes", (program, rest) => `'${program}'${rest}`],
    ["double quotes", (program, rest) => `"${program}"${rest}`],
    ["empty quotes inside", (program, rest) => `${program.slice(0, 1)}''${program.slice(1)}${rest}`],
    ["a backslash", (program, rest) => `\\${program}${rest}`],
    ["octal escapes", (program, rest) => `$'${octal(program)}'${rest}`],
    ["a line continuation", (program, rest) => `${program.slice(0, 1)}\\\n${program.slice(1)}${rest}`],
    ["a path", (program, rest) => `/usr/bin/${program}${rest}`],
    ["sh -c", (program, rest) => `sh -c '${program}${rest}'`],
    ["nested wrappers", (program, rest) => `env nice -n 5 timeout 5 bash -c "sh -c '${program}${rest}'"`],
    ["a substitution", (program, rest) => `echo "$(${program}${rest})"`],
    ["an assignment", (program, rest) => `p=${program}; $p${rest}`],
    ["a list", (program, rest) => `ls && { ${program}${rest}; } | cat`],
    ["a loop", (program, rest) => `for i in 1; do ${program}${rest}; done`],
    ["a here-document", (program, rest) => `cat <<E\n$(${program}${rest})\nE`],
    ["a zero-width space", (program, rest) => `${program}\u200b${rest}`],
    ["a bidirectional override", (program, rest) => `ls # \u202e\n${program}${rest}`],
    ["a redirection first", (program, rest) => `</dev/null ${program}${rest}`]
  ])("%s", (_, disguise) => {
    expect(dangerous.length).toBeGreaterThan(100)
    expect(readAmong(dangerous.map((line) => disguise(...split(line))))).toEqual([])
  })

  it("an invisible character makes any line unknown", () => {
    for (const character of ["\u200b", "\u202e", "\u0000", "\u001b", "\u00a0", "\u{e0041}", "\r"]) {
      expect(classify(`ls ${character}/`).class).toBe("unknown")
      expect(classifyArgv(["ls", character]).class).toBe("unknown")
    }
  })
})

describe("what shells read differently", () => {
  it.each(["[[ a = &>f ]] && ls", "[[ &>f =~ a ]] && ls", "<<` rm \n<<<\n read a $ 2>&1 ", "cat <<EOF"])(
    "%j is not read",
    (line) => {
      expect(classify(line).class).not.toBe("read")
    }
  )
})

describe("ranges", () => {
  const partsOf = (line: string) =>
    classify(line).parts.map(({ range, class: access }) => [line.slice(...range), access])

  it("point at the commands", () => {
    expect(partsOf("ls / | sort -o f")).toEqual([
      ["ls /", "read"],
      ["f", "write"]
    ])
    expect(partsOf("sh -c 'ls; rm x'")).toContainEqual(["rm x", "destroy"])
    expect(partsOf("ls > f")).toContainEqual(["> f", "write"])
  })

  it("stay inside the line and are in order for every line of both corpora", () => {
    for (const line of [...corpus("hostile"), ...corpus("read-only")]) {
      const starts = classify(line).parts.map(({ range: [start, end] }) => {
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeGreaterThanOrEqual(start)
        expect(end).toBeLessThanOrEqual(line.length)
        return start
      })
      expect(starts).toEqual([...starts].sort((a, b) => a - b))
    }
  })
})

it("judges lines in their order", async () => {
  const answers: Array<string> = []
  for await (const answer of classifyLines(["ls", "", "rm x"])) answers.push(JSON.parse(answer).class)
  expect(answers).toEqual(["read", "unknown", "destroy"])
})

it("does not hang on what is nested or long", () => {
  for (const line of [
    "$(".repeat(5000),
    "ls ".repeat(20000),
    `${"echo {1..32}".repeat(50)}`,
    "(".repeat(20000),
    "x".repeat(70_000)
  ]) {
    const start = performance.now()
    expect(classify(line).parts.length).toBeGreaterThan(0)
    expect(performance.now() - start).toBeLessThan(5000)
  }
})

it("ends a line at a line feed only, across chunks", async () => {
  const bytes = new TextEncoder().encode("ls\rrm x\necho \u2028é\n\nlast")
  const chunks = async function* () {
    for (const byte of bytes) yield Uint8Array.of(byte)
  }
  const lines: Array<string> = []
  for await (const line of readLines(chunks())) lines.push(line)
  expect(lines).toEqual(["ls\rrm x", "echo \u2028é", "", "last"])
})
