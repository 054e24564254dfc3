// Starting a server: directory, services, API, socket. When the scope closes, all of it stops in the opposite order.
import { type OrganisationId, StorageFailure } from "@fluxcybers/core"
import { Clock, Effect, Layer, Redacted } from "effect"
import type { Settings } from "./configuration.ts"
import { openDataDirectory } from "./data/data-directory.ts"
import { LogRetention } from "./data/log-retention.ts"
import { longPeriods } from "./data/long-periods.ts"
import { firstOrganisation } from "./data/organisations.ts"
import { OwnerLink } from "./data/owner-link.ts"
import { TranscriptPeriod } from "./data/transcript-period.ts"
import { apiHandler } from "./http/api-handler.ts"
import { FailedAttempts } from "./http/attempts.ts"
import { problemOfDefect } from "./http/defect.ts"
import { type AnsweredRequest, makeHost } from "./http/host.ts"
import { addressOf, listen } from "./http/listener.ts"
import { logHandler } from "./http/log-resources.ts"
import { problemResponse } from "./http/problem-response.ts"
import { Stopping } from "./http/stopping.ts"
import { servicesLayer } from "./layers.ts"

/** A server that runs until its scope closes. */
export interface RunningServer {
  /** `http://127.0.0.1:4680`, without a slash at the end. */
  readonly url: string
  readonly organisation: OrganisationId
  /** The one-time owner link; absent once the organisation has an owner. */
  readonly ownerLink: Redacted.Redacted<string> | undefined
}

/**
 * Starts a server, which runs until the scope closes: then it ends live streams, takes no new request, gives open ones and running
 * executions 10 seconds each, and closes the database. Everything that can go wrong on the way fails with an error whose message says what
 * to do; the directory is then as it was, or as far as the start came, and the next start goes on from there.
 */
export const startServer = Effect.fn("startServer")(function* (settings: Settings) {
  const directory = yield* openDataDirectory(settings.directory)
  const services = yield* Layer.build(Layer.merge(Stopping.layer, servicesLayer(settings, directory)))
  return yield* Effect.provideContext(openServer(settings), services)
}, storageFailureAsError)

/** The socket and the API on services that run already. */
export const openServer = Effect.fnUntraced(function* (settings: Settings) {
  const organisation = yield* firstOrganisation()
  for (const { setting, warning } of longPeriods(settings)) yield* Effect.logWarning(warning, { setting })
  yield* Effect.forkScoped((yield* LogRetention).sweep(organisation))
  yield* Effect.forkScoped((yield* TranscriptPeriod).sweep(organisation))
  const url = yield* listen({ ...settings, fetch: yield* openHost })
  // Registered last, runs first: readers of live streams leave before the socket waits for them.
  yield* Effect.addFinalizer(() => Effect.flatMap(Stopping, (stopping) => stopping.begin))
  const code = yield* (yield* OwnerLink).issue(organisation)
  const ownerLink = code === undefined ? undefined : Redacted.make(`${url}/claim#${Redacted.value(code)}`)
  return { url, organisation, ownerLink } satisfies RunningServer
})

const openHost = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const context = yield* Effect.context<never>()
  const run = Effect.runForkWith(context)
  const nowMs = () => clock.currentTimeMillisUnsafe()
  const host = makeHost({
    api: yield* apiHandler,
    log: yield* logHandler,
    attempts: new FailedAttempts(nowMs),
    addressOf,
    nowMs,
    answered: (request) => void run(logRequest(request)),
    failed: (error) =>
      Effect.runPromiseWith(context)(Effect.map(problemOfDefect(error), (found) => problemResponse(found)))
  })
  return host.fetch
})

const logRequest = (request: AnsweredRequest) =>
  request.status < 400 ? Effect.logDebug("Answered", request) : Effect.logInfo("Refused", request)

/** At the start a broken storage is something that a person can repair: they read its explanation, not a stack. */
function storageFailureAsError<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | StorageFailure, R> {
  return Effect.catchDefect(effect, (defect) =>
    defect instanceof StorageFailure ? Effect.fail(defect) : Effect.die(defect)
  )
}
