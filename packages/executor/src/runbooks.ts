// Runbooks: plan templates that are saved once and used often. Each use is a plan of its own, which is decided like any other.
import { AuditLog, Database, type OrganisationId, RunbookId, SubjectCipher } from "@fluxcybers/core"
import { Context, Effect, Layer, Schema } from "effect"
import { Executors } from "./registry.ts"
import { RunbookDocument } from "./runbook/document.ts"
import { knownRunbook, knownVersion, openDocument } from "./runbook/open.ts"
import { put, type RunbookInput, retire } from "./runbook/put.ts"
import type { RunbookRefused } from "./runbook/refusal.ts"
import { listRunbooks, listRunbookVersions, type StoredRunbook, type StoredRunbookVersion } from "./store/runbooks.ts"

export { defineRunbook, RunbookDocument } from "./runbook/document.ts"
export { Parameter } from "./runbook/parameter.ts"
export type { RunbookInput } from "./runbook/put.ts"
export { RunbookRefused } from "./runbook/refusal.ts"
export type { RunbookChoice, RunbookUse } from "./runbook/use.ts"
export type { GivenValues } from "./runbook/values.ts"

/** A runbook in one of its versions. */
export const Runbook = Schema.Struct({
  id: RunbookId,
  name: Schema.String,
  /** Counted from 1. */
  version: Schema.Int,
  /** The version in force. */
  newest: Schema.Int,
  /** SHA-256 (hex) of the document: the same document has the same digest. */
  digest: Schema.String,
  document: RunbookDocument,
  putBy: Schema.String,
  putAt: Schema.String,
  retiredAt: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Runbook" })
export type Runbook = typeof Runbook.Type

type Services = Database | AuditLog | SubjectCipher | Executors

/**
 * Audit entries: `runbook.put`, with version and digest; `runbook.retired`. Who may put, retire or look is the caller's to check
 * (`authorization.ts`); only a person can put or retire. They are used through the gate (`Gate.useRunbook`).
 */
export class Runbooks extends Context.Service<
  Runbooks,
  {
    /** Checks the document, and makes it the newest version of the runbook of its name. The same document again changes nothing. */
    put(input: RunbookInput): Effect.Effect<Runbook, RunbookRefused>
    /** Nobody can use it any more; what was proposed before goes on. Its name is free again. */
    retire(
      input: Omit<RunbookInput, "document" | "replaces"> & { readonly runbook: string }
    ): Effect.Effect<Runbook, RunbookRefused>
    /** By name or by id, in its newest version unless told. */
    get(organisation: OrganisationId, runbook: string, version?: number): Effect.Effect<Runbook, RunbookRefused>
    /** Each in its newest version, in order of name: at most 1,000. */
    list(
      organisation: OrganisationId,
      filter?: { readonly withRetired?: boolean }
    ): Effect.Effect<ReadonlyArray<Runbook>>
    /** Its versions, newest first: at most 200. */
    history(organisation: OrganisationId, runbook: string): Effect.Effect<ReadonlyArray<Runbook>, RunbookRefused>
  }
>()("fluxcybers/executor/Runbooks") {
  static readonly layer: Layer.Layer<Runbooks, never, Services> = Layer.effect(
    Runbooks,
    Effect.map(Effect.context<Services>(), (context) => {
      const provide = Effect.provideContext(context)
      return Runbooks.of({
        put: (input) =>
          put(input).pipe(
            Effect.flatMap((name) => get(input.organisation, name)),
            provide
          ),
        retire: (input) =>
          retire(input).pipe(
            Effect.flatMap((id) => get(input.organisation, id)),
            provide
          ),
        get: (organisation, runbook, version) => get(organisation, runbook, version).pipe(provide),
        list: (organisation, { withRetired = false } = {}) =>
          listRunbooks(organisation, withRetired).pipe(Effect.flatMap(Effect.forEach(newest)), provide),
        history: (organisation, runbook) => history(organisation, runbook).pipe(provide)
      })
    })
  )
}

const get = Effect.fnUntraced(function* (organisation: OrganisationId, name: string, version?: number) {
  const runbook = yield* knownRunbook(organisation, name)
  return yield* open(runbook, yield* knownVersion(runbook, version))
})

/** A runbook without its newest version is a defect: both are written in one transaction. */
const newest = (runbook: StoredRunbook) =>
  Effect.flatMap(Effect.orDie(knownVersion(runbook)), (version) => open(runbook, version))

const history = Effect.fnUntraced(function* (organisation: OrganisationId, name: string) {
  const runbook = yield* knownRunbook(organisation, name)
  return yield* Effect.forEach(yield* listRunbookVersions(runbook.id), (version) => open(runbook, version))
})

const open = Effect.fnUntraced(function* (runbook: StoredRunbook, stored: StoredRunbookVersion) {
  const { version, digest, put_by, put_at } = stored
  return {
    id: runbook.id,
    name: runbook.name,
    version,
    newest: runbook.version,
    digest,
    document: yield* openDocument(runbook, stored),
    putBy: put_by,
    putAt: put_at,
    ...(runbook.retired_at === null ? {} : { retiredAt: runbook.retired_at })
  } satisfies Runbook
})
