// An operation of an API, called with a credential that only the run sees: who approves sees the whole request, and the credential's name.
import { type AsyncRunContext, defineExecutor, StartRefused } from "@fluxcybers/executor/sdk"
import document from "./billing.openapi.json" with { type: "json" }
import { type Operation, operationsOf, targetOf } from "./operation.ts"

interface Input {
  /** `https://billing.example.com`, without a path. */
  readonly server: URL
  readonly operation: Operation
  readonly target: string
  readonly body: string | undefined
  /** Name of the secret that is sent as a bearer token. */
  readonly credential: string
  readonly limits: { readonly timeoutMs?: number; readonly outputBytesMax?: number }
}

const OPERATIONS = operationsOf(document)
const FIELDS: ReadonlyArray<string> = [
  "server",
  "operation",
  "parameters",
  "body",
  "credential",
  "timeoutMs",
  "outputBytesMax"
]
const TIMEOUT_MS = 30_000
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "https:": "443", "http:": "80" }

const parse = (input: unknown): Input => {
  if (typeof input !== "object" || input === null) throw new Error("An object is wanted.")
  const unknown = Object.keys(input).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) throw new Error(`There is no field "${unknown}". There are: ${FIELDS.join(", ")}.`)
  const { server, operation, parameters = {}, body, credential, ...limits } = input as Readonly<Record<string, unknown>>
  const found = OPERATIONS.get(String(operation))
  if (found === undefined) throw new Error(`operation must be one of ${[...OPERATIONS.keys()].join(", ")}.`)
  if (typeof credential !== "string") throw new Error("credential must be the name of a secret.")
  if (body !== undefined && !found.takesBody) throw new Error(`${operation} takes no body.`)
  const wrong = Object.entries(limits).find(([, value]) => typeof value !== "number")
  if (wrong !== undefined) throw new Error(`${wrong[0]} must be a number.`)
  return {
    server: serverOf(server),
    operation: found,
    target: targetOf(found, texts(parameters)),
    body: body === undefined ? undefined : JSON.stringify(body),
    credential,
    limits
  }
}

const serverOf = (server: unknown): URL => {
  const url = typeof server === "string" ? URL.parse(server) : null
  if (url === null || DEFAULT_PORTS[url.protocol] === undefined || url.href !== `${url.origin}/`) {
    throw new Error("server must be an address like https://billing.example.com, without a path.")
  }
  return url
}

const texts = (parameters: unknown): Readonly<Record<string, string>> => {
  if (
    typeof parameters !== "object" ||
    parameters === null ||
    Object.values(parameters).some((value) => typeof value !== "string")
  ) {
    throw new Error("parameters must be an object of texts.")
  }
  return parameters as Readonly<Record<string, string>>
}

export const executor = defineExecutor({
  id: "example.billing",
  version: "1",
  sdk: "^0.1.0",
  summary: "Calls one operation of the billing API.",
  needs: { hosts: ["*:*"], secrets: ["billing/*", "suite/*"] },
  parse,
  plan: ({ server, operation, target, body, credential, limits }) => ({
    command: { _tag: "Argv", argv: [operation.method, `${server.origin}${target}`] },
    access: operation.method === "GET" ? "read" : "write",
    sentence: `${operation.summary} (${server.host}).`,
    hosts: [`${server.hostname}:${server.port || DEFAULT_PORTS[server.protocol]}`],
    secrets: [credential],
    ...(body === undefined ? {} : { stdin: Buffer.from(body) }),
    timeoutMs: TIMEOUT_MS,
    ...limits
  }),
  run: async (context) => {
    const response = await call(context)
    await context.output("stderr", `${response.status} ${response.statusText}\n`)
    for await (const piece of response.body ?? []) await context.output("stdout", piece)
    return { exitCode: response.ok ? 0 : 1 }
  }
})

/** A redirect is not followed: it leads elsewhere than to what was approved, and would take the credential along. */
const call = async ({ plan, stdin, secret, signal }: AsyncRunContext): Promise<Response> => {
  const [method = "", url = ""] = plan.command._tag === "Argv" ? plan.command.argv : []
  const [credential] = plan.secrets
  if (credential === undefined) throw new StartRefused({ detail: "the plan names no credential." })
  const authorization = `Bearer ${Buffer.from(await secret(credential.name))}`
  const body = stdin === undefined ? {} : { body: Buffer.from(stdin) }
  const type = stdin === undefined ? {} : { "content-type": "application/json" }
  return await fetch(url, { method, ...body, headers: { authorization, ...type }, redirect: "manual", signal }).catch(
    notCalled
  )
}

/** Nobody accepted the connection: nothing was called. Any other end leaves open how far it came. */
const notCalled = (error: unknown): never => {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined
  if (code === "ECONNREFUSED" || code === "ENOTFOUND")
    throw new StartRefused({ detail: `nobody answers there (${code}).` })
  throw error
}
