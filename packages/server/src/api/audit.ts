// /api/v1/audit
import { AuditEntry, AuditEntryId, AuditOutcome, PersonId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { Instant } from "./instant.ts"
import { between, ENTRIES_A_PAGE_MAX, limitUpTo } from "./limits.ts"
import { problems } from "./problem.ts"

const ListedEntryResponse = Schema.Struct({
  index: Schema.optionalKey(Schema.Int),
  /** With the ids of people in place of their aliases, as long as those can be opened. */
  entry: AuditEntry,
  /** The entry's bytes in the log, where `entry` says something else: proofs are about these. */
  leaf: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "ListedAuditEntry" })

const VerificationResponse = Schema.Struct({
  size: Schema.Int,
  root: Schema.String,
  checkpoints: Schema.Int,
  pending: Schema.Int,
  /** Entries past their period, whose hashes are still there. */
  purged: Schema.Int,
  /** Signed decisions of people who were erased. */
  unchecked: Schema.Int,
  /** At most 1,000. */
  problems: Schema.Array(Schema.Struct({ kind: Schema.String, index: Schema.Int, detail: Schema.String })),
  problemsOmitted: Schema.Int
}).annotate({ identifier: "LogVerification" })

/** One event of a verification while it is under way: how far it is, and at the end the report. */
export const LogVerificationMessage = Schema.Union([
  Schema.TaggedStruct("Progress", { entries: Schema.Int, of: Schema.Int }),
  Schema.TaggedStruct("Report", { report: VerificationResponse }),
  // It was not finished. Nothing was changed; it may be begun again.
  Schema.TaggedStruct("Problem", { code: Schema.String, detail: Schema.String })
])

const SignedCheckpoint = Schema.Struct({ checkpoint: Schema.String, verifierKey: Schema.String }).annotate({
  identifier: "SignedCheckpoint"
})

/** One event of a log that is followed live. */
export const AuditWatchMessage = Schema.Union([
  /** Comes before the entries under it. `proof` (base64) leads from `from` entries to these; empty when there is nothing to prove. */
  Schema.TaggedStruct("Checkpoint", {
    from: Schema.Int,
    checkpoint: Schema.String,
    proof: Schema.Array(Schema.String)
  }),
  Schema.TaggedStruct("Entry", { index: Schema.Int, entry: AuditEntry }),
  /** Everything below this index was looked at. */
  Schema.TaggedStruct("Reached", { size: Schema.Int }),
  // The stream cannot go on; it may be opened again, after the last index that was seen.
  Schema.TaggedStruct("Problem", { code: Schema.String, detail: Schema.String })
])

const Index = Schema.Int.check(between(0, Number.MAX_SAFE_INTEGER))

export class AuditApi extends HttpApiGroup.make("audit")
  .add(
    HttpApiEndpoint.get("list", "/entries", {
      query: {
        before: Schema.optionalKey(AuditEntryId),
        object: Schema.optionalKey(Schema.String),
        action: Schema.optionalKey(Schema.String),
        actor: Schema.optionalKey(Schema.String),
        outcome: Schema.optionalKey(AuditOutcome),
        since: Schema.optionalKey(Instant),
        until: Schema.optionalKey(Instant),
        limit: Schema.optionalKey(limitUpTo(ENTRIES_A_PAGE_MAX))
      },
      success: Schema.Struct({ items: Schema.Array(ListedEntryResponse), next: Schema.optionalKey(AuditEntryId) }),
      error: problems
    }).annotate(OpenApi.Summary, "Entries of the audit log, newest first")
  )
  .add(
    HttpApiEndpoint.get("export", "/export", {
      query: {
        format: Schema.optionalKey(Schema.Literals(["json", "ocsf"])),
        /** Index of the first entry; one more than the last that was read goes on. */
        from: Schema.optionalKey(Schema.Int.check(between(0, Number.MAX_SAFE_INTEGER)))
      },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "application/jsonl" })),
      error: problems
    }).annotate(OpenApi.Summary, "Entries of the audit log as JSON lines, oldest first, or as OCSF events")
  )
  .add(
    HttpApiEndpoint.get("aliases", "/aliases", {
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "application/jsonl" })),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "What the aliases in the log stand for, as JSON lines, to verify signed decisions offline"
    )
  )
  .add(
    HttpApiEndpoint.get("watch", "/watch", {
      query: {
        object: Schema.optionalKey(Schema.String),
        action: Schema.optionalKey(Schema.String),
        actor: Schema.optionalKey(Schema.String),
        outcome: Schema.optionalKey(AuditOutcome),
        /** Entries behind this index, as Last-Event-ID; what comes from now on when neither is there. */
        after: Schema.optionalKey(Index),
        /** The size of the checkpoint that the reader has verified: the first proof begins there. */
        known: Schema.optionalKey(Index)
      },
      success: HttpApiSchema.StreamSse({ data: AuditWatchMessage }),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Follow the log: checkpoints with consistency proofs, and entries, as server-sent events"
    )
  )
  .add(
    HttpApiEndpoint.get("prove", "/entries/:id/proof", {
      params: { id: AuditEntryId },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain" })),
      error: problems
    }).annotate(OpenApi.Summary, "Proof that an entry is in the log (c2sp.org/tlog-proof@v1)")
  )
  .add(
    HttpApiEndpoint.post("open", "/entries/:id/open", {
      params: { id: AuditEntryId },
      payload: Schema.Struct({
        person: PersonId,
        purpose: Schema.Literals(["service-delivery", "security-monitoring"])
      }),
      /** Without a text the entry says nothing about this person. */
      success: Schema.Struct({ text: Schema.optionalKey(Schema.String) }).annotate({ identifier: "AuditSlot" }),
      error: problems
    }).annotate(OpenApi.Summary, "What an entry says about a person, from its sealed slot; the reading is in the log")
  )
  .add(
    HttpApiEndpoint.post("verify", "/verify", { success: VerificationResponse, error: problems }).annotate(
      OpenApi.Summary,
      "Verify the whole log in the database"
    )
  )
  .add(
    HttpApiEndpoint.post("verification", "/verifications", {
      success: HttpApiSchema.StreamSse({ data: LogVerificationMessage }),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Verify the whole log in the database, and say how far it is, as server-sent events; one at a time, others wait"
    )
  )
  .add(
    HttpApiEndpoint.get("checkpoint", "/checkpoint", {
      success: SignedCheckpoint,
      error: problems
    }).annotate(OpenApi.Summary, "The newest signed checkpoint, and the key that verifies it")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/audit") {}
