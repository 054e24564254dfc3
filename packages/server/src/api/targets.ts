// /api/v1/targets
import { KnownHostsImport, Target } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { between, created } from "./limits.ts"
import { problems } from "./problem.ts"

const targetSettings = {
  name: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  account: Schema.String,
  hostKey: Schema.String,
  credential: Schema.String,
  passphrase: Schema.optionalKey(Schema.String),
  jump: Schema.optionalKey(Schema.String),
  tags: Schema.Array(Schema.String)
}

const HostAddress = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9:][A-Za-z0-9._:%-]{0,254}$/, { expected: "a host name or an IP address" })
)

const HostKey = Schema.Struct({ fingerprint: Schema.String, algorithm: Schema.String }).annotate({
  identifier: "HostKey"
})
const TargetTest = Schema.Struct({ ok: Schema.Boolean, detail: Schema.String }).annotate({ identifier: "TargetTest" })

export class TargetsApi extends HttpApiGroup.make("targets")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(Target), error: problems }).annotate(
      OpenApi.Summary,
      "All targets"
    )
  )
  .add(
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct(targetSettings),
      success: Target.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Add a target, with the host key that it must show")
  )
  .add(
    HttpApiEndpoint.post("scan", "/scan", {
      payload: Schema.Struct({
        host: HostAddress,
        port: Schema.Int.check(between(1, 65_535)),
        jump: Schema.optionalKey(Schema.String)
      }),
      success: HostKey,
      error: problems
    }).annotate(
      OpenApi.Summary,
      "Read the key that a host shows, also behind a jump host, to be compared before the target is added"
    )
  )
  .add(
    HttpApiEndpoint.post("importKnownHosts", "/known-hosts", {
      payload: Schema.Struct({
        text: Schema.String,
        dryRun: Schema.optionalKey(Schema.Boolean)
      }),
      success: KnownHostsImport,
      error: problems
    }).annotate(OpenApi.Summary, "Pin the host keys and authorities of a known_hosts file, all of it or nothing")
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
        passphrase: Schema.optionalKey(Schema.NullOr(Schema.String)),
        jump: Schema.optionalKey(Schema.NullOr(Schema.String)),
        tags: Schema.optionalKey(Schema.Array(Schema.String))
      }),
      success: Target,
      error: problems
    }).annotate(OpenApi.Summary, "Change a target; plans approved before will be refused")
  )
  .add(
    HttpApiEndpoint.post("test", "/:target/test", {
      params: { target: Schema.String },
      success: TargetTest,
      error: problems
    }).annotate(OpenApi.Summary, "Connect, check the host key and sign in; run nothing")
  )
  .add(
    HttpApiEndpoint.delete("remove", "/:target", {
      params: { target: Schema.String },
      success: HttpApiSchema.NoContent,
      error: problems
    }).annotate(OpenApi.Summary, "Remove a target")
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/targets") {}
