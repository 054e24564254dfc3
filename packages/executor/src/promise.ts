// The gate as promises: for whoever has never heard of Effect.
import { AgentId, type Database, newId, PersonId, TokenId } from "@fluxcybers/core"
import { Effect, type Layer, Redacted } from "effect"
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

/** Opens (and at first makes) a gate in a database: proposals, decisions, runs and transcripts, with an audit log. */
export const createGate = async (options: GateOptions): Promise<PromiseGate> => {
  const database = await loadDatabase(options)
  return openGate(gateServices(options, { database, executors: await loadSsh(options) }), options.organisation)
}

/** A new id for a person: keep it with your account of them. */
export const newPerson = (): string => Effect.runSync(newId(PersonId, "person"))

/** A new id for a program that works for a person. */
export const newAgent = (): string => Effect.runSync(newId(AgentId, "agent"))

/** A new id for a service's token. */
export const newService = (): string => Effect.runSync(newId(TokenId, "token"))

/** Drivers are loaded when they are named: whoever uses none installs none. */
const loadDatabase = async (options: GateOptions): Promise<Layer.Layer<Database>> => {
  if ("sqlite" in options) {
    const { sqliteLayer } = await driver(() => import("@fluxcybers/core/sqlite"), "better-sqlite3")
    return sqliteLayer({ filename: options.sqlite })
  }
  const { postgresLayer } = await driver(() => import("@fluxcybers/core/postgres"), "@effect/sql-pg")
  return postgresLayer({ url: Redacted.make(options.postgres) })
}

const loadSsh = async ({ ssh = false }: GateOptions) => {
  if (!ssh) return []
  const { sshExecutor } = await driver(() => import("./ssh/index.ts"), "ssh2")
  return [sshExecutor()]
}

const driver = async <A>(load: () => Promise<A>, name: string): Promise<A> => {
  try {
    return await load()
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause
    throw new Error(`This needs a package that is not installed. Run: npm install ${name}`, { cause })
  }
}
