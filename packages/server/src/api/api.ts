import { HttpApi, OpenApi } from "effect/http-api"
import { ApprovalKeysApi } from "./approval-keys.ts"
import { AuditApi } from "./audit.ts"
import { ExecutionsApi } from "./executions.ts"
import { GrantsApi } from "./grants.ts"
import { KeysApi } from "./keys.ts"
import { MembersApi } from "./members.ts"
import { NotificationsApi } from "./notifications.ts"
import { PolicyApi } from "./policy.ts"
import { RetentionApi } from "./retention.ts"
import { RunbooksApi } from "./runbooks.ts"
import { SchedulesApi } from "./schedules.ts"
import { SecretsApi } from "./secrets.ts"
import { SessionApi, SystemApi } from "./system.ts"
import { TargetsApi } from "./targets.ts"
import { TokensApi } from "./tokens.ts"
import { TranscriptsApi } from "./transcripts.ts"

/** The HTTP API of FluxCybers, version 1. Each group has its prefix and its middleware itself: TypeScript then declares the API by the groups' names. */
export class Api extends HttpApi.make("fluxcybers")
  .add(SystemApi)
  .add(SessionApi)
  .add(TargetsApi)
  .add(SecretsApi)
  .add(ExecutionsApi)
  .add(TranscriptsApi)
  .add(PolicyApi)
  .add(ApprovalKeysApi)
  .add(GrantsApi)
  .add(NotificationsApi)
  .add(RunbooksApi)
  .add(SchedulesApi)
  .add(AuditApi)
  .add(RetentionApi)
  .add(KeysApi)
  .add(MembersApi)
  .add(TokensApi)
  .annotateMerge(OpenApi.annotations({ title: "FluxCybers", version: "1" })) {}
