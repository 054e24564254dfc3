// /api/v1/keys
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { problems } from "./problem.ts"

const RootKeyResponse = Schema.Struct({ provider: Schema.String, id: Schema.String, location: Schema.String }).annotate(
  {
    identifier: "RootKey"
  }
)

const KeyVersionResponse = Schema.Struct({
  id: Schema.String,
  version: Schema.Int,
  state: Schema.Literals(["current", "retired", "destroyed"]),
  createdAt: Schema.String,
  uses: Schema.Int
}).annotate({ identifier: "KeyVersion" })

const KeyRotationResponse = Schema.Struct({
  id: Schema.String,
  scope: Schema.Literals(["root", "organisation", "subject", "index"]),
  state: Schema.Literals(["running", "completed"]),
  total: Schema.Int,
  done: Schema.Int,
  failed: Schema.Int,
  startedAt: Schema.String,
  completedAt: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "KeyRotation" })

const KeyStatusResponse = Schema.Struct({
  rootKey: RootKeyResponse,
  previousRootKeys: Schema.Array(RootKeyResponse),
  wrappedBy: Schema.Array(Schema.Struct({ rootKey: Schema.String, keys: Schema.Int })),
  versions: Schema.Array(KeyVersionResponse),
  indexVersions: Schema.Array(KeyVersionResponse),
  rotations: Schema.Array(KeyRotationResponse)
}).annotate({ identifier: "KeyStatus" })

const KeyFindingsResponse = Schema.Struct({
  columns: Schema.Array(
    Schema.Struct({
      table: Schema.String,
      column: Schema.String,
      values: Schema.Int,
      malformed: Schema.Int,
      keyUnknown: Schema.Int,
      keyDestroyed: Schema.Int,
      opened: Schema.Int,
      altered: Schema.Int
    })
  ),
  evidence: Schema.Struct({
    secrets: Schema.Int,
    secretsRolledBack: Schema.Array(Schema.String),
    secretsMissing: Schema.Array(Schema.String),
    secretsWithoutEntry: Schema.Int,
    keysDestroyed: Schema.Int,
    keysBroughtBack: Schema.Array(Schema.String),
    shreddings: Schema.Int,
    shreddingsMissing: Schema.Array(Schema.String)
  }),
  keysOpened: Schema.Int,
  keysAltered: Schema.Int,
  isSound: Schema.Boolean
}).annotate({ identifier: "KeyFindings" })

/** One event of a verification while it is under way: how far it is, and at the end what it found. */
export const KeyVerificationMessage = Schema.Union([
  Schema.TaggedStruct("Progress", { values: Schema.Int, of: Schema.Int }),
  Schema.TaggedStruct("Report", { report: KeyFindingsResponse }),
  // It was not finished. Nothing was changed; it may be begun again.
  Schema.TaggedStruct("Problem", { code: Schema.String, detail: Schema.String })
])

const KeyVerificationPayload = Schema.Struct({
  dryRun: Schema.optionalKey(Schema.Boolean),
  all: Schema.optionalKey(Schema.Boolean)
})

const RotationScopePayload = Schema.Union([
  Schema.Struct({ kind: Schema.Literals(["root", "organisation", "index"]) }),
  Schema.Struct({ kind: Schema.Literal("subject"), subject: Schema.NonEmptyString })
])

export class KeysApi extends HttpApiGroup.make("keys")
  .add(
    HttpApiEndpoint.get("status", "/", { success: KeyStatusResponse, error: problems }).annotate(
      OpenApi.Summary,
      "The root key, the versions of the organisation's key, and rotations"
    )
  )
  .add(
    HttpApiEndpoint.get("rotations", "/rotations", {
      success: Schema.Array(KeyRotationResponse),
      error: problems
    }).annotate(OpenApi.Summary, "The newest rotations, and how far they are")
  )
  .add(
    HttpApiEndpoint.post("verify", "/verify", {
      payload: KeyVerificationPayload,
      success: KeyFindingsResponse,
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Check that sealed values have their keys and open, and that nothing was set back to before the audit log"
    )
  )
  .add(
    HttpApiEndpoint.post("verification", "/verifications", {
      payload: KeyVerificationPayload,
      success: HttpApiSchema.StreamSse({ data: KeyVerificationMessage }),
      error: problems
    }).annotate(
      OpenApi.Summary,
      "The same check, saying how far it is, as server-sent events; one at a time, others wait"
    )
  )
  .add(
    HttpApiEndpoint.post("plan", "/plan", {
      payload: Schema.Struct({ scope: RotationScopePayload }),
      success: Schema.Struct({ total: Schema.Int }).annotate({ identifier: "KeyRotationPlan" }),
      error: problems
    }).annotate(OpenApi.Summary, "How many keys and values a rotation would have to do")
  )
  .add(
    HttpApiEndpoint.post("rotate", "/rotate", {
      payload: Schema.Struct({ scope: RotationScopePayload }),
      success: KeyRotationResponse,
      error: problems
    }).annotate(OpenApi.Summary, "Begin the rotation of a key; it goes on in the background")
  )
  .add(
    HttpApiEndpoint.post("retire", "/retire", {
      payload: Schema.Struct({ key: Schema.String, dryRun: Schema.optionalKey(Schema.Boolean) }),
      success: KeyVersionResponse,
      error: problems
    }).annotate(OpenApi.Summary, "Destroy an older key version that nothing needs any more")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/keys") {}
