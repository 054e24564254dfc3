// What changed since the last approved plan, and that it is beside every view.
import { it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, type PlanChange, planChanges, Targets, viewDigest } from "../src/index.ts"
import { lineDifference } from "../src/view/line-difference.ts"
import { script, target, whole } from "./hostile-plan.ts"
import {
  ada,
  decideAs,
  gateLayer,
  makeWorld,
  organisation,
  otherOrganisation,
  proposeAs,
  testExecutor,
  web1
} from "./world.ts"

const texts = (changes: ReadonlyArray<PlanChange>) =>
  JSON.parse(JSON.stringify(changes).replaceAll(/\[{"text":("[^"]*")}\]/g, "$1"))

describe("the difference of lines", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 })

  it("leads from the one to the other", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const steps = lineDifference(before, after)
        const walked = { before: [] as Array<string>, after: [] as Array<string> }
        for (const step of steps) {
          if (step._tag !== "Same") walked[step._tag === "Removed" ? "before" : "after"].push(step.line)
          else {
            walked.before.push(...before.slice(walked.before.length, walked.before.length + step.count))
            walked.after.push(...after.slice(walked.after.length, walked.after.length + step.count))
          }
        }
        expect(walked).toEqual({ before, after })
        expect(steps.every(({ _tag }) => _tag === "Same")).toBe(
          before.join("\n") === after.join("\n") && before.length === after.length
        )
      }),
      { numRuns: 1_000 }
    )
  })

  it("is the shortest, and of texts that have nothing in common it says so quickly", () => {
    expect(lineDifference(["a", "b", "c"], ["a", "c", "d"])).toEqual([
      { _tag: "Same", count: 1 },
      { _tag: "Removed", line: "b" },
      { _tag: "Same", count: 1 },
      { _tag: "Added", line: "d" }
    ])
    const many = (prefix: string) => Array.from({ length: 20_000 }, (_, index) => `${prefix}${index}`)
    expect(lineDifference(many("a"), many("b"))).toHaveLength(40_000)
  })
})

describe("the difference of plans", () => {
  it("names every field that differs, and scripts line by line", () => {
    const before = whole({ ...script("cd /srv\nls\n"), env: { LANG: "C" }, cwd: "/srv" })
    const after = whole({
      ...script("cd /srv\nrm -rf *\n"),
      env: { LANG: "de" },
      targets: [target({ host: "10.0.0.6" })],
      secrets: [{ name: "ssh/web", version: 2 }]
    })
    expect(texts(planChanges(before, after))).toEqual([
      {
        _tag: "Lines",
        field: "script",
        changes: [
          { _tag: "Same", count: 1 },
          { _tag: "Removed", text: "ls" },
          { _tag: "Added", text: "rm -rf *" },
          { _tag: "Same", count: 1 }
        ]
      },
      { _tag: "Value", field: "cwd", before: "/srv" },
      { _tag: "Value", field: "env.LANG", before: "C", after: "de" },
      { _tag: "Value", field: "secret.ssh/web", before: "version 1", after: "version 2" },
      { _tag: "Value", field: `target.${target().id}.host`, before: "10.0.0.5", after: "10.0.0.6" }
    ])
  })

  it("is empty for plans of which the same would run, and never for others", () => {
    expect(planChanges(whole({ nonce: "1".repeat(32), sentence: "other" }), whole())).toEqual([])
    expect(planChanges(whole(script("a")), whole(script("a\n")))).not.toEqual([])
    expect(planChanges(whole({}, Buffer.from("a")), whole({}, Buffer.from("b")))).not.toEqual([])
    expect(planChanges(whole({}, Buffer.alloc(0)), whole())).not.toEqual([])
  })
})

describe.each(databases)("on $name, the view of an execution", (database) => {
  const onHost = testExecutor({ id: "host", needsTarget: true })
  const world = () => makeWorld({ executors: [testExecutor(), testExecutor({ id: "other" }), onHost] })
  const approved = (words: ReadonlyArray<string>, more = {}) =>
    Effect.flatMap(proposeAs(ada, { input: { words }, ...more }), (proposed) => decideAs(ada, proposed))
  const differenceOf = Effect.fnUntraced(function* (words: ReadonlyArray<string>, more = {}) {
    const { id, digest } = yield* proposeAs(ada, { input: { words }, ...more })
    const view = yield* (yield* Gate).view(organisation, id)
    expect(viewDigest(view)).toBe(digest)
    return view.difference
  })

  it.effect("shows what changed since the last approved plan of the same executor", () =>
    Effect.gen(function* () {
      expect(yield* differenceOf(["a"])).toEqual({ _tag: "First" })
      const first = yield* approved(["a"])
      yield* approved(["x"], { executor: "other" })
      const rejected = yield* proposeAs(ada, { input: { words: ["z"] } })
      yield* decideAs(ada, rejected, { verdict: "reject" })
      expect(yield* differenceOf(["a"])).toMatchObject({ _tag: "Since", execution: first.id, changes: [] })
      const second = yield* approved(["b"])
      expect(yield* differenceOf(["b", "c"])).toMatchObject({
        _tag: "Since",
        execution: second.id,
        changes: [{ field: "arguments", changes: [{ _tag: "Same", count: 2 }, { _tag: "Added" }] }]
      })
    }).pipe(Effect.provide(gateLayer(world(), database)))
  )

  it.effect("compares with plans for exactly the same targets only, and is another organisation's secret", () =>
    Effect.gen(function* () {
      const targets = yield* Targets
      for (const name of ["web-1", "web-2"])
        yield* targets.add({ organisation, actor: ada, settings: { ...web1, name } })
      const on = (...names: ReadonlyArray<string>) => ({ executor: "host", targets: names })
      yield* approved(["a"], on("web-1", "web-2"))
      const alone = yield* approved(["b"], on("web-2"))
      expect(yield* differenceOf(["c"], on("web-1"))).toEqual({ _tag: "First" })
      expect(yield* differenceOf(["c"], on("web-2"))).toMatchObject({ execution: alone.id })
      const refused = yield* Effect.flip((yield* Gate).view(otherOrganisation, alone.id))
      expect(refused._tag).toBe("ExecutionNotFound")
    }).pipe(Effect.provide(gateLayer(world(), database)))
  )
})
