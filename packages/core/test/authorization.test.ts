import { describe, expect, it } from "vitest"
import { ACTIONS, type Action, Role, refusal, Scope } from "../src/index.ts"

const actions = Object.keys(ACTIONS) as ReadonlyArray<Action>
const everything = { roles: Role.literals, scopes: Scope.literals }
const DECISIONS: ReadonlyArray<Action> = ["execution.approve", "execution.reject"]

describe("the authorisation table", () => {
  it("an owner with every scope may do every action", () => {
    for (const action of actions) expect(refusal(action, { kind: "person", ...everything })).toBeUndefined()
  })

  it.each(["agent", "service"] as const)("an %s can never decide, whatever its roles and scopes", (kind) => {
    for (const action of DECISIONS) expect(refusal(action, { kind, ...everything })?.reason).toBe("person-only")
  })

  it.each(["agent", "service"] as const)("an %s administers nothing", (kind) => {
    const administering = actions.filter((action) => ACTIONS[action].scope === "administer")
    expect(administering.length).toBeGreaterThan(5)
    for (const action of administering) expect(refusal(action, { kind, ...everything })).toBeDefined()
  })

  it("nobody without a role may do anything", () => {
    for (const action of actions) {
      expect(refusal(action, { kind: "person", roles: [], scopes: Scope.literals })?.reason).toBe("role")
    }
  })

  it("a token does no more than its scopes", () => {
    for (const action of actions) {
      const others = Scope.literals.filter((scope) => scope !== ACTIONS[action].scope)
      expect(refusal(action, { kind: "person", roles: Role.literals, scopes: others })?.reason).toBe("scope")
    }
  })

  it("an auditor reads the log and never a secret", () => {
    const auditor = { kind: "person", roles: ["auditor"], scopes: Scope.literals } as const
    expect(refusal("audit.verify", auditor)).toBeUndefined()
    for (const action of actions.filter((name) => name.startsWith("secret."))) {
      expect(refusal(action, auditor)?.reason).toBe("role")
    }
  })
})
