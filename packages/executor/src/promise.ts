// The gate as promises: for whoever has never heard of Effect.
import { dirname } from "node:path"
import { AgentId, newId, PersonId, TokenId } from "@fluxcybers/core"
import { loadDatabase, loadDriver } from "@fluxcybers/core/facade"
import { Effect } from "effect"
import { gateServices } from "./facade/gate-services.ts"
import type { GateOptions } from "./facade/options.ts"
import { openGate, type PromiseGate } from "./facade/promise-gate.ts"

export type { ActorInput } from "./facade/actor.ts"
export {
  type AsyncExecutorSpec,
  type AsyncRunContext,
  type AsyncRunResult,
  defineExecutor,
  type ExecutorHandle
} from "./facade/define.ts"
export type { GateOptions, MemberInput } from "./facade/options.ts"
export type {
  DeciderInput,
  GateTargets,
  OutputPiece,
  PromiseGate,
  ProposalInput,
  Seen
} from "./facade/promise-gate.ts"
export type { GateGrants, GrantInput, RunbookGrantInput, SeenGrant } from "./facade/promise-grants.ts"
export type { GateReviews } from "./facade/promise-reviews.ts"
export type { GateRunbooks, RunbookUseInput } from "./facade/promise-runbooks.ts"
export type { GateScheduleInput, GateSchedules } from "./facade/promise-schedules.ts"
export { localExecutor } from "./local.ts"
export {
  AuthenticationRefused,
  ConnectionLost,
  CredentialMalformed,
  HostKeyMismatch,
  StartRefused,
  StopUnconfirmed,
  TargetUnreachable
} from "./run-error.ts"
export type { FaithfulView } from "./view/faithful-view.ts"

/** Opens (and at first makes) a gate in a database: proposals, decisions, runs and transcripts, with an audit log. */
export const createGate = async (options: GateOptions): Promise<PromiseGate> => {
  const database = await loadDatabase(options)
  const drivers = { database, executors: await loadSsh(options), plugins: await pluginsOf(options) }
  return openGate(gateServices(options, drivers), options.organisation)
}

/** A new id for a person: keep it with your account of them. */
export const newPerson = (): string => Effect.runSync(newId(PersonId, "person"))

/** A new id for a program that works for a person. */
export const newAgent = (): string => Effect.runSync(newId(AgentId, "agent"))

/** A new id for a service's token. */
export const newService = (): string => Effect.runSync(newId(TokenId, "token"))

/** The driver is loaded when it is wanted: whoever does not, does not install it. */
const loadSsh = async ({ ssh = false }: GateOptions) => {
  if (!ssh) return []
  const { sshExecutor } = await loadDriver(() => import("./ssh/index.ts"), "ssh2")
  return [sshExecutor()]
}

/** Loaded when they are wanted: what keeps plugins apart looks for files of this package. */
const pluginsOf = async (options: GateOptions) => {
  if (options.plugins === undefined) return Effect.succeed([])
  const { loadPlugins } = await import("./plugins/index.ts")
  return loadPlugins(options.plugins, { guarded: "sqlite" in options ? [dirname(options.sqlite)] : [] })
}
