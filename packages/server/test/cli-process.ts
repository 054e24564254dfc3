// The real command line as a child process, and a real server started by it.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { inject } from "vitest"

/** Bundled from the sources by `repo/testing/command.ts`. */
const BINARY = inject("commandFile")
const COMPILE_CACHE = join(dirname(BINARY), "../compile-cache")

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/** Whatever a command or the API answers; tests say what they expect in it. */
type Document = ReturnType<JSON["parse"]>

/** A person's own place: their stored sign-ins, and the command line with them. */
export interface Person {
  readonly home: string
  /** Runs a command to its end. */
  run(args: ReadonlyArray<string>, options?: CliOptions): Promise<Ended>
  /** Runs a command and expects status 0; its standard output. */
  ok(args: ReadonlyArray<string>, options?: CliOptions): Promise<string>
  /** The same with `--json`, decoded. */
  json(args: ReadonlyArray<string>, options?: CliOptions): Promise<Document>
  /** What to start to run a command, for another program that starts it. */
  invocation(args: ReadonlyArray<string>): Invocation
  /** Starts a command that goes on. */
  start(args: ReadonlyArray<string>, options?: CliOptions): ChildProcessWithoutNullStreams
}

export interface Invocation {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly env: NodeJS.ProcessEnv
}

export const person = (home: string): Person => {
  const invocation = (args: ReadonlyArray<string>, more?: CliOptions["env"]): Invocation => ({
    file: process.execPath,
    args: [BINARY, ...args],
    env: environment(home, more)
  })
  const start: Person["start"] = (words, options = {}) => {
    const { file, args, env } = invocation(words, options.env)
    const child = spawn(file, args, { env })
    child.stdin.on("error", () => {})
    child.stdin.end(options.stdin ?? "")
    return child
  }
  const run: Person["run"] = (args, options) => ended(start(args, options))
  const ok: Person["ok"] = async (args, options) => {
    const { code, stdout, stderr } = await run(args, options)
    if (code !== 0) throw new Error(`fluxcybers ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`)
    return stdout.toString()
  }
  return {
    home,
    invocation,
    start,
    run,
    ok,
    json: async (args, options) => JSON.parse(await ok(withJson(args), options))
  }
}

/** `--json` before `--`. */
const withJson = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = args.indexOf("--")
  return end === -1 ? [...args, "--json"] : [...args.slice(0, end), "--json", ...args.slice(end)]
}

/** Nothing of the machine's own FluxCybers. */
const environment = (home: string, more: CliOptions["env"]): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: home,
  XDG_CONFIG_HOME: home,
  XDG_DATA_HOME: home,
  NODE_COMPILE_CACHE: COMPILE_CACHE,
  ...more
})

export const ended = (child: ChildProcessWithoutNullStreams): Promise<Ended> =>
  new Promise((resolve) => {
    const stdout: Array<Buffer> = []
    let stderr = ""
    child.stdout.on("data", (chunk) => stdout.push(chunk))
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk)
    })
    child.once("close", (code, signal) => resolve({ code, signal, stdout: Buffer.concat(stdout), stderr }))
  })

export interface ServedFolder {
  readonly url: string
  readonly ownerLink: string
  readonly directory: string
  /** A new person without a sign-in. */
  newcomer(): Person
  file(name: string, content: string | Uint8Array): string
  /** What the server writes when this signal ends it, and its folder with everything that it left behind. */
  crash(signal: NodeJS.Signals): Promise<Ended & { readonly folder: string }>
  /** Stops the server, if it still runs, and starts it again on the same address. */
  restart(): Promise<void>
  /** Tells the server to stop, and waits until it has. */
  terminate(): Promise<Ended>
  /** The same, and removes the folder. */
  stop(): Promise<void>
}

/** `fluxcybers serve` on an empty folder, with the local executor. */
export const serveFolder = async (): Promise<ServedFolder> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-cli-"))
  const directory = join(folder, "data")
  let server = await serveAt(folder, directory, "0")
  const { url, ownerLink } = server.document
  let people = 0
  const terminate = () => {
    server.child.kill("SIGTERM")
    return server.end
  }
  return {
    url,
    ownerLink,
    directory,
    terminate,
    crash: async (signal) => {
      server.child.kill(signal)
      return { ...(await server.end), folder }
    },
    newcomer: () => person(join(folder, `person-${people++}`)),
    file: (name, content) => {
      const path = join(folder, name)
      writeFileSync(path, content, { mode: 0o600 })
      return path
    },
    restart: async () => {
      await terminate()
      server = await serveAt(folder, directory, new URL(url).port)
    },
    stop: async () => {
      await terminate()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const serveAt = async (home: string, directory: string, port: string) => {
  const child = person(home).start(["serve", "--json", "--port", port, "--local-executor", "--data-dir", directory])
  const end = ended(child)
  const document: Document = JSON.parse(await firstDocument(child, end))
  return { child, end, document }
}

const firstDocument = (child: ChildProcessWithoutNullStreams, end: Promise<Ended>): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ""
    child.stdout.on("data", (chunk) => {
      text += String(chunk)
      if (text.endsWith("}\n")) resolve(text)
    })
    void end.then(({ stderr }) => reject(new Error(`The server did not start:\n${stderr}`)))
  })

/** Waits until the child's standard error has said this. */
export const said = (child: ChildProcessWithoutNullStreams, what: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ""
    child.stderr.on("data", (chunk) => {
      text += String(chunk)
      const match = what.exec(text)
      if (match !== null) resolve(match[0])
    })
    child.once("close", () => reject(new Error(`It never said ${what}, but:\n${text}`)))
  })

/** Calls the API with a person's own token: what would only be slower through another process. */
export const callApi = async (who: Person, path: string, body?: unknown): Promise<Document> => {
  const { profiles } = JSON.parse(readFileSync(join(who.home, "fluxcybers", "profiles.json"), "utf8"))
  const { url, token } = profiles.default
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return JSON.parse(await response.text())
}

/** Approves what waits, as it is. */
export const approveNow = async (who: Person, id: string): Promise<void> => {
  const { digest } = await callApi(who, `/executions/${id}`)
  await callApi(who, `/executions/${id}/approve`, { digest })
}

/** The one execution that waits, as soon as there is one. */
export const pendingId = async (who: Person): Promise<string> => {
  for (;;) {
    const { items } = await callApi(who, "/executions?state=pending")
    if (items.length === 1) return items[0].id
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
