// The endpoints of /api/v1, as data: the server implements them, the command line and other programs derive their client from them.
import { AuditEntry, ExecutionId, PersonId, Role, Scope, TokenId } from "@fluxcybers/core"
import { Execution, Target } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication, WhoAmI } from "./authentication.ts"
import { problems } from "./problem.ts"

const error = problems
const created = HttpApiSchema.status(201)

export class SystemApi extends HttpApiGroup.make("system")
  .add(HttpApiEndpoint.get("health", "/health", { success: Schema.Struct({ status: Schema.Literal("ok") }), error }))
  .add(
    // The one-time owner link that the first start prints: makes the organisation's owner and their first token.
    HttpApiEndpoint.post("claim", "/claim", {
      payload: Schema.Struct({ code: Schema.String, name: Schema.String }),
      success: Schema.Struct({ person: PersonId, token: Schema.String, expiresAt: Schema.String }).pipe(created),
      error
    })
  ) {}

export class SessionApi extends HttpApiGroup.make("session")
  .add(HttpApiEndpoint.get("whoami", "/whoami", { success: WhoAmI, error }))
  .middleware(Authentication) {}

const targetSettings = {
  name: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  account: Schema.String,
  hostKey: Schema.String,
  credential: Schema.String,
  tags: Schema.Array(Schema.String)
}

export const HostKey = Schema.Struct({ fingerprint: Schema.String, algorithm: Schema.String })

export class TargetsApi extends HttpApiGroup.make("targets")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(Target), error }))
  .add(
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct(targetSettings),
      success: Target.pipe(created),
      error
    })
  )
  .add(
    // Reads the key that a host shows, for a person to compare before the target is added.
    HttpApiEndpoint.post("scan", "/scan", {
      payload: Schema.Struct({ host: Schema.String, port: Schema.Int }),
      success: HostKey,
      error
    })
  )
  .add(
    HttpApiEndpoint.patch("change", "/:target", {
      params: { target: Schema.String },
      payload: Schema.Struct({
        host: Schema.optionalKey(Schema.String),
        port: Schema.optionalKey(Schema.Int),
        account: Schema.optionalKey(Schema.String),
        hostKey: Schema.optionalKey(Schema.String),
        credential: Schema.optionalKey(Schema.String),
        tags: Schema.optionalKey(Schema.Array(Schema.String))
      }),
      success: Target,
      error
    })
  )
  .add(
    // Connects, checks the host key, signs in; runs nothing.
    HttpApiEndpoint.post("test", "/:target/test", {
      params: { target: Schema.String },
      success: Schema.Struct({ ok: Schema.Boolean, detail: Schema.String }),
      error
    })
  )
  .add(
    HttpApiEndpoint.delete("remove", "/:target", {
      params: { target: Schema.String },
      success: HttpApiSchema.NoContent,
      error
    })
  )
  .middleware(Authentication)
  .prefix("/targets") {}

export const SecretSummaryResponse = Schema.Struct({
  name: Schema.String,
  version: Schema.Int,
  createdAt: Schema.String,
  rotatedAt: Schema.optionalKey(Schema.String),
  expiresAt: Schema.optionalKey(Schema.String),
  lastRevealedAt: Schema.optionalKey(Schema.String)
})

const secretValue = {
  name: Schema.String,
  /** The bytes in base64. */
  value: Schema.String,
  expiresAt: Schema.optionalKey(Schema.String)
}

// Names may contain slashes, so they travel in bodies and never in paths.
export class SecretsApi extends HttpApiGroup.make("secrets")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(SecretSummaryResponse), error }))
  .add(
    HttpApiEndpoint.post("put", "/", {
      payload: Schema.Struct(secretValue),
      success: SecretSummaryResponse.pipe(created),
      error
    })
  )
  .add(
    HttpApiEndpoint.post("rotate", "/rotate", {
      payload: Schema.Struct(secretValue),
      success: SecretSummaryResponse,
      error
    })
  )
  .add(
    HttpApiEndpoint.post("reveal", "/reveal", {
      payload: Schema.Struct({
        name: Schema.String,
        purpose: Schema.String,
        version: Schema.optionalKey(Schema.Int)
      }),
      success: Schema.Struct({ name: Schema.String, version: Schema.Int, value: Schema.String }),
      error
    })
  )
  .add(
    HttpApiEndpoint.post("destroy", "/destroy", {
      payload: Schema.Struct({ name: Schema.String }),
      success: HttpApiSchema.NoContent,
      error
    })
  )
  .middleware(Authentication)
  .prefix("/secrets") {}

const executionParams = { id: ExecutionId }
const decisionPayload = Schema.Struct({ digest: Schema.String, reason: Schema.optionalKey(Schema.String) })

/** One event of the live view. Output bytes are base64, already masked. */
export const ExecutionEventMessage = Schema.Union([
  Schema.TaggedStruct("Output", {
    sequence: Schema.Int,
    run: Schema.String,
    atMs: Schema.Int,
    stream: Schema.Literals(["stdout", "stderr"]),
    bytes: Schema.String
  }),
  Schema.TaggedStruct("State", { state: Schema.String })
])

export class ExecutionsApi extends HttpApiGroup.make("executions")
  .add(
    HttpApiEndpoint.post("propose", "/", {
      payload: Schema.Struct({
        executor: Schema.String,
        input: Schema.Unknown,
        targets: Schema.Array(Schema.String)
      }),
      success: Execution.pipe(created),
      error
    })
  )
  .add(
    HttpApiEndpoint.get("list", "/", {
      query: {
        state: Schema.optionalKey(Schema.String),
        before: Schema.optionalKey(ExecutionId),
        limit: Schema.optionalKey(Schema.Int)
      },
      success: Schema.Struct({ items: Schema.Array(Execution), next: Schema.optionalKey(ExecutionId) }),
      error
    })
  )
  .add(HttpApiEndpoint.get("show", "/:id", { params: executionParams, success: Execution, error }))
  .add(
    HttpApiEndpoint.post("approve", "/:id/approve", {
      params: executionParams,
      payload: decisionPayload,
      success: Execution,
      error
    })
  )
  .add(
    HttpApiEndpoint.post("reject", "/:id/reject", {
      params: executionParams,
      payload: decisionPayload,
      success: Execution,
      error
    })
  )
  .add(HttpApiEndpoint.post("cancel", "/:id/cancel", { params: executionParams, success: Execution, error }))
  .add(
    HttpApiEndpoint.get("events", "/:id/events", {
      params: executionParams,
      query: { after: Schema.optionalKey(Schema.Int) },
      success: HttpApiSchema.StreamSse({ data: ExecutionEventMessage }),
      error
    })
  )
  .add(
    // asciicast v2 of one run, for players.
    HttpApiEndpoint.get("transcript", "/:id/transcript", {
      params: executionParams,
      query: { run: Schema.optionalKey(Schema.String) },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "application/x-asciicast" })),
      error
    })
  )
  .middleware(Authentication)
  .prefix("/executions") {}

const ListedEntryResponse = Schema.Struct({ index: Schema.optionalKey(Schema.Int), entry: AuditEntry })

export const VerificationResponse = Schema.Struct({
  size: Schema.Int,
  root: Schema.String,
  checkpoints: Schema.Int,
  pending: Schema.Int,
  problems: Schema.Array(Schema.Struct({ kind: Schema.String, index: Schema.Int, detail: Schema.String }))
})

export class AuditApi extends HttpApiGroup.make("audit")
  .add(
    HttpApiEndpoint.get("list", "/entries", {
      query: {
        before: Schema.optionalKey(Schema.String),
        object: Schema.optionalKey(Schema.String),
        action: Schema.optionalKey(Schema.String),
        limit: Schema.optionalKey(Schema.Int)
      },
      success: Schema.Struct({ items: Schema.Array(ListedEntryResponse), next: Schema.optionalKey(Schema.String) }),
      error
    })
  )
  .add(
    HttpApiEndpoint.get("prove", "/entries/:id/proof", {
      params: { id: Schema.String },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain" })),
      error
    })
  )
  .add(HttpApiEndpoint.post("verify", "/verify", { success: VerificationResponse, error }))
  .add(
    HttpApiEndpoint.get("checkpoint", "/checkpoint", {
      success: Schema.Struct({ checkpoint: Schema.String, verifierKey: Schema.String }),
      error
    })
  )
  .middleware(Authentication)
  .prefix("/audit") {}

export const Member = Schema.Struct({ person: PersonId, name: Schema.String, roles: Schema.Array(Role) })

export class MembersApi extends HttpApiGroup.make("members")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(Member), error }))
  .add(
    // Answers the new member's first token: it is shown once.
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct({ name: Schema.String, roles: Schema.Array(Role) }),
      success: Schema.Struct({ member: Member, token: Schema.String, expiresAt: Schema.String }).pipe(created),
      error
    })
  )
  .add(
    HttpApiEndpoint.delete("remove", "/:person", {
      params: { person: PersonId },
      success: HttpApiSchema.NoContent,
      error
    })
  )
  .middleware(Authentication)
  .prefix("/members") {}

export const TokenSummary = Schema.Struct({
  id: TokenId,
  name: Schema.String,
  kind: Schema.Literals(["person", "agent", "service"]),
  scopes: Schema.Array(Scope),
  createdAt: Schema.String,
  expiresAt: Schema.String,
  lastUsedAt: Schema.optionalKey(Schema.String)
})

export class TokensApi extends HttpApiGroup.make("tokens")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(TokenSummary), error }))
  .add(
    // `agent` acts for the caller, `person` is the caller, `service` belongs to the organisation. The token is shown once.
    HttpApiEndpoint.post("create", "/", {
      payload: Schema.Struct({
        name: Schema.String,
        kind: Schema.Literals(["person", "agent", "service"]),
        scopes: Schema.Array(Scope),
        /** 1 to 365. */
        expiresInDays: Schema.Int
      }),
      success: Schema.Struct({ summary: TokenSummary, token: Schema.String }).pipe(created),
      error
    })
  )
  .add(
    HttpApiEndpoint.delete("revoke", "/:id", {
      params: { id: TokenId },
      success: HttpApiSchema.NoContent,
      error
    })
  )
  .middleware(Authentication)
  .prefix("/tokens") {}
