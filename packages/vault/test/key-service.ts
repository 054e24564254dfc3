// A key service on loopback that can be slow, busy or hostile: what the servers of both protocols share.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { createServer, type IncomingMessage } from "node:http"
import { Effect } from "effect"

/** What the service does instead of its work; `times`: how often, always unless told. */
export interface Trouble {
  readonly kind: "silent" | "busy" | "denied"
  times?: number
}

export interface KeyService {
  readonly url: string
  /** Every request that came, by what it asked for. */
  readonly requests: Array<string>
  trouble: Trouble | undefined
  /** The versions of its key; the last one wraps. */
  readonly versions: Array<Buffer>
  rotate(): void
}

export interface KeyServiceProtocol {
  readonly nameOf: (request: IncomingMessage) => string
  readonly busy: Answer
  readonly denied: Answer
  readonly answer: (request: IncomingMessage, body: Record<string, unknown>, service: KeyService) => Answer
}

export interface Answer {
  readonly status: number
  readonly body: object
  readonly headers?: Record<string, string>
}

export const keyService = (protocol: KeyServiceProtocol) =>
  Effect.acquireRelease(
    Effect.promise(() => start(protocol)),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ service }) => service))

const start = async (protocol: KeyServiceProtocol) => {
  const service: KeyService = {
    url: "",
    requests: [],
    trouble: undefined,
    versions: [randomBytes(32)],
    rotate: () => void service.versions.push(randomBytes(32))
  }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    service.requests.push(protocol.nameOf(request))
    const trouble = takeTrouble(service)
    if (trouble === "silent") return
    const answer = trouble === undefined ? protocol.answer(request, body, service) : protocol[trouble]
    response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { service: Object.assign(service, { url: `http://127.0.0.1:${port}` }), close }
}

const takeTrouble = (service: KeyService): Trouble["kind"] | undefined => {
  const { trouble } = service
  if (trouble?.times !== undefined && trouble.times-- <= 0) return undefined
  return trouble?.kind
}

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const pieces: Array<Uint8Array> = []
  for await (const piece of request) pieces.push(piece)
  return pieces.length === 0 ? {} : JSON.parse(Buffer.concat(pieces).toString("utf8"))
}

/** AES-256-GCM with associated data, as both services use it. */
export const encrypt = (key: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Buffer => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  cipher.setAAD(associated)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

export const decrypt = (key: Uint8Array, blob: Uint8Array, associated: Uint8Array): Buffer | undefined => {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, blob.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(associated)
    decipher.setAuthTag(blob.subarray(-16))
    return Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()])
  } catch {
    return undefined
  }
}
