// A real server on loopback for tests, and clients for it.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cause, Effect, Logger, Redacted, Schedule, type Scope } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import type { TestDatabase } from "../../../repo/testing/databases.ts"
import { Api } from "../src/api/api.ts"
import { type Settings, settings } from "../src/configuration.ts"
import { type RunningServer, startServer } from "../src/start.ts"

export interface Client extends HttpApiClient.ForApi<typeof Api> {}

export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-server-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Settings for a server of its own: a new directory, a port that is free, the executor `local`. */
export const testSettings = Effect.fnUntraced(function* (
  database: TestDatabase
): Effect.fn.Return<Settings, never, Scope.Scope> {
  const location = yield* database.fresh
  const flags = {
    directory: join(yield* temporaryFolder, "data"),
    port: 0,
    localExecutor: true,
    ...("postgres" in location ? { databaseUrl: Redacted.make(location.postgres) } : {})
  }
  return yield* Effect.orDie(settings({ environment: {}, flags }))
})

/** Collects what the server logs. */
export const captured = () => {
  const lines: Array<string> = []
  const logger = Logger.map(Logger.formatJson, (line) => void lines.push(line))
  return { lines, layer: Logger.layer([logger]) }
}

export interface TestServer extends RunningServer {
  readonly settings: Settings
  /** JSON lines. */
  readonly log: ReadonlyArray<string>
  /** Plain requests, with a token where one is given. */
  request(path: string, init?: RequestInit & { readonly token?: string | undefined }): Effect.Effect<Response>
}

/** Starts a server that runs until the scope closes. */
export const runServer = Effect.fnUntraced(function* (options: Settings) {
  const log = captured()
  const server = yield* startServer(options).pipe(Effect.provide(log.layer))
  const request: TestServer["request"] = (path, { token, ...init } = {}) =>
    Effect.promise(() => {
      const headers = new Headers(init.headers)
      if (token !== undefined) headers.set("authorization", `Bearer ${token}`)
      return fetch(`${server.url}${path}`, { ...init, headers })
    })
  return { ...server, settings: options, log: log.lines, request } satisfies TestServer
})

export const clientOf = (url: string, token?: string): Effect.Effect<Client> =>
  HttpApiClient.make(Api, {
    baseUrl: url,
    transformClient: HttpClient.mapRequest((request) =>
      token === undefined ? request : HttpClientRequest.bearerToken(request, token)
    )
  }).pipe(Effect.provide(FetchHttpClient.layer))

/** The code of the server's owner link. */
export const ownerCode = (server: RunningServer): string => {
  if (server.ownerLink === undefined) throw new Error("The server printed no owner link")
  return new URL(Redacted.value(server.ownerLink)).hash.slice(1)
}

/** Becomes the owner; answers their token and their client. */
export const claim = Effect.fnUntraced(function* (server: RunningServer, name = "Ada Lovelace") {
  const stranger = yield* clientOf(server.url)
  const { person, token } = yield* stranger.system.claim({ payload: { code: ownerCode(server), name } })
  return { person, token, client: yield* clientOf(server.url, token) }
})

/** A claimed server on a fresh database. */
export const ownedServer = (database: TestDatabase) => Effect.flatMap(testSettings(database), claimedServer)

export const claimedServer = Effect.fnUntraced(function* (options: Settings) {
  const server = yield* runServer(options)
  return { server, owner: yield* claim(server) }
})

/** Verifies the log when everything written so far has its checkpoint; entries of a run's end may come after its last event. */
export const verifiedLog = (client: Client) =>
  client.audit.verify().pipe(
    Effect.filterOrFail(({ pending }) => pending === 0),
    Effect.retry({ while: Cause.isNoSuchElementError, schedule: Schedule.spaced("25 millis") })
  )

/** A problem's status and code, as a failed call of the client gives them. */
export const problemIn = <A, E, R>(call: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(call), (error) => {
    const { status, code, detail } = error as { status: number; code: string; detail: string }
    return { status, code, detail }
  })

export const base64 = (text: string): string => Buffer.from(text).toString("base64")
