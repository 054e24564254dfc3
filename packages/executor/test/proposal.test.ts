import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, type PlanDraft, type ProposalRefused, Targets } from "../src/index.ts"
import { ada, gateLayer, makeWorld, organisation, proposeAs, testExecutor, web1 } from "./world.ts"

const database = databases[0]!

const draft = (changes: Partial<PlanDraft>) => () =>
  ({
    command: { _tag: "Argv", argv: ["true"] },
    access: "read",
    sentence: "Does nothing.",
    ...changes
  }) as PlanDraft

/** Proposes through an executor that makes this draft. */
const proposing = (changes: Partial<PlanDraft>) =>
  proposeAs(ada, { input: { words: [] } }).pipe(
    Effect.provide(gateLayer(makeWorld({ executors: [testExecutor({ plan: draft(changes) })] }), database))
  )

const refusal = (changes: Partial<PlanDraft>) => Effect.flip(proposing(changes)) as Effect.Effect<ProposalRefused>

describe("a plan within the limits", () => {
  it.effect("has the draft's parts, the pinned versions, and the defaults", () =>
    Effect.gen(function* () {
      const { plan } = yield* proposing({
        secretEnv: { TOKEN: "ssh/ops" },
        secrets: ["ssh/ops"],
        stdin: new TextEncoder().encode("abc"),
        cwd: "/srv"
      })
      expect(plan).toMatchObject({
        v: 1,
        executor: "echo",
        executorVersion: "1",
        secrets: [{ name: "ssh/ops", version: 1 }],
        stdinDigest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        cwd: "/srv",
        env: {},
        timeoutMs: 600_000,
        outputBytesMax: 64 * 1024 * 1024
      })
    })
  )

  it.effect("may hold a script of 256 KiB, a thousand arguments and a megabyte of input", () =>
    Effect.gen(function* () {
      yield* proposing({ command: { _tag: "Script", script: "x".repeat(256 * 1024) } })
      yield* proposing({
        command: { _tag: "Argv", argv: ["a", ...Array.from({ length: 1_000 }, () => "'\n\u{1F600}")] }
      })
      yield* proposing({ stdin: new Uint8Array(1024 * 1024) })
    })
  )
})

describe("a proposal is refused, and nothing is stored,", () => {
  const broken: ReadonlyArray<readonly [string, Partial<PlanDraft>, RegExp]> = [
    ["script too long", { command: { _tag: "Script", script: "ü".repeat(131_073) } }, /The script has 262146 bytes/],
    ["empty script", { command: { _tag: "Script", script: "" } }, /script is empty/],
    ["NUL in a script", { command: { _tag: "Script", script: "a\0b" } }, /NUL/],
    ["broken Unicode", { command: { _tag: "Argv", argv: ["echo", "\ud800"] } }, /Argument 1 .*broken Unicode/],
    ["no program", { command: { _tag: "Argv", argv: [""] } }, /name of the program is empty/],
    ["too many arguments", { command: { _tag: "Argv", argv: ["a", ...Array(1_024).fill("b")] } }, /1025 arguments/],
    ["arguments too long", { command: { _tag: "Argv", argv: ["a", "b".repeat(262_144)] } }, /262145 bytes/],
    ["a name that is none", { env: { "A-B": "" } }, /"A-B" is not a name/],
    ["a value that is none", { env: { A: "\0" } }, /variable A holds a NUL/],
    ["a variable twice", { env: { A: "1" }, secretEnv: { A: "ssh/ops" } }, /given twice/],
    ["a relative folder", { cwd: "srv" }, /absolute path/],
    ["no time", { timeoutMs: 0 }, /timeout must be between/],
    ["too much time", { timeoutMs: 86_400_001 }, /timeout must be between/],
    ["no output", { outputBytesMax: 0 }, /output limit must be between/],
    ["too much output", { outputBytesMax: 2 ** 30 + 1 }, /output limit must be between/],
    ["too much input", { stdin: new Uint8Array(1024 * 1024 + 1) }, /Standard input has 1048577 bytes/],
    ["no sentence", { sentence: "" }, /sentence/]
  ]
  for (const [name, changes, detail] of broken) {
    it.effect(`for ${name}`, () =>
      Effect.gen(function* () {
        const refused = yield* refusal(changes)
        expect(refused).toMatchObject({ _tag: "ProposalRefused", reason: "limit" })
        expect(refused.message).toMatch(detail)
        expect(refused.message).toMatch(/Nothing was proposed\.$/)
      })
    )
  }

  it.effect("for a secret that is not there", () =>
    Effect.map(refusal({ secrets: ["nope"] }), (refused) =>
      expect(refused).toMatchObject({ reason: "unknown-secret", detail: expect.stringContaining('"nope"') })
    )
  )

  it.effect("for an unknown executor, input or target, or targets where none are taken", () =>
    Effect.gen(function* () {
      const refused = (more: Parameters<typeof proposeAs>[1]) => Effect.flip(proposeAs(ada, more))
      expect(yield* refused({ executor: "nope" })).toMatchObject({ reason: "unknown-executor" })
      expect(yield* refused({ input: { words: [1] } })).toMatchObject({ reason: "invalid-input" })
      expect(yield* refused({ input: { words: [], extra: 1 } })).toMatchObject({ reason: "invalid-input" })
      expect(yield* refused({ targets: ["web-1"] })).toMatchObject({ reason: "invalid-input" })
      expect(yield* (yield* Gate).list({ organisation })).toEqual([])
    }).pipe(Effect.provide(gateLayer(makeWorld(), database)))
  )

  it.effect("for no target, a missing one, the same one twice, or more than a thousand", () =>
    Effect.gen(function* () {
      const refused = (targets: ReadonlyArray<string>) => Effect.flip(proposeAs(ada, { targets }))
      const { id } = yield* (yield* Targets).add({ organisation, actor: ada, settings: web1 })
      expect(yield* refused([])).toMatchObject({ reason: "limit" })
      expect(yield* refused(["web-1", "web-2"])).toMatchObject({ reason: "unknown-target" })
      expect(yield* refused(["web-1", id])).toMatchObject({ reason: "invalid-input" })
      expect(yield* refused(Array(1_001).fill("web-1"))).toMatchObject({ reason: "limit" })
      expect(yield* proposeAs(ada, { targets: ["web-1"] })).toMatchObject({
        plan: { targets: [{ id, name: "web-1", hostKey: web1.hostKey }], secrets: [{ name: "ssh/ops", version: 1 }] },
        runs: [{ target: id, targetName: "web-1", state: "waiting" }]
      })
    }).pipe(Effect.provide(gateLayer(makeWorld({ executors: [testExecutor({ needsTarget: true })] }), database)))
  )

  it.effect("by a rule that says so", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(proposeAs(ada))
      expect(refused).toMatchObject({ reason: "refused-by-rule", detail: expect.stringContaining("closed@2/none") })
    }).pipe(
      Effect.provide(gateLayer(makeWorld(), database, { shipped: () => ({ name: "closed", version: 2, rules: [] }) }))
    )
  )
})
