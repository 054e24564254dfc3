// One request to the transit engine of OpenBao or HashiCorp Vault: bounded, timed, repeated while the service is busy.
import { isIP } from "node:net"
import { Effect, Redacted, Result, Schedule, Schema } from "effect"
import { readPrivateFile } from "../keys/key-file.ts"
import { RootKeyFailed } from "../keys/root-key.ts"

const TOKEN_BYTES_MAX = 4_096
const ANSWER_BYTES_MAX = 64 * 1_024
const TIMEOUT_MS = 5_000
const ATTEMPTS_MAX = 4
const BACKOFF_MS = 100

/** Where the engine is, and which of its keys is the root key. */
export interface TransitOptions {
  /** `https://bao.example:8200`. Plain HTTP to this machine only. */
  readonly address: string
  /** The key's name: of type `aes256-gcm96` or `chacha20-poly1305`, not derived. */
  readonly key: string
  /** Where the engine is mounted; `transit` unless told. */
  readonly mount?: string
  readonly namespace?: string
  /** The token itself, or a file of mode 0600 that is read for each request, as an agent keeps it. */
  readonly token: Redacted.Redacted<string> | { readonly file: string }
  /** For one attempt; 5 s unless told. */
  readonly timeoutMs?: number
  /** 4 unless told, with a growing pause between them. */
  readonly attemptsMax?: number
}

export interface TransitRequest {
  readonly path: string
  /** POST when there is one. */
  readonly body?: Readonly<Record<string, string>>
}

/** What the engine answered: not read yet when it refused. */
export interface TransitAnswer {
  readonly status: number
  readonly data: unknown
  readonly errors: ReadonlyArray<string>
}

/** Gives every answer but those that say "later": they are repeated, and then `unavailable`. */
export const transitRequest = (options: TransitOptions) => {
  const { attemptsMax = ATTEMPTS_MAX } = options
  const backoff = Schedule.exponential(BACKOFF_MS).pipe(Schedule.jittered)
  return (request: TransitRequest): Effect.Effect<TransitAnswer, RootKeyFailed> =>
    Effect.retry(attempt(options, request), {
      times: attemptsMax - 1,
      schedule: backoff,
      while: ({ reason }) => reason === "unavailable"
    })
}

const attempt = Effect.fnUntraced(function* (options: TransitOptions, request: TransitRequest) {
  const token = yield* tokenOf(options)
  const { timeoutMs = TIMEOUT_MS } = options
  const answer = yield* Effect.tryPromise({
    try: (signal) =>
      send(options, request, { token, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) }),
    catch: (cause) => failed(options, "unavailable", `no answer (${reasonOf(cause)})`)
  })
  if (LATER.has(answer.status)) return yield* failed(options, "unavailable", `status ${answer.status}`)
  return answer
})

/** 412: the node does not yet have what another one wrote. 473: a standby. */
const LATER = new Set([408, 412, 429, 472, 473, 500, 502, 503, 504])

const send = async (
  { address, mount = "transit", namespace }: TransitOptions,
  { path, body }: TransitRequest,
  { token, signal }: { readonly token: Redacted.Redacted<string>; readonly signal: AbortSignal }
): Promise<TransitAnswer> => {
  const response = await fetch(`${address}/v1/${mount}/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      "content-type": "application/json",
      "x-vault-token": Redacted.value(token),
      "x-vault-request": "true",
      ...(namespace === undefined ? {} : { "x-vault-namespace": namespace })
    },
    // A redirect would carry the token to another host.
    redirect: "error",
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const { data, errors = [] } = Result.getOrElse(parse(await boundedText(response)), () => ({
    data: undefined,
    errors: []
  }))
  return { status: response.status, data, errors }
}

const parse = Schema.decodeUnknownResult(
  Schema.fromJsonString(
    Schema.Struct({ data: Schema.optionalKey(Schema.Unknown), errors: Schema.optionalKey(Schema.Array(Schema.String)) })
  )
)

const boundedText = async (response: Response): Promise<string> => {
  const pieces: Array<Uint8Array> = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += piece.length
    if (length > ANSWER_BYTES_MAX) throw new Error("the answer is too long")
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString("utf8")
}

const tokenOf = (options: TransitOptions) =>
  Redacted.isRedacted(options.token)
    ? Effect.succeed(options.token)
    : readPrivateFile(options.token.file, TOKEN_BYTES_MAX).pipe(
        Effect.map((bytes) => Redacted.make(bytes.toString("utf8").trim())),
        Effect.mapError(({ message }) => failed(options, "unusable", message))
      )

/** The name of the network's fault, never the request: it carries the token. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "unknown"
  const inner = cause.cause
  return inner instanceof Error && "code" in inner ? String(inner.code) : cause.name
}

/** Whether the token may travel there. */
export const isSafeAddress = (address: string): boolean => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || url.username !== "" || url.search !== "" || url.hash !== "") return false
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."))

export const transitId = ({ namespace, mount = "transit", key }: TransitOptions): string =>
  `transit:${namespace === undefined ? "" : `${namespace}/`}${mount}/${key}`

export const failed = (options: TransitOptions, reason: RootKeyFailed["reason"], detail: string) =>
  new RootKeyFailed({ reason, rootKey: transitId(options), detail: `${options.address}: ${detail}` })
