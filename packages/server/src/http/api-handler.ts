// The API as a function from a web request to a web response.
import { Effect, Layer, type Scope } from "effect"
import { HttpEffect, HttpRouter, HttpServer, type HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { approvalKeyHandlers } from "./approval-keys.ts"
import { auditHandlers } from "./audit.ts"
import { authenticationLayer, problemsLayer } from "./authentication.ts"
import { executionHandlers } from "./executions.ts"
import { grantHandlers } from "./grants.ts"
import { keyHandlers } from "./keys.ts"
import { memberHandlers, tokenHandlers } from "./members.ts"
import { notificationHandlers } from "./notifications.ts"
import { policyHandlers } from "./policy.ts"
import { retentionHandlers } from "./retention.ts"
import { OPENAPI_PATH } from "./routes.ts"
import { runbookHandlers } from "./runbooks.ts"
import { scheduleHandlers } from "./schedules.ts"
import { secretHandlers } from "./secrets.ts"
import { sessionHandlers, systemHandlers } from "./session.ts"
import { targetHandlers } from "./targets.ts"
import { transcriptHandlers } from "./transcripts.ts"

const handlers = Layer.mergeAll(
  systemHandlers,
  sessionHandlers,
  targetHandlers,
  secretHandlers,
  executionHandlers,
  transcriptHandlers,
  policyHandlers,
  approvalKeyHandlers,
  grantHandlers,
  notificationHandlers,
  runbookHandlers,
  scheduleHandlers,
  auditHandlers,
  retentionHandlers,
  keyHandlers,
  memberHandlers,
  tokenHandlers
)

const routes = HttpApiBuilder.layer(Api, { openapiPath: OPENAPI_PATH }).pipe(
  Layer.provide(handlers),
  Layer.provide([authenticationLayer, problemsLayer]),
  Layer.provide(HttpServer.layerServices)
)

/** Answers the requests of the API, each in a fiber of its own that ends when its client goes away. */
export const apiHandler = Effect.gen(function* () {
  const answer = yield* HttpRouter.toHttpEffect(routes)
  const context = yield* Effect.context<never>()
  return HttpEffect.toWebHandlerWith<never, HttpServerRequest.HttpServerRequest | Scope.Scope>(context)(answer)
})
