import { it } from "@effect/vitest"
import { type PersonActor, Role } from "@fluxcybers/core"
import * as fc from "fast-check"
import { describe, expect } from "vitest"
import { ballotRefusal, type Decision, type Group, isApproved, type Requirement } from "../src/index.ts"
import { ada, agent, bob, cyd, service } from "./world.ts"

type People = Extract<Requirement, { readonly _tag: "People" }>

const people = (requester: People["requester"], count = 1, more: Partial<People> = {}): People => ({
  _tag: "People",
  groups: [{ count, roles: ["owner", "approver"] }],
  requester,
  signature: "none",
  reason: "optional",
  rule: "test@1/rule",
  ...more
})

const approval = ({ person }: PersonActor, more: Partial<Decision> = {}): Decision => ({
  person,
  verdict: "approve",
  isSelfApproved: false,
  decidedAt: "2026-01-01T00:00:00.000Z",
  roles: ["owner"],
  ...more
})

describe("who may decide", () => {
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

  it("unsigned only to reject, where the rule wants a signature", () => {
    const passkey = people("may-decide", 1, { signature: "passkey" })
    const any = people("may-decide", 1, { signature: "any" })
    expect(ballotRefusal({ ...ballot, requirement: passkey })).toBe("passkey-required")
    expect(ballotRefusal({ ...ballot, requirement: passkey, signed: "ssh-key" })).toBe("passkey-required")
    expect(ballotRefusal({ ...ballot, requirement: passkey, signed: "passkey" })).toBeUndefined()
    expect(ballotRefusal({ ...ballot, requirement: any })).toBe("signature-required")
    expect(ballotRefusal({ ...ballot, requirement: any, signed: "ssh-key" })).toBeUndefined()
    expect(ballotRefusal({ ...ballot, requirement: passkey, verdict: "reject" })).toBeUndefined()
  })
})

describe("it is approved", () => {
  const isDone = (
    requirement: Requirement,
    decisions: ReadonlyArray<Decision>,
    requester: Parameters<typeof isApproved>[0]["requester"] = service
  ) => isApproved({ requirement, requester, decisions })

  it("by as many distinct people as the rule wants", () => {
    const done = (...by: ReadonlyArray<PersonActor>) =>
      isDone(
        people("may-decide", 2),
        by.map((each) => approval(each))
      )
    expect([done(), done(ada), done(ada, ada), done(ada, bob)]).toEqual([false, false, false, true])
  })

  it("without an excluded requester, and with a required one", () => {
    const decisions = [approval(ada), approval(bob)]
    expect(isDone(people("must-not-decide", 2), decisions, ada)).toBe(false)
    expect(isDone(people("must-not-decide", 2), decisions, agent)).toBe(false)
    expect(isDone(people("must-confirm", 2), decisions, cyd)).toBe(false)
    expect(isDone(people("must-confirm", 2), decisions, ada)).toBe(true)
    expect(isDone(people("must-confirm"), decisions, service)).toBe(false)
  })

  it("never, when it is refused, whoever agrees", () => {
    expect(isDone({ _tag: "Refused", reason: "no", rule: "r" }, [approval(ada), approval(bob)], ada)).toBe(false)
  })

  it("only by decisions that are signed as the rule wants", () => {
    const requirement = people("may-decide", 1, { signature: "passkey" })
    expect(isDone(requirement, [approval(ada), approval(bob, { signed: "ssh-key" })])).toBe(false)
    expect(isDone(requirement, [approval(bob, { signed: "passkey" })])).toBe(true)
  })

  it("by every group, and nobody counts in two of them", () => {
    const groups: ReadonlyArray<Group> = [
      { count: 1, roles: ["owner", "admin"] },
      { count: 1, roles: ["approver", "owner"] }
    ]
    const requirement = people("may-decide", 1, { groups })
    const both = approval(ada, { roles: ["owner", "approver"] })
    expect(isDone(requirement, [both])).toBe(false)
    expect(isDone(requirement, [both, approval(bob, { roles: ["admin"] })])).toBe(true)
    expect(isDone(requirement, [both, approval(bob, { roles: ["approver"] })])).toBe(true)
    expect(isDone(requirement, [both, approval(bob, { roles: ["viewer"] })])).toBe(false)
  })
})

const PEOPLE = [
  ada,
  bob,
  cyd,
  ...[1, 2, 3].map((digit) => ({ person: `${ada.person.slice(0, -1)}${digit}` as typeof ada.person }))
]

const role = fc.constantFrom(...Role.literals)
const group = fc.record({
  count: fc.integer({ min: 1, max: 3 }),
  roles: fc.uniqueArray(role, { minLength: 1, maxLength: 3 })
})
const requirement = fc.record({
  groups: fc.array(group, { minLength: 1, maxLength: 3 }),
  requester: fc.constantFrom("may-decide" as const, "must-confirm" as const, "must-not-decide" as const),
  signature: fc.constantFrom("none" as const, "any" as const, "passkey" as const)
})
const vote = fc.record({
  person: fc.constantFrom(...PEOPLE),
  roles: fc.option(fc.uniqueArray(role, { maxLength: 3 }), { nil: undefined }),
  verdict: fc.constantFrom("approve" as const, "approve" as const, "approve" as const, "reject" as const),
  signed: fc.constantFrom(undefined, "ssh-key" as const, "passkey" as const)
})

/** Tries every way to give each seat a person of their own: slow, and plainly what the rule says. */
const canSit = (seats: ReadonlyArray<Group>, deciders: ReadonlyArray<Decision>): boolean => {
  const [seat, ...others] = seats
  if (seat === undefined) return true
  return deciders.some(
    (decider, index) =>
      decider.roles.some((each) => seat.roles.includes(each)) && canSit(others, deciders.toSpliced(index, 1))
  )
}

describe("whatever people say in whatever order", () => {
  it("it is approved exactly when every seat can have a person of its own, who may sit there, signed, and none is the excluded requester", () => {
    fc.assert(
      fc.property(
        requirement,
        fc.constantFrom(ada, agent, service),
        fc.array(vote, { maxLength: 14 }),
        (terms, requester, votes) => {
          const needed: Requirement = { ...people("may-decide"), ...terms }
          const decisions: Array<Decision> = []
          for (const { person, roles, verdict, signed } of votes) {
            const proof = signed === undefined ? {} : { signed }
            const ballot = {
              requirement: needed,
              requester,
              decisions,
              person: person.person,
              roles,
              verdict,
              ...proof
            }
            if (ballotRefusal(ballot) === undefined)
              decisions.push(approval(person as PersonActor, { roles: roles ?? [], verdict, ...proof }))
          }
          const behind = requester === service ? undefined : ada.person
          const counting = decisions.filter(
            (decision) =>
              decision.verdict === "approve" &&
              (terms.signature !== "passkey" || decision.signed === "passkey") &&
              (terms.signature !== "any" || decision.signed !== undefined) &&
              !(terms.requester === "must-not-decide" && decision.person === behind)
          )
          const hasConfirmed = terms.requester !== "must-confirm" || counting.some(({ person }) => person === behind)
          const seats = terms.groups.flatMap((each) => Array.from({ length: each.count }, () => each))
          expect(new Set(decisions.map(({ person }) => person)).size).toBe(decisions.length)
          expect(isApproved({ requirement: needed, requester, decisions })).toBe(
            hasConfirmed && canSit(seats, counting)
          )
        }
      ),
      { numRuns: 2_000 }
    )
  })
})
