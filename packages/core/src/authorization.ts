// Who may do what: one table, deny by default. Every route, tool and command names its action here.
import { Schema } from "effect"

/** What a member of an organisation is there for. Operators propose, approvers decide, auditors read the log and no secret. */
export const Role = Schema.Literals([
  "owner",
  "admin",
  "operator",
  "approver",
  "auditor",
  "privacy-officer",
  "billing",
  "viewer"
])
export type Role = typeof Role.Type

/** What a bearer token is limited to, on top of the roles of whoever it belongs to. */
export const Scope = Schema.Literals(["read", "propose", "decide", "administer"])
export type Scope = typeof Scope.Type

interface ActionRule {
  readonly roles: ReadonlyArray<Role>
  readonly scope: Scope
  /** False for what only a person may do: an agent or a service token is refused whatever its roles. */
  readonly agents: boolean
}

const everyone: ReadonlyArray<Role> = Role.literals
const rule = (scope: Scope, agents: boolean, roles: ReadonlyArray<Role>): ActionRule => ({ scope, agents, roles })

/** Every action with the roles that may do it, the scope that a token needs for it, and whether programs may. */
export const ACTIONS = {
  "target.list": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "target.add": rule("administer", false, ["owner", "admin"]),
  "target.test": rule("propose", false, ["owner", "admin", "operator"]),
  "target.change": rule("administer", false, ["owner", "admin"]),
  "target.remove": rule("administer", false, ["owner", "admin"]),
  "secret.list": rule("read", false, ["owner", "admin", "operator"]),
  "secret.put": rule("administer", false, ["owner", "admin"]),
  "secret.reveal": rule("administer", false, ["owner", "admin"]),
  "secret.rotate": rule("administer", false, ["owner", "admin"]),
  "secret.destroy": rule("administer", false, ["owner", "admin"]),
  "execution.propose": rule("propose", true, ["owner", "admin", "operator"]),
  "execution.list": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "execution.show": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "execution.output": rule("read", true, ["owner", "admin", "operator", "approver", "auditor"]),
  // A file as it was there: nothing in it is masked.
  "execution.download": rule("read", false, ["owner", "admin", "operator", "approver"]),
  "execution.approve": rule("decide", false, ["owner", "admin", "approver", "operator"]),
  "execution.reject": rule("decide", false, ["owner", "admin", "approver", "operator"]),
  "execution.cancel": rule("propose", true, ["owner", "admin", "operator", "approver"]),
  "execution.settle": rule("decide", false, ["owner", "admin", "operator", "approver"]),
  "transcript.search": rule("read", true, ["owner", "admin", "operator", "approver", "auditor"]),
  "transcript.retention": rule("read", false, ["owner", "admin", "auditor", "privacy-officer"]),
  "transcript.purge": rule("administer", false, ["owner"]),
  "policy.show": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "policy.put": rule("administer", false, ["owner"]),
  "policy.simulate": rule("read", false, ["owner", "admin", "auditor"]),
  "review.list": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "review.close": rule("decide", false, ["owner", "admin", "approver", "auditor"]),
  "approval-key.list": rule("read", false, everyone),
  // Not with the scope that decides: whoever has only that token must not be able to make the key that a rule asks for beside it.
  "approval-key.add": rule("administer", false, ["owner", "admin", "approver", "operator"]),
  "approval-key.revoke": rule("administer", false, everyone),
  "bounded-grant.request": rule("propose", true, ["owner", "admin", "operator"]),
  "bounded-grant.list": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "bounded-grant.decide": rule("decide", false, ["owner", "admin", "approver", "operator"]),
  "bounded-grant.revoke": rule("propose", true, ["owner", "admin", "operator", "approver"]),
  "runbook.list": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "runbook.put": rule("administer", false, ["owner", "admin"]),
  "runbook.retire": rule("administer", false, ["owner", "admin"]),
  "notification.list": rule("read", false, everyone),
  // Each their own; what the organisation is told is for owners and administrators, which the subscriptions check themselves.
  "notification.add": rule("administer", false, everyone),
  "notification.remove": rule("administer", false, everyone),
  "notification.test": rule("administer", false, everyone),
  "notification.dead": rule("read", false, ["owner", "admin"]),
  "notification.retry": rule("administer", false, ["owner", "admin"]),
  "notification.configure": rule("administer", false, ["owner"]),
  "schedule.list": rule("read", true, ["owner", "admin", "operator", "approver", "auditor", "viewer"]),
  "schedule.add": rule("propose", false, ["owner", "admin", "operator"]),
  "schedule.change": rule("propose", false, ["owner", "admin", "operator"]),
  "audit.list": rule("read", false, ["owner", "admin", "auditor"]),
  "audit.prove": rule("read", false, ["owner", "admin", "auditor"]),
  "audit.verify": rule("read", false, ["owner", "admin", "auditor"]),
  "audit.open": rule("read", false, ["owner", "admin", "auditor", "privacy-officer"]),
  "audit.purge": rule("administer", false, ["owner"]),
  "audit-hold.list": rule("read", false, ["owner", "admin", "auditor", "privacy-officer"]),
  "audit-hold.place": rule("administer", false, ["owner", "admin", "privacy-officer"]),
  "audit-hold.release": rule("administer", false, ["owner", "admin", "privacy-officer"]),
  "key.status": rule("read", false, ["owner", "admin", "auditor"]),
  "key.verify": rule("read", false, ["owner", "admin", "auditor"]),
  "key.rotate": rule("administer", false, ["owner"]),
  "member.list": rule("read", false, everyone),
  "member.add": rule("administer", false, ["owner", "admin"]),
  "member.remove": rule("administer", false, ["owner", "admin"]),
  "token.list": rule("read", false, everyone),
  "token.create": rule("administer", false, everyone),
  "token.revoke": rule("administer", false, everyone)
} as const satisfies Record<string, ActionRule>

/** The name of an action: `execution.approve`. */
export type Action = keyof typeof ACTIONS

/** Whoever asks, as far as authorisation is concerned. */
export interface Subject {
  readonly kind: "person" | "agent" | "service"
  readonly roles: ReadonlyArray<Role>
  readonly scopes: ReadonlyArray<Scope>
}

/** Whoever asked may not do this. Nothing was changed. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", {
  action: Schema.String,
  reason: Schema.Literals(["role", "scope", "person-only"])
}) {
  override get message() {
    return `${FORBIDDEN[this.reason]} (${this.action}). Nothing was changed.`
  }
}

const FORBIDDEN = {
  role: "None of your roles allows this",
  scope: "This token's scopes do not allow this; create one with a wider scope",
  "person-only": "Only a person may do this; an agent or a service token never can"
} as const

/** Why the subject may not do the action; `undefined` when they may. */
export const refusal = (action: Action, subject: Subject): Forbidden | undefined => {
  const { roles, scope, agents }: ActionRule = ACTIONS[action]
  if (!agents && subject.kind !== "person") return new Forbidden({ action, reason: "person-only" })
  if (!subject.scopes.includes(scope)) return new Forbidden({ action, reason: "scope" })
  return subject.roles.some((role) => roles.includes(role)) ? undefined : new Forbidden({ action, reason: "role" })
}
