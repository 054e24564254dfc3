// What an approver is shown is all of the plan and nothing else.
import { Schema } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FaithfulView, makeView, type Plan, planDigest, readView, viewDigest } from "../src/index.ts"
import { viewText } from "../src/view/index.ts"
import { hostilePlan, plan, script, target, whole } from "./hostile-plan.ts"
import { planIn } from "./view-reader.ts"

const NOT_FOR_A_TERMINAL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(FaithfulView))
const text = (changes: Partial<Plan> = {}, columns?: number) => viewText(makeView(whole(changes)), columns)
const deceptions = (changes: Partial<Plan>) =>
  makeView(whole(changes)).deceptions.map(({ kind, count, where }) => [
    kind,
    count,
    where.map((span) => span.text).join("")
  ])

describe("the faithful view as data", () => {
  it("has the digest of the plan, computed from nothing else than what it shows, whatever the plan holds", () => {
    fc.assert(
      fc.property(hostilePlan, (any) => {
        const sent = decode(JSON.stringify(makeView(any)))
        expect(viewDigest(sent)).toBe(planDigest(any.plan))
        expect(readView(sent).sentence).toBe(any.plan.sentence)
      }),
      { numRuns: 300 }
    )
  })

  it("with any shown character changed is refused or has another digest", () => {
    const digit = fc.nat()
    fc.assert(
      fc.property(hostilePlan, digit, digit, (any, which, how) => {
        const { digest, ...view } = makeView({ ...any, plan: { ...any.plan, sentence: "x" } })
        const json = JSON.stringify({
          ...view,
          why: [],
          parts: [],
          deceptions: [],
          legend: [],
          difference: { _tag: "First" }
        })
        const places = [...json.matchAll(/"text":"((?:[^"\\]|\\.)+)"/g)].filter(
          ({ index }) => !json.slice(index).startsWith('"text":"x"')
        )
        fc.pre(places.length > 0)
        const place = places[which % places.length]!
        const at = place.index + '"text":"'.length
        const old = JSON.parse(`"${place[1]}"`) as string
        const cut = how % old.length
        const changed = JSON.stringify(old.slice(0, cut) + (old[cut] === "q" ? "r" : "q") + old.slice(cut + 1)).slice(
          1,
          -1
        )
        const mutated = json.slice(0, at) + changed + json.slice(at + place[1]!.length)
        const found = () => viewDigest(decode(JSON.stringify({ ...JSON.parse(mutated), digest })))
        // The second names of secrets say where they go; the digest does not depend on them.
        const isUse = /"uses":\[[^\]]*$/.test(json.slice(0, at)) || /"target":\[[^\]]*$/.test(json.slice(0, at))
        fc.pre(!isUse)
        let result = "refused"
        try {
          result = found()
        } catch {}
        expect(result).not.toBe(digest)
      }),
      { numRuns: 200 }
    )
  })

  it.each([
    ["an escape without a mark", { text: "<U+202E>" }],
    ["a mark without an escape", { text: "rm", mark: "letter" }],
    ["a character that is none", { text: "<U+FFFFFF>", mark: "letter" }],
    ["an escape with zeros before it", { text: "<U+000041>", mark: "letter" }]
  ])("is refused with %s", (_, span) => {
    const view = { ...makeView(whole()), cwd: [span] }
    expect(() => viewDigest(decode(JSON.stringify(view)))).toThrow("does not show what it stands for")
  })

  it("cannot hold a character that is not printable ASCII where it shows the plan", () => {
    const view = { ...makeView(whole()), cwd: [{ text: "/srv\u202e" }] }
    expect(() => decode(JSON.stringify(view))).toThrow("printable ASCII")
  })

  it("is not made with other bytes for standard input than the plan's", () => {
    const { plan } = whole({}, Buffer.from("yes\n"))
    expect(() => makeView({ plan, stdin: Buffer.from("no\n") })).toThrow("standard input")
    expect(() => makeView({ plan, stdin: undefined })).toThrow("standard input")
  })

  it("names what deceives, with its first place", () => {
    expect(deceptions(script("echo a\nr\u200bm -rf \u202e/\nсat \u0441 \n"))).toEqual([
      ["bidi", 1, "script, line 2"],
      ["invisible", 1, "script, line 2"],
      ["look-alike", 2, "script, line 3"],
      ["trailing-blank", 1, "script, line 3"],
      ["mixed-scripts", 1, "script, line 3"]
    ])
    expect(deceptions({ command: { _tag: "Argv", argv: ["echo", "\x1b[2K", "Zoë", "小林"] } })).toEqual([
      ["control", 1, "command, word 2"]
    ])
    expect(deceptions({})).toEqual([])
  })

  it("says which letter a look-alike passes for", () => {
    const { command } = makeView(whole({ command: { _tag: "Argv", argv: ["раypal", "／bin"] } }))
    expect(command).toEqual({
      _tag: "Argv",
      words: [
        [
          { text: "<U+0440>", mark: "look-alike", looksLike: "p" },
          { text: "<U+0430>", mark: "look-alike", looksLike: "a" },
          { text: "ypal" }
        ],
        [{ text: "<U+FF0F>", mark: "look-alike", looksLike: "/" }, { text: "bin" }]
      ]
    })
  })

  it("judges each piece of a command, the inner ones deeper, and says where each secret goes", () => {
    const view = makeView(
      whole({
        command: { _tag: "Argv", argv: ["sh", "-c", "df -h | sort -o /etc/passwd"] },
        secretEnv: { TOKEN: "api/token" },
        secrets: [...["api/token", "other", "ssh/web"].map((name) => ({ name, version: 1 }))]
      })
    )
    const worst = view.parts.find((part) => part.class === "write")!
    expect("sh -c df -h | sort -o /etc/passwd".slice(...worst.range)).toContain("/etc/passwd")
    expect(worst.depth).toBeGreaterThan(0)
    const shown = viewText(view)
    expect(shown).toContain("secret api/token version 1  (in the variable TOKEN)\n")
    expect(shown).toContain("secret other version 1  (the executor reads it)\n")
    expect(shown).toContain("secret ssh/web version 1  (signs in to web-1)\n")
  })
})

describe("the faithful view as text", () => {
  it("gives the plan back, whatever the plan holds", () => {
    fc.assert(
      fc.property(hostilePlan, (any) => {
        expect(planDigest(planIn(viewText(makeView(any))))).toBe(planDigest(any.plan))
      }),
      { numRuns: 300 }
    )
  })

  it("has no control, bidi or zero-width character, and is printable ASCII but for its legend", () => {
    fc.assert(
      fc.property(hostilePlan, (any) => {
        const shown = viewText(makeView(any))
        for (const line of shown.split("\n")) expect(line).not.toMatch(NOT_FOR_A_TERMINAL)
        expect(shown.split("\nEscapes ")[0]).toMatch(/^[\x20-\x7e\n]*$/)
      })
    )
  })

  it("leaves nothing out of a script of 100 kB, or of a line of 100 kB, on any terminal", () => {
    const long = Array.from({ length: 4_000 }, (_, index) => `echo ${index} ${"y".repeat(15)}`).join("\n")
    for (const [content, columns] of [
      [long, undefined],
      [`echo ${"x".repeat(100_000)}; rm -rf /`, undefined]
    ] as const) {
      expect(planIn(text(script(content), columns)).command).toEqual({ _tag: "Script", script: content })
    }
    const wrapped = text(script(`echo ${"x".repeat(100_000)}; rm -rf /`), 80)
    expect(wrapped.replaceAll(/\n *> /g, "")).toContain(`${"x".repeat(100_000)}; rm -rf /`)
    for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
  })

  it("on a narrow terminal no part of a long command can pass for a row of its own", () => {
    const spoof = `echo ${" ".repeat(60)}Folder       /safe`
    const shown = text({ command: { _tag: "Argv", argv: ["sh", "-c", spoof] } }, 80)
    expect(shown.split("\n").filter((line) => /^\s*Folder/.test(line))).toEqual([])
  })

  it("numbers the lines of a script, so that none can pass for another part of the view", () => {
    expect(text(script("echo a\nFolder  /x"))).toContain(
      "Script      /bin/sh reads these lines:\n            1 | echo a\n            2 | Folder  /x\n            (no newline at the end)\n"
    )
  })

  it("shows standard input, also bytes that are no text", () => {
    const shown = viewText(makeView(whole({}, Buffer.from([0x61, 0xff, 0x0a, 0x3c, 0x30, 0x78, 0xc3, 0xa9]))))
    expect(shown).toMatch(/Stdin +8 bytes with SHA-256 [0-9a-f]{64}:\n +1 \| a<0xFF>\n +2 \| <U\+003C>0x<U\+00E9>\n/)
    expect(shown).toContain("Beware      bytes that are no text: 1, the first in standard input, line 1\n")
  })

  it("differs in other rows than digest and nonce for plans that differ", () => {
    const rows = (changes: Partial<Plan>) => text(changes).replace(/^(Digest|Nonce) .*$/gm, "")
    for (const changes of [
      { cwd: "/srv" },
      { timeoutMs: 600_001 },
      { targets: [target({ port: 2222 })] },
      { executor: "x" }
    ]) {
      expect(rows(changes)).not.toBe(rows({}))
    }
    expect(plan()).toEqual(planIn(text()))
  })
})
