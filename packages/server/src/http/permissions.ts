// Which action each endpoint is. What is not listed here does not compile; what no role allows is refused.
import type { Action } from "@fluxcybers/core"
import { Api } from "../api/api.ts"

type Groups = (typeof Api)["groups"]
/** `targets.add`: the group's and the endpoint's identifier. */
export type EndpointName = {
  [G in keyof Groups & string]: `${G}.${keyof Groups[G]["endpoints"] & string}`
}[keyof Groups & string]

/** `public`: without a token. `anyone`: with any valid token. */
export type Permission = Action | "public" | "anyone"

export const PERMISSIONS: Readonly<Record<EndpointName, Permission>> = {
  "system.health": "public",
  "system.claim": "public",
  "session.whoami": "anyone",
  "targets.list": "target.list",
  "targets.add": "target.add",
  "targets.scan": "target.add",
  "targets.importKnownHosts": "target.change",
  "targets.change": "target.change",
  "targets.test": "target.test",
  "targets.remove": "target.remove",
  "secrets.list": "secret.list",
  "secrets.put": "secret.put",
  "secrets.rotate": "secret.rotate",
  "secrets.reveal": "secret.reveal",
  "secrets.destroy": "secret.destroy",
  "executions.propose": "execution.propose",
  "executions.list": "execution.list",
  "executions.show": "execution.show",
  "executions.view": "execution.show",
  "executions.passkeyOptions": "execution.approve",
  "executions.approve": "execution.approve",
  "executions.reject": "execution.reject",
  "executions.cancel": "execution.cancel",
  "executions.events": "execution.output",
  "executions.transcript": "execution.output",
  "executions.file": "execution.download",
  "executions.uploaded": "execution.show",
  "transcripts.search": "transcript.search",
  "transcripts.retention": "transcript.retention",
  "transcripts.purge": "transcript.purge",
  "policy.current": "policy.show",
  "policy.history": "policy.show",
  "policy.version": "policy.show",
  "policy.put": "policy.put",
  "policy.simulate": "policy.simulate",
  "policy.reviews": "review.list",
  "policy.closeReview": "review.close",
  "policy.explain": "execution.propose",
  "policy.explainExecution": "execution.show",
  "approvalKeys.list": "approval-key.list",
  "approvalKeys.addSshKey": "approval-key.add",
  "approvalKeys.beginPasskey": "approval-key.add",
  "approvalKeys.addPasskey": "approval-key.add",
  "approvalKeys.revoke": "approval-key.revoke",
  "grants.request": "bounded-grant.request",
  "grants.list": "bounded-grant.list",
  "grants.show": "bounded-grant.list",
  "grants.decide": "bounded-grant.decide",
  "grants.revoke": "bounded-grant.revoke",
  "notifications.list": "notification.list",
  "notifications.add": "notification.add",
  "notifications.remove": "notification.remove",
  "notifications.test": "notification.test",
  "notifications.rotate": "notification.add",
  "notifications.dead": "notification.dead",
  "notifications.retry": "notification.retry",
  "notifications.settings": "notification.list",
  "notifications.configure": "notification.configure",
  "audit.list": "audit.list",
  "audit.export": "audit.list",
  "audit.aliases": "audit.list",
  "audit.watch": "audit.list",
  "audit.prove": "audit.prove",
  "audit.open": "audit.open",
  "audit.verify": "audit.verify",
  "audit.verification": "audit.verify",
  "audit.checkpoint": "audit.verify",
  "retention.status": "audit-hold.list",
  "retention.purge": "audit.purge",
  "retention.holds": "audit-hold.list",
  "retention.hold": "audit-hold.place",
  "retention.release": "audit-hold.release",
  "keys.status": "key.status",
  "keys.rotations": "key.status",
  "keys.verify": "key.verify",
  "keys.verification": "key.verify",
  "keys.plan": "key.status",
  "keys.rotate": "key.rotate",
  "keys.retire": "key.rotate",
  "members.list": "member.list",
  "members.add": "member.add",
  "members.remove": "member.remove",
  "tokens.list": "token.list",
  "tokens.create": "token.create",
  "tokens.revoke": "token.revoke"
}

/** The permission of an endpoint; `undefined` for one that the table does not know, which nobody may then use. */
export const permissionOf = (group: string, endpoint: string): Permission | undefined =>
  PERMISSIONS[`${group}.${endpoint}` as EndpointName]
