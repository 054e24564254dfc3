import { it } from "@effect/vitest"
import { PersonActor } from "@fluxcybers/core"
import { describe, expect } from "vitest"
import {
  ballotRefusal,
  type Circumstances,
  type Decision,
  evaluate,
  isApproved,
  type Requirement,
  ruleSetFor,
  SOLO,
  TEAM
} from "../src/index.ts"
import { ada, agent, bob, cyd, service } from "./world.ts"

const circumstances = (more: Partial<Circumstances> = {}): Circumstances => ({
  executor: "ssh",
  access: "write",
  tags: [[]],
  requester: "person",
  ...more
})

describe("rules", () => {
  it("what no rule matches is refused", () => {
    expect(evaluate({ name: "empty", version: 3, rules: [] }, circumstances())).toEqual({
      _tag: "Refused",
      reason: "No rule of empty@3 allows it.",
      rule: "empty@3/none"
    })
  })

  it("the first rule that matches wins", () => {
    const rules = [
      {
        name: "no-rm",
        when: { access: ["destroy" as const] },
        require: { _tag: "Refused" as const, reason: "Never." }
      },
      { name: "rest", when: {}, require: { _tag: "Nobody" as const } }
    ]
    const set = { name: "mine", version: 1, rules }
    expect(evaluate(set, circumstances({ access: "destroy" })).rule).toBe("mine@1/no-rm")
    expect(evaluate(set, circumstances()).rule).toBe("mine@1/rest")
  })

  it("one member has the solo rules, two or more the team rules, and nobody as well", () => {
    expect([0, 1, 2, 50].map(ruleSetFor)).toEqual([TEAM, SOLO, TEAM, TEAM])
  })

  for (const [name, set] of [
    ["solo", SOLO],
    ["team", TEAM]
  ] as const) {
    it(`${name}: a read needs nobody when every target is tagged for it`, () => {
      const tagged = circumstances({ access: "read", tags: [["unattended-reads"], ["x", "unattended-reads"]] })
      expect(evaluate(set, tagged)).toEqual({ _tag: "Nobody", rule: `${name}@1/unattended-reads` })
    })

    it(`${name}: a read needs somebody when one target is not tagged, or when there is no target`, () => {
      expect(evaluate(set, circumstances({ access: "read", tags: [["unattended-reads"], []] }))._tag).toBe("People")
      expect(evaluate(set, circumstances({ access: "read", tags: [] }))._tag).toBe("People")
    })

    it(`${name}: a command of any other access needs somebody, tagged or not`, () => {
      for (const access of ["write", "destroy", "privilege", "exfiltrate", "unknown"] as const) {
        expect(evaluate(set, circumstances({ access, tags: [["unattended-reads"]] }))._tag).toBe("People")
      }
    })

    it(`${name}: what the system itself proposes is refused`, () => {
      expect(evaluate(set, circumstances({ requester: "system" }))._tag).toBe("Refused")
    })
  }
})

describe("who may decide", () => {
  const people = (requester: "may-decide" | "must-confirm" | "must-not-decide", count = 1): Requirement => ({
    _tag: "People",
    count,
    roles: ["owner", "approver"],
    requester,
    rule: "test@1/rule"
  })
  const approval = ({ person }: PersonActor): Decision => ({
    person,
    verdict: "approve",
    isSelfApproved: false,
    decidedAt: "2026-01-01T00:00:00.000Z"
  })
  const ballot = { requester: ada, decisions: [], person: bob.person, roles: ["owner"], verdict: "approve" } as const

  it("a stranger never, nor a member without the role", () => {
    const requirement = people("may-decide")
    expect(ballotRefusal({ ...ballot, requirement, roles: undefined })).toBe("not-a-member")
    expect(ballotRefusal({ ...ballot, requirement, roles: ["viewer"] })).toBe("role")
    expect(ballotRefusal({ ...ballot, requirement, roles: [] })).toBe("role")
  })

  it("nobody on what needs nobody or is refused", () => {
    expect(ballotRefusal({ ...ballot, requirement: { _tag: "Nobody", rule: "r" } })).toBe("not-pending")
    expect(ballotRefusal({ ...ballot, requirement: { _tag: "Refused", reason: "no", rule: "r" } })).toBe("not-pending")
  })

  it("nobody twice", () => {
    expect(ballotRefusal({ ...ballot, requirement: people("may-decide", 2), decisions: [approval(bob)] })).toBe(
      "already-decided"
    )
  })

  it("the requester, where the rule excludes them: not even to reject", () => {
    const own = { ...ballot, requirement: people("must-not-decide"), person: ada.person }
    expect(ballotRefusal(own)).toBe("own-proposal")
    expect(ballotRefusal({ ...own, verdict: "reject" })).toBe("own-proposal")
    expect(ballotRefusal({ ...own, requester: agent })).toBe("own-proposal")
  })

  it("only the requester, where they must confirm: but anybody with the role may reject", () => {
    const requirement = people("must-confirm")
    expect(ballotRefusal({ ...ballot, requirement })).toBe("requester-must-confirm")
    expect(ballotRefusal({ ...ballot, requirement, verdict: "reject" })).toBeUndefined()
    expect(ballotRefusal({ ...ballot, requirement, person: ada.person })).toBeUndefined()
  })

  it("it is approved by as many distinct people as the rule wants", () => {
    const requirement = people("may-decide", 2)
    const isDone = (...by: ReadonlyArray<PersonActor>) =>
      isApproved({ requirement, requester: service, decisions: by.map(approval) })
    expect([isDone(), isDone(ada), isDone(ada, ada), isDone(ada, bob)]).toEqual([false, false, false, true])
  })

  it("an excluded requester does not count, and a required one must be among them", () => {
    const decisions = [approval(ada), approval(bob)]
    expect(isApproved({ requirement: people("must-not-decide", 2), requester: ada, decisions })).toBe(false)
    expect(isApproved({ requirement: people("must-not-decide", 2), requester: agent, decisions })).toBe(false)
    expect(isApproved({ requirement: people("must-confirm", 2), requester: cyd, decisions })).toBe(false)
    expect(isApproved({ requirement: people("must-confirm", 2), requester: ada, decisions })).toBe(true)
    expect(isApproved({ requirement: people("must-confirm"), requester: service, decisions })).toBe(false)
  })

  it("what is refused is never approved, whoever agrees", () => {
    const requirement: Requirement = { _tag: "Refused", reason: "no", rule: "r" }
    expect(isApproved({ requirement, requester: ada, decisions: [approval(ada), approval(bob)] })).toBe(false)
  })
})
