// The audit log as promises: for whoever has never heard of Effect.
import { Effect, Layer, Redacted, Result, Schema } from "effect"
import { SystemActor } from "./actor.ts"
import { AuditLog } from "./audit/audit-log.ts"
import { auditLogLayer } from "./audit/audit-log-layer.ts"
import type { AuditEvent, AuditOutcome } from "./audit/event.ts"
import { generateSigningKey, parseSigningKey, parseVerifierKey } from "./audit/note-key.ts"
import { verifyProof } from "./audit/proof.ts"
import type { VerificationReport } from "./audit/verify.ts"
import { type DatabaseChoice, loadDatabase, startRuntime } from "./facade/index.ts"
import { AuditEntryId, newId, OrganisationId } from "./ids.ts"

export type { DatabaseChoice } from "./facade/drivers.ts"

/** What happened. Nothing personal belongs in here: ids, digests and sizes. */
export interface EventInput {
  /** An id from `newOrganisation()`. */
  readonly organisation: string
  /** The part of your application that did it, like `billing`; a person is named by their id in `facts`. */
  readonly component: string
  /** A noun and a past verb: `invoice.sent`. */
  readonly action: string
  /** The id of what it was done to. */
  readonly object: string
  /** `success` unless told. */
  readonly outcome?: AuditOutcome
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

/** A log that is open until it is closed. Its methods reject with typed errors whose messages say what to do. */
export interface OpenAuditLog extends AsyncDisposable {
  /** Writes an entry and returns its id once it is under a signed checkpoint. */
  record(event: EventInput): Promise<string>
  /**
   * Records that the action begins, runs it, and records how it ended: `success`, or `failure` when it rejected. After a crash the next
   * start with the same `node` closes it as `interrupted`, or any other process a minute later. Waits for no checkpoint.
   */
  during<A>(event: Omit<EventInput, "outcome">, action: () => Promise<A>): Promise<A>
  /** A `c2sp.org/tlog-proof@v1` file for one entry. */
  prove(id: string): Promise<string>
  /** Recomputes the whole log. */
  verify(): Promise<VerificationReport>
  /** The newest signed checkpoint. Keep copies elsewhere: they show later that nothing was rewritten. */
  checkpoint(): Promise<string>
  /** The key that others verify with. */
  readonly verifierKey: string
  close(): Promise<void>
}

/** A new signing key for a log of this name (`example.com/shop`), as `PRIVATE+KEY+…` text. Keep it secret and apart from the data. */
export const newLogKey = (name: string): string => Redacted.value(Result.getOrThrow(generateSigningKey(name)))

/** A new id for an organisation: keep it with your account of it. */
export const newOrganisation = (): string => Effect.runSync(newId(OrganisationId, "org"))

/** The database of a log, its signing key, and the name of this process. */
export type OpenAuditLogOptions = DatabaseChoice & {
  /** As from `newLogKey`. */
  readonly key: string
  /** A name for this process that is the same at every start, and no other's on this database. */
  readonly node?: string
}

/** Opens (and at first makes) an audit log in a database. Rejects when the log there was signed with another key. */
export const openAuditLog = async (options: OpenAuditLogOptions): Promise<OpenAuditLog> => {
  const key = Result.getOrThrow(parseSigningKey(Redacted.make(options.key)))
  const node = options.node === undefined ? {} : { node: options.node }
  const layer = auditLogLayer({ origin: key.name, key, ...node }).pipe(Layer.provide(await loadDatabase(options)))
  const { run, close } = await startRuntime(layer)
  const log = await run(AuditLog)
  return {
    record: async (event) => {
      const id = await run(log.record(auditEvent(event)))
      await run(log.awaitCheckpoint(id))
      return id
    },
    during: (event, action) =>
      run(
        log.during(auditEvent(event), Effect.tryPromise({ try: action, catch: (cause) => new Rejected(cause) }))
      ).catch((error: unknown) => Promise.reject(error instanceof Rejected ? error.cause : error)),
    prove: async (id) => run(log.prove(Schema.decodeSync(AuditEntryId)(id))),
    verify: () => run(log.verify),
    checkpoint: () => run(log.checkpoint),
    verifierKey: log.verifierKey,
    close,
    [Symbol.asyncDispose]: close
  }
}

/** Checks a proof file offline: the entry's canonical JSON, the proof, and the log's verifier key from somewhere else. */
export const checkProof = (claim: { readonly proof: string; readonly entry: string; readonly verifierKey: string }) => {
  const log = Result.getOrThrow(parseVerifierKey(claim.verifierKey))
  const { index, checkpoint } = Result.getOrThrow(
    verifyProof({ proof: claim.proof, leaf: Buffer.from(claim.entry), log })
  )
  return { index, size: checkpoint.size }
}

/** What the action itself rejected with: handed on as it came. */
class Rejected extends Error {
  readonly _tag = "Rejected"

  constructor(cause: unknown) {
    super("", { cause })
  }
}

const auditEvent = ({ organisation, component, outcome = "success", ...rest }: EventInput): AuditEvent => ({
  ...rest,
  outcome,
  organisation: Schema.decodeSync(OrganisationId)(organisation),
  actor: new SystemActor({ component })
})
