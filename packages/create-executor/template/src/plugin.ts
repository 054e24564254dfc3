// Reads a path of an HTTP service. Change it into what you need.
import { defineExecutor, StartRefused } from "@fluxcybers/executor/sdk"

/** What people propose. */
interface Input {
  /** `name:port` */
  readonly host: string
  readonly path: string
  readonly timeoutMs?: number
  readonly outputBytesMax?: number
}

const HOST = /^[A-Za-z0-9][A-Za-z0-9.-]{0,250}:\d{1,5}$/
const PATH = /^\/[\w./-]{0,1000}$/
const FIELDS: ReadonlyArray<string> = ["host", "path", "timeoutMs", "outputBytesMax"]

/** Whatever somebody proposed: throw when it is wrong, with a message that helps them. */
const parse = (input: unknown): Input => {
  if (typeof input !== "object" || input === null) throw new Error("An object with host and path is wanted.")
  const unknown = Object.keys(input).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) throw new Error(`There is no field "${unknown}". There are: ${FIELDS.join(", ")}.`)
  const { host, path, timeoutMs, outputBytesMax } = input as Record<keyof Input, unknown>
  if (typeof host !== "string" || !HOST.test(host))
    throw new Error("host must be a name and a port, as in example.com:80.")
  if (typeof path !== "string" || !PATH.test(path)) throw new Error("path must begin with / and have no query.")
  return { host, path, ...limit("timeoutMs", timeoutMs), ...limit("outputBytesMax", outputBytesMax) }
}

const limit = <Name extends string>(name: Name, value: unknown): { readonly [K in Name]?: number } => {
  if (value === undefined) return {}
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1)
    throw new Error(`${name} must be a whole number.`)
  return { [name]: value } as { readonly [K in Name]?: number }
}

export const executor = defineExecutor({
  // Who made it, a dot, what it does. It stands in every plan and in the log.
  id: "{{id}}",
  // Change it with every change of what a plan does: what was approved under another version is not run.
  version: "1",
  // The versions of the SDK that you tried it with.
  sdk: "^{{version}}",
  summary: "Reads a path of an HTTP service.",
  // The most that its plans may name. Narrow it: "*.example.com:443", secrets: ["acme/*"].
  needs: { hosts: ["*:*"] },
  parse,
  // Pure: equal input, equal plan. What the run needs must stand in here, because this is what people approve.
  plan: ({ host, path, timeoutMs = 30_000, outputBytesMax = 1_000_000 }) => ({
    command: { _tag: "Argv", argv: ["GET", `http://${host}${path}`] },
    access: "read",
    sentence: `Reads ${path} of ${host}.`,
    hosts: [host],
    timeoutMs,
    outputBytesMax
  }),
  // Gets the plan, never the input. When `signal` is aborted it must stop, on the other side too.
  run: async ({ plan, output, signal }) => {
    const [, url] = plan.command._tag === "Argv" ? plan.command.argv : []
    const response = await fetch(url ?? "", { signal, redirect: "error" }).catch(notStarted)
    for await (const piece of response.body ?? []) await output("stdout", piece)
    return { exitCode: response.ok ? 0 : 1 }
  }
})

/** When it is certain that nothing was started, say so; any other error means that nobody knows how it ended. */
const notStarted = (error: unknown): never => {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined
  if (code === "ECONNREFUSED" || code === "ENOTFOUND")
    throw new StartRefused({ detail: `nobody answers there (${code}).` })
  throw error
}
