// /api/v1/audit/retention and /api/v1/audit/holds
import { AuditHold, AuditHoldId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { Instant } from "./instant.ts"
import { created } from "./limits.ts"
import { problems } from "./problem.ts"

const LogPurgeResponse = Schema.Struct({
  /** Everything older is past its period. */
  before: Schema.String,
  /** All entries below this index are past their period; a multiple of 256. */
  end: Schema.Int,
  /** Entries that go. */
  entries: Schema.Int,
  /** Entries below `end` that a hold keeps. */
  held: Schema.Int
}).annotate({ identifier: "LogPurge" })

const LogRetentionResponse = Schema.Struct({ days: Schema.Int, due: LogPurgeResponse }).annotate({
  identifier: "LogRetention"
})

/** The name of a ground, never anything personal. */
const Ground = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9.-]{0,63}$/, {
    expected: "the name of a ground, like tax-law or claim-2027-3: at most 64 lower-case letters, digits, - and ."
  })
)

export class RetentionApi extends HttpApiGroup.make("retention")
  .add(
    HttpApiEndpoint.get("status", "/retention", { success: LogRetentionResponse, error: problems }).annotate(
      OpenApi.Summary,
      "How long the log keeps its entries, and what is past its period"
    )
  )
  .add(
    HttpApiEndpoint.post("purge", "/retention", {
      payload: Schema.Struct({ dryRun: Schema.optionalKey(Schema.Boolean) }),
      success: LogPurgeResponse,
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Purge the entries that are past their period; hashes stay, and old proofs still verify"
    )
  )
  .add(
    HttpApiEndpoint.get("holds", "/holds", { success: Schema.Array(AuditHold), error: problems }).annotate(
      OpenApi.Summary,
      "What keeps entries of the log past their period"
    )
  )
  .add(
    HttpApiEndpoint.post("hold", "/holds", {
      payload: Schema.Struct({
        /** The id of what the entries are about; all entries of the organisation when left out. */
        object: Schema.optionalKey(Schema.NonEmptyString),
        ground: Ground,
        /** When it ends by itself. */
        until: Schema.optionalKey(Instant)
      }),
      success: Schema.Struct({ id: AuditHoldId }).annotate({ identifier: "PlacedAuditHold" }).pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Hold entries of the log back from being purged")
  )
  .add(
    HttpApiEndpoint.delete("release", "/holds/:id", {
      params: { id: AuditHoldId },
      success: HttpApiSchema.NoContent,
      error: problems
    }).annotate(OpenApi.Summary, "Release a hold; what it kept goes with the next purge")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/audit") {}
