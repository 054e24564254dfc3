import { it } from "@effect/vitest"
import { newId, TargetId } from "@fluxcybers/core"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { selectTargets, type Target } from "../src/index.ts"
import { web1 } from "./world.ts"

const { jump: _, passphrase: __, ...direct } = web1

const target = (name: string, ...tags: ReadonlyArray<string>): Target => ({
  ...direct,
  id: Effect.runSync(newId(TargetId, "target")),
  name,
  tags
})

const fleet = [
  target("db-1", "db", "eu"),
  target("web-1", "web", "eu"),
  target("web-2", "web", "us"),
  target("web-3", "web", "eu")
]

const found = (...selectors: ReadonlyArray<string>) => {
  const selection = selectTargets(fleet, selectors)
  return selection._tag === "Selected"
    ? selection.targets.map(({ name, selectedBy }) => (selectedBy === undefined ? name : `${name} by ${selectedBy}`))
    : selection
}

describe("selecting targets", () => {
  it("by name, by id, by a tag, by several tags together, each target once and in the order asked for", () => {
    expect(found("web-2", fleet[0]!.id)).toEqual(["web-2", "db-1"])
    expect(found("tag:web")).toEqual(["web-1 by tag:web", "web-2 by tag:web", "web-3 by tag:web"])
    expect(found("tag:web+eu")).toEqual(["web-1 by tag:web+eu", "web-3 by tag:web+eu"])
    expect(found("tag:eu", "tag:web")).toEqual([
      "db-1 by tag:eu",
      "web-1 by tag:eu",
      "web-3 by tag:eu",
      "web-2 by tag:web"
    ])
  })

  it("a target that is named and also has the tag counts as named, wherever its name stands", () => {
    expect(found("web-3", "tag:web")).toEqual(["web-3", "web-1 by tag:web", "web-2 by tag:web"])
    expect(found("tag:web", "web-3")).toEqual(["web-1 by tag:web", "web-2 by tag:web", "web-3"])
  })

  it("what finds nothing, or names a target twice, is a mistake", () => {
    expect(found("web-9")).toEqual({ _tag: "Unmatched", selector: "web-9" })
    expect(found("web-1", "tag:db+us")).toEqual({ _tag: "Unmatched", selector: "tag:db+us" })
    expect(found("tag:")).toEqual({ _tag: "Unmatched", selector: "tag:" })
    expect(found("web-1", fleet[1]!.id)).toEqual({ _tag: "Twice", name: "web-1" })
  })
})
