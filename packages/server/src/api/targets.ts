// /api/v1/targets
import { Target } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication } from "./authentication.ts"
import { between, created } from "./limits.ts"
import { problems } from "./problem.ts"

const targetSettings = {
  name: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  account: Schema.String,
  hostKey: Schema.String,
  credential: Schema.String,
  tags: Schema.Array(Schema.String)
}

const HostAddress = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9:][A-Za-z0-9._:%-]{0,254}$/, { expected: "a host name or an IP address" })
)

const HostKey = Schema.Struct({ fingerprint: Schema.String, algorithm: Schema.String })

export class TargetsApi extends HttpApiGroup.make("targets")
  .add(HttpApiEndpoint.get("list", "/", { success: Schema.Array(Target), error: problems }))
  .add(
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct(targetSettings),
      success: Target.pipe(created),
      error: problems
    })
  )
  .add(
    // Reads the key that a host shows, for a person to compare before the target is added.
    HttpApiEndpoint.post("scan", "/scan", {
      payload: Schema.Struct({ host: HostAddress, port: Schema.Int.check(between(1, 65_535)) }),
      success: HostKey,
      error: problems
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
      error: problems
    })
  )
  .add(
    // Connects, checks the host key, signs in; runs nothing.
    HttpApiEndpoint.post("test", "/:target/test", {
      params: { target: Schema.String },
      success: Schema.Struct({ ok: Schema.Boolean, detail: Schema.String }),
      error: problems
    })
  )
  .add(
    HttpApiEndpoint.delete("remove", "/:target", {
      params: { target: Schema.String },
      success: HttpApiSchema.NoContent,
      error: problems
    })
  )
  .middleware(Authentication)
  .prefix("/targets") {}
