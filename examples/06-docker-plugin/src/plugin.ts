// Docker, over its Engine's HTTP API on a Unix socket: a command in a container, and the restart of one.
import { type AsyncRunContext, type AsyncRunResult, defineExecutor, StartRefused } from "@fluxcybers/executor/sdk"
import { EngineRefused, engineAt } from "./engine.ts"
import { runIn } from "./exec.ts"

interface Input {
  readonly socket: string
  readonly container: string
  readonly limits: { readonly timeoutMs?: number; readonly outputBytesMax?: number }
}

const SOCKET = "/run/docker.sock"
/** https://docs.docker.com/reference/api/engine/ */
const CONTAINER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/
const LIMITS: ReadonlyArray<string> = ["timeoutMs", "outputBytesMax"]
const FIELDS: ReadonlyArray<string> = ["socket", "container", ...LIMITS]
/** Before the engine kills what does not stop by itself. */
const STOP_SECONDS = 10

const parse = (input: unknown, more: ReadonlyArray<string> = []): Input & Readonly<Record<string, unknown>> => {
  if (typeof input !== "object" || input === null) throw new Error("An object is wanted.")
  const fields: Readonly<Record<string, unknown>> = { socket: SOCKET, ...input }
  const names = [...FIELDS, ...more]
  const unknown = Object.keys(fields).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`There is no field "${unknown}". There are: ${names.join(", ")}.`)
  const { socket, container } = fields
  if (typeof socket !== "string" || !socket.startsWith("/")) throw new Error("socket must be an absolute path.")
  if (typeof container !== "string" || !CONTAINER.test(container)) throw new Error("container must be a name or an id.")
  const given = LIMITS.filter((name) => name in fields)
  const wrong = given.find((name) => !Number.isInteger(fields[name]))
  if (wrong !== undefined) throw new Error(`${wrong} must be a whole number.`)
  return { ...fields, socket, container, limits: Object.fromEntries(given.map((name) => [name, fields[name]])) }
}

const parseExec = (input: unknown) => {
  const fields = parse(input, ["argv"])
  const { argv } = fields
  if (
    !Array.isArray(argv) ||
    argv.length === 0 ||
    argv.some((word) => typeof word !== "string" || word.includes("\0"))
  ) {
    throw new Error("argv must be a list of texts, the program first.")
  }
  return { ...fields, argv: argv as ReadonlyArray<string> }
}

const COMMON = {
  version: "1",
  sdk: "^0.1.0",
  // Whoever may open this socket is root on its machine; that is why plans name it.
  needs: { hosts: ["unix:/*/docker.sock", "unix:/*/*/docker.sock"] }
}

const exec = defineExecutor({
  ...COMMON,
  id: "example.docker-exec",
  summary: "Runs a command in a running container.",
  parse: parseExec,
  plan: ({ socket, container, argv, limits }) => ({
    command: { _tag: "Argv", argv: ["docker", "exec", container, ...argv] },
    access: "unknown",
    sentence: `Runs ${argv[0]} in the container ${container}.`,
    hosts: [`unix:${socket}`],
    ...limits
  }),
  run: (context) =>
    refusedAsNotStarted(() => {
      const [, , container = "", ...argv] = wordsOf(context)
      return runIn(engineOf(context), { ...context, container, argv })
    })
})

const restart = defineExecutor({
  ...COMMON,
  id: "example.docker-restart",
  summary: "Restarts a container.",
  parse: (input) => parse(input),
  plan: ({ socket, container, limits }) => ({
    command: { _tag: "Argv", argv: ["docker", "restart", `--time=${STOP_SECONDS}`, container] },
    access: "write",
    sentence: `Restarts the container ${container}; it has ${STOP_SECONDS} seconds to stop.`,
    hosts: [`unix:${socket}`],
    ...limits
  }),
  run: (context) =>
    refusedAsNotStarted(async () => {
      const container = wordsOf(context).at(-1) ?? ""
      const path = `/containers/${encodeURIComponent(container)}/restart?t=${STOP_SECONDS}`
      await engineOf(context).answer({ method: "POST", path })
      await context.output("stdout", `${container}\n`)
      return { exitCode: 0 }
    })
})

export const executors = [exec, restart]

const wordsOf = ({ plan }: AsyncRunContext): ReadonlyArray<string> =>
  plan.command._tag === "Argv" ? plan.command.argv : []

const engineOf = ({ plan }: AsyncRunContext) => engineAt((plan.hosts?.[0] ?? "").replace(/^unix:/, ""))

/** No engine there, or it refused: nothing was started. */
const refusedAsNotStarted = async (run: () => Promise<AsyncRunResult>): Promise<AsyncRunResult> => {
  try {
    return await run()
  } catch (cause) {
    const isNobody =
      cause instanceof Error && "code" in cause && ["ENOENT", "ECONNREFUSED", "EACCES"].includes(String(cause.code))
    if (cause instanceof EngineRefused || isNobody) throw new StartRefused({ detail: (cause as Error).message })
    throw cause
  }
}
