import { HttpApi, OpenApi } from "effect/http-api"
import {
  AuditApi,
  ExecutionsApi,
  MembersApi,
  SecretsApi,
  SessionApi,
  SystemApi,
  TargetsApi,
  TokensApi
} from "./groups.ts"

/** The HTTP API of FluxCybers, version 1. */
export class Api extends HttpApi.make("fluxcybers")
  .add(SystemApi)
  .add(SessionApi)
  .add(TargetsApi)
  .add(SecretsApi)
  .add(ExecutionsApi)
  .add(AuditApi)
  .add(MembersApi)
  .add(TokensApi)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "FluxCybers", version: "1" })) {}
