// /api/v1/approval-keys
import { ApprovalKeyId, PersonId } from "@fluxcybers/core"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { created, DisplayName } from "./limits.ts"
import { problems } from "./problem.ts"

/** The line of the largest key that is possible has a quarter of that. */
const KEY_LINE_LENGTH_MAX = 4_096

const ApprovalKeySummary = Schema.Struct({
  id: ApprovalKeyId,
  person: PersonId,
  kind: Schema.Literals(["ssh-key", "passkey"]),
  name: Schema.String,
  /** `SHA256:…` as `ssh-keygen -l` prints it. */
  fingerprint: Schema.String,
  addedAt: Schema.String
}).annotate({ identifier: "ApprovalKey" })

/** What `navigator.credentials.create` takes, as the WebAuthn specification defines it. */
const PasskeyOptions = Schema.Record(Schema.String, Schema.Unknown).annotate({ identifier: "PasskeyOptions" })

export class ApprovalKeysApi extends HttpApiGroup.make("approvalKeys")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(ApprovalKeySummary), error: problems }).annotate(
      OpenApi.Summary,
      "The keys that you sign decisions with; everybody's for owners and administrators"
    )
  )
  .add(
    HttpApiEndpoint.post("addSshKey", "/", {
      payload: Schema.Struct({
        name: DisplayName,
        /** One line as in `id_ed25519.pub`. */
        publicKey: Schema.String.check(Schema.isMaxLength(KEY_LINE_LENGTH_MAX))
      }),
      success: ApprovalKeySummary.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Register an SSH key of your own to sign decisions with")
  )
  .add(
    HttpApiEndpoint.post("beginPasskey", "/passkeys/options", {
      success: PasskeyOptions,
      error: problems
    }).annotate(OpenApi.Summary, "Options for a passkey (PublicKeyCredentialCreationOptionsJSON), good for ten minutes")
  )
  .add(
    HttpApiEndpoint.post("addPasskey", "/passkeys", {
      // RegistrationResponseJSON of WebAuthn.
      payload: Schema.Struct({ name: DisplayName, response: Schema.Unknown }),
      success: ApprovalKeySummary.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Register the passkey that was made with those options")
  )
  .add(
    HttpApiEndpoint.delete("revoke", "/:key", {
      params: { key: ApprovalKeyId },
      success: HttpApiSchema.NoContent,
      error: problems
    }).annotate(OpenApi.Summary, "Revoke a key: what it signed stays valid, and it signs nothing more")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/approval-keys") {}
