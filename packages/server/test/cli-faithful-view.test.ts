// What an approver reads is all of the plan and nothing else.
import type { PinnedTarget, Plan } from "@fluxcybers/executor"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { faithfulView } from "../src/cli/faithful-view.ts"
import { hostileText } from "./hostile-text.ts"

const NONCE = "0".repeat(32)
const NOT_FOR_A_TERMINAL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u

const target = (changes: Partial<PinnedTarget> = {}): PinnedTarget => ({
  id: "target_01m86cevhretbsw7753gbh4rag" as PinnedTarget["id"],
  name: "web-1",
  host: "10.0.0.5",
  port: 22,
  account: "deploy",
  hostKey: "SHA256:abc",
  credential: "ssh/web",
  ...changes
})

const plan = (changes: Partial<Plan> = {}): Plan => ({
  v: 1,
  nonce: NONCE,
  executor: "ssh",
  executorVersion: "1",
  targets: [target()],
  command: { _tag: "Argv", argv: ["df", "-h"] },
  env: {},
  secretEnv: {},
  secrets: [{ name: "ssh/web", version: 1 }],
  timeoutMs: 600_000,
  outputBytesMax: 64 * 1024 * 1024,
  access: "read",
  sentence: "Shows free disk space.",
  ...changes
})

const hostileTarget = fc
  .record({
    name: hostileText,
    host: hostileText,
    account: hostileText,
    hostKey: hostileText,
    credential: hostileText,
    port: fc.integer({ min: 1, max: 65_535 })
  })
  .map(target)

const command: fc.Arbitrary<Plan["command"]> = fc.oneof(
  fc
    .array(hostileText, { minLength: 1, maxLength: 4 })
    .map(([first = "", ...rest]) => ({ _tag: "Argv" as const, argv: [first, ...rest] as [string, ...Array<string>] })),
  hostileText.map((script) => ({ _tag: "Script" as const, script }))
)

const hostilePlan = fc
  .record({
    targets: fc.array(hostileTarget, { maxLength: 2 }),
    command,
    env: fc.dictionary(hostileText, hostileText, { maxKeys: 2, noNullPrototype: true }),
    secretEnv: fc.dictionary(hostileText, hostileText, { maxKeys: 2, noNullPrototype: true }),
    secrets: fc.array(fc.record({ name: hostileText, version: fc.integer({ min: 1, max: 99 }) }), { maxLength: 2 }),
    timeoutMs: fc.integer({ min: 1, max: 86_400_000 }),
    outputBytesMax: fc.integer({ min: 1, max: 2 ** 30 }),
    sentence: hostileText
  })
  .map(plan)

/** Everything but the sentence, which the digest does not cover; names in order, because their order means nothing. */
const covered = ({ sentence: _, env, secretEnv, ...rest }: Plan): string =>
  JSON.stringify({ ...rest, env: Object.entries(env).sort(), secretEnv: Object.entries(secretEnv).sort() })

describe("the faithful view", () => {
  it("has no control, bidi or zero-width character, whatever the plan holds", () => {
    fc.assert(
      fc.property(hostilePlan, (any) => {
        for (const line of faithfulView(any).split("\n")) expect(line).not.toMatch(NOT_FOR_A_TERMINAL)
      })
    )
  })

  it("is printable ASCII but for the letters that its legend explains", () => {
    fc.assert(
      fc.property(hostilePlan, (any) => {
        const [view = ""] = faithfulView(any).split("\nEscapes ")
        expect(view).toMatch(/^[\x20-\x7e\n]*$/)
      })
    )
  })

  it("differs for plans that differ in anything that the digest covers", () => {
    const small = fc.string({ unit: fc.constantFrom("a", " ", "\n", "'", "@", "=", "|"), maxLength: 3 })
    const word = small.filter((text) => text !== "")
    const smallPlan = fc
      .record({
        targets: fc.array(fc.record({ account: small, host: small }).map(target), { minLength: 1, maxLength: 2 }),
        command: fc.oneof(
          fc.array(small, { minLength: 1, maxLength: 3 }).map(([first = "", ...rest]) => ({
            _tag: "Argv" as const,
            argv: [first, ...rest] as [string, ...Array<string>]
          })),
          small.map((script) => ({ _tag: "Script" as const, script }))
        ),
        env: fc.dictionary(word, small, { maxKeys: 2, noNullPrototype: true }),
        secretEnv: fc.dictionary(word, small, { maxKeys: 1, noNullPrototype: true })
      })
      .map(plan)
    fc.assert(
      fc.property(smallPlan, smallPlan, (first, second) => {
        expect(faithfulView(first) === faithfulView(second)).toBe(covered(first) === covered(second))
      }),
      { numRuns: 3_000 }
    )
  })

  it.each<[string, Partial<Plan>]>([
    ["folder", { cwd: "/srv" }],
    ["standard input", { stdinDigest: "ab".repeat(32) }],
    ["time limit", { timeoutMs: 600_001 }],
    ["output limit", { outputBytesMax: 64 * 1024 * 1024 + 1 }],
    ["executor", { executor: "local" }],
    ["executor's version", { executorVersion: "2" }],
    ["access", { access: "write" }],
    ["secret's version", { secrets: [{ name: "ssh/web", version: 2 }] }],
    ["host key", { targets: [target({ hostKey: "SHA256:abd" })] }],
    ["port", { targets: [target({ port: 2222 })] }],
    ["credential", { targets: [target({ credential: "ssh/other" })] }],
    ["blank at the end of a script's line", { command: { _tag: "Script", script: "df -h \n" } }]
  ])("shows the %s", (_, changes) => {
    const before = changes.command === undefined ? plan() : plan({ command: { _tag: "Script", script: "df -h\n" } })
    expect(faithfulView(plan(changes))).not.toBe(faithfulView(before))
  })

  it("on a narrow terminal no part of a long command can pass for a row of its own", () => {
    const spoof = `echo ${" ".repeat(60)}Folder       /safe`
    const view = faithfulView(plan({ command: { _tag: "Argv", argv: ["sh", "-c", spoof] } }), 80)
    const rows = view.split("\n").filter((line) => /^\s*Folder/.test(line))
    expect(rows).toEqual([])
    for (const line of view.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
  })

  it("numbers the lines of a script, so that none can pass for another part of the view", () => {
    expect(faithfulView(plan({ command: { _tag: "Script", script: "echo a\nFolder  /x" } }))).toContain(
      "Script    /bin/sh reads these lines:\n          1 | echo a\n          2 | Folder  /x\n          (no newline at the end)\n"
    )
  })
})
