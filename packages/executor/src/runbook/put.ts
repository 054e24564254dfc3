// Putting a runbook: as a whole, as the next version of its name. Retiring it.
import { createHash } from "node:crypto"
import {
  type Actor,
  AuditLog,
  canonicalJson,
  Database,
  newId,
  type OrganisationId,
  RunbookId,
  SubjectCipher
} from "@fluxcybers/core"
import { Effect, Result } from "effect"
import { instant } from "../instant.ts"
import { Executors } from "../registry.ts"
import { problemText } from "../rules/problems.ts"
import {
  findRunbook,
  findRunbookVersion,
  insertRunbook,
  insertRunbookVersion,
  raiseRunbookVersion,
  retireRunbook,
  type StoredRunbook
} from "../store/runbooks.ts"
import { runbookPlace } from "../store/sealed.ts"
import { decodeRunbook, type RunbookDocument } from "./document.ts"
import { knownRunbook } from "./open.ts"
import { runbookRefused as refused } from "./refusal.ts"

/** What somebody wants to be used from now on. */
export interface RunbookInput {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly document: unknown
  /** Only if this version is the newest; 0 for a runbook that is not there yet. */
  readonly replaces?: number
}

export const put = Effect.fn("Runbooks.put")(function* (input: RunbookInput) {
  const document = yield* checked(input.document)
  if (input.actor._tag !== "Person") return yield* refused("not-a-person", ONLY_PEOPLE)
  const isPut = yield* (yield* Database).transaction(store(input, document))
  if (!isPut) return yield* refused("changed", CHANGED)
  return document.name
})

const NOTHING = "Nothing was changed."
const ONLY_PEOPLE = `Only a person can put or retire a runbook. ${NOTHING}`
const CHANGED = `Somebody else has put another version meanwhile. ${NOTHING} Look at it first: "runbook show".`

const checked = Effect.fnUntraced(function* (given: unknown) {
  const decoded = decodeRunbook(given)
  if (Result.isFailure(decoded)) {
    return yield* refused("invalid", `${decoded.failure.map(problemText).join("\n")}\n${NOTHING}`)
  }
  const { executor } = decoded.success
  if ((yield* Executors).find(executor) === undefined) {
    return yield* refused("unknown-executor", `There is no executor "${executor}". ${NOTHING}`)
  }
  return decoded.success
})

/** False when another version is there than was expected. The same document again changes nothing. */
const store = Effect.fnUntraced(function* (input: RunbookInput, document: RunbookDocument) {
  const { organisation, actor, replaces } = input
  const found = yield* findRunbook(organisation, document.name)
  if (replaces !== undefined && replaces !== (found?.version ?? 0)) return false
  const digest = runbookDigest(document)
  const newest = found === undefined ? undefined : yield* findRunbookVersion(found.id, found.version)
  if (newest?.digest === digest) return true
  const runbook = found ?? (yield* created(organisation, document.name))
  if (runbook === undefined || !(yield* raiseRunbookVersion(runbook))) return false
  const version = runbook.version + 1
  const bytes = new TextEncoder().encode(canonicalJson(document))
  yield* insertRunbookVersion({
    runbook: runbook.id,
    version,
    digest,
    document: yield* (yield* SubjectCipher).seal(runbookPlace(organisation, runbook.id, version), bytes),
    put_by: actor._tag === "Person" ? actor.person : yield* Effect.die(new Error("only people put runbooks")),
    put_at: yield* instant()
  })
  yield* record({ organisation, actor, runbook, action: "runbook.put", facts: { version, digest } })
  return true
})

const created = Effect.fnUntraced(function* (organisation: OrganisationId, name: string) {
  const id = yield* newId(RunbookId, "runbook")
  const row: StoredRunbook = { id, organisation, name, version: 0, created_at: yield* instant(), retired_at: null }
  return (yield* insertRunbook(row)) ? row : undefined
})

/** SHA-256 (hex) of the document's RFC 8785 JSON behind a prefix that says what it is. */
const runbookDigest = (document: RunbookDocument): string =>
  createHash("sha256")
    .update(`fluxcybers-runbook-v1\n${canonicalJson(document)}`)
    .digest("hex")

/** Nobody uses it any more; what was proposed before goes on. Its name is free again. */
export const retire = Effect.fn("Runbooks.retire")(function* (
  input: Omit<RunbookInput, "document" | "replaces"> & { readonly runbook: string }
) {
  const { organisation, actor } = input
  if (actor._tag !== "Person") return yield* refused("not-a-person", ONLY_PEOPLE)
  const runbook = yield* knownRunbook(organisation, input.runbook)
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      if (!(yield* retireRunbook(runbook.id, yield* instant()))) return
      const facts = { version: runbook.version }
      yield* record({ organisation, actor, runbook, action: "runbook.retired", facts })
    })
  )
  return runbook.id
})

const record = Effect.fnUntraced(function* (entry: {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly runbook: Pick<StoredRunbook, "id" | "name">
  readonly action: string
  readonly facts: Readonly<Record<string, string | number>>
}) {
  const { organisation, actor, runbook, action, facts } = entry
  yield* (yield* AuditLog).record({
    organisation,
    actor,
    action,
    object: runbook.id,
    outcome: "success",
    facts: { name: runbook.name, ...facts }
  })
})
