import { it } from "@effect/vitest"
import { DateTime } from "effect"
import { describe, expect } from "vitest"
import {
  type Circumstances,
  evaluate,
  type Rule,
  type RuleSet,
  ruleSetFor,
  runExamples,
  SOLO,
  TEAM
} from "../src/index.ts"
import { ada } from "./world.ts"

const target = (more: Partial<Circumstances["targets"][number]> = {}) => ({
  id: "target_01",
  name: "web-1",
  account: "ops",
  tags: [],
  ...more
})

const circumstances = (more: Partial<Circumstances> = {}): Circumstances => ({
  executor: "ssh",
  access: "write",
  targets: [target()],
  requester: "person",
  requestedBy: [ada.person],
  at: DateTime.makeUnsafe("2026-01-07T12:00:00Z"),
  ...more
})

const withRule = (when: NonNullable<Rule["when"]>): RuleSet => ({
  name: "mine",
  version: 1,
  rules: [{ name: "only", when, require: "nobody" }]
})

const why = (when: NonNullable<Rule["when"]>, more: Partial<Circumstances> = {}) =>
  evaluate(withRule(when), circumstances(more)).considered[0]?.mismatch

describe("rules", () => {
  it("what no rule matches is refused", () => {
    expect(evaluate({ name: "empty", version: 3, rules: [] }, circumstances())).toEqual({
      requirement: { _tag: "Refused", reason: "No rule of empty@3 allows it.", rule: "empty@3/none" },
      considered: []
    })
  })

  it("the first rule that matches wins, and why the earlier ones did not is said", () => {
    const rules: ReadonlyArray<Rule> = [
      { name: "no-rm", when: { access: ["destroy"] }, require: { refuse: "Never." } },
      { name: "rest", require: "nobody" },
      { name: "shadowed", require: "nobody" }
    ]
    const set = { name: "mine", version: 1, rules }
    expect(evaluate(set, circumstances({ access: "destroy" })).requirement).toEqual({
      _tag: "Refused",
      reason: "Never.",
      rule: "mine@1/no-rm"
    })
    expect(evaluate(set, circumstances())).toEqual({
      requirement: { _tag: "Nobody", rule: "mine@1/rest" },
      considered: [{ rule: "no-rm", mismatch: "the access is write, not destroy" }, { rule: "rest" }]
    })
  })

  it("a demand that names only people wants an independent, unsigned decision", () => {
    const rules: ReadonlyArray<Rule> = [{ name: "one", require: { people: [{ count: 1, roles: ["owner"] }] } }]
    expect(evaluate({ name: "mine", version: 2, rules }, circumstances()).requirement).toEqual({
      _tag: "People",
      groups: [{ count: 1, roles: ["owner"] }],
      requester: "must-not-decide",
      signature: "none",
      reason: "optional",
      rule: "mine@2/one"
    })
  })

  it("one member has the solo rules, two or more the team rules, and nobody as well", () => {
    expect([0, 1, 2, 50].map(ruleSetFor)).toEqual([TEAM, SOLO, TEAM, TEAM])
  })

  it.each([SOLO, TEAM])("the examples of $name hold", (set) => {
    const results = runExamples(set)
    expect(results.length).toBeGreaterThan(6)
    expect(results.filter(({ problem }) => problem !== undefined)).toEqual([])
  })

  it.each([SOLO, TEAM])("$name: a command of any other access than read needs somebody, tagged or not", (set) => {
    for (const access of ["write", "destroy", "privilege", "exfiltrate", "unknown"] as const) {
      const given = circumstances({ access, targets: [target({ tags: ["unattended-reads"] })] })
      expect(evaluate(set, given).requirement._tag).toBe("People")
    }
  })

  it.each([SOLO, TEAM])("$name: a read without a target needs somebody", (set) => {
    expect(evaluate(set, circumstances({ access: "read", targets: [] })).requirement._tag).toBe("People")
  })
})

describe("a condition", () => {
  it("on every target holds for all of them, on some target for one, and neither without a target", () => {
    const production = { tags: ["production"] }
    const mixed = { targets: [target({ tags: ["production"] }), target({ name: "web-2" })] }
    expect(why({ everyTarget: production }, mixed)).toBe("the target web-2 has no tag production")
    expect(why({ someTarget: production }, mixed)).toBeUndefined()
    expect(why({ someTarget: production }, { targets: [target(), target({ name: "web-2" })] })).toBe(
      "none of its 2 targets is tagged production"
    )
    expect(why({ everyTarget: production }, { targets: [] })).toBe("the plan has no target")
    expect(why({ someTarget: production }, { targets: [] })).toBe("the plan has no target")
  })

  it("on names takes ids and wildcards, and a wildcard never means a whole other name", () => {
    expect(why({ everyTarget: { named: ["web-*"] } })).toBeUndefined()
    expect(why({ everyTarget: { named: ["target_01"] } })).toBeUndefined()
    expect(why({ everyTarget: { named: ["eb-*", "web-", "WEB-1", "web.1"] } })).toContain("is not named")
  })

  it("on the account, the executor, the number of targets and whoever asks", () => {
    expect(why({ someTarget: { account: ["root"] } })).toBe("the account on web-1 is ops, not root")
    expect(why({ executor: ["local"] })).toBe("the executor is ssh, not local")
    expect(why({ targetsMin: 2 })).toBe("the plan has 1 targets, fewer than 2")
    expect(why({ targetsMin: 1 })).toBeUndefined()
    expect(why({ requester: ["agent", "service"] })).toBe("whoever asks is person, not agent or service")
    expect(why({ requestedBy: [ada.person] })).toBeUndefined()
    expect(why({ requestedBy: ["person_00000000000000000000000000"] })).toBe("somebody else asks")
  })

  it("on the time knows zones, the ends of the window, and nights that end on the next day", () => {
    const at = (instant: string) => ({ at: DateTime.makeUnsafe(instant) })
    const office = {
      time: { zone: "Europe/Berlin", days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" }
    } as const
    expect(why(office, at("2026-01-07T08:00:00Z"))).toBeUndefined()
    expect(why(office, at("2026-01-07T07:59:59Z"))).toBe("it is not mon, tue, wed, thu, fri 09:00–17:00 Europe/Berlin")
    expect(why(office, at("2026-01-07T16:00:00Z"))).toBeDefined()
    // The same hour in UTC is another one in summer.
    expect(why(office, at("2026-07-08T07:00:00Z"))).toBeUndefined()
    expect(why(office, at("2026-01-10T10:00:00Z"))).toBeDefined()
    const night = { time: { zone: "UTC", days: ["fri"], from: "22:00", to: "06:00" } } as const
    expect(["2026-01-09T22:00:00Z", "2026-01-10T05:59:00Z"].map((instant) => why(night, at(instant)))).toEqual([
      undefined,
      undefined
    ])
    for (const instant of [
      "2026-01-09T05:00:00Z",
      "2026-01-09T21:59:00Z",
      "2026-01-10T06:00:00Z",
      "2026-01-10T22:00:00Z"
    ]) {
      expect(why(night, at(instant)), instant).toBeDefined()
    }
  })
})
