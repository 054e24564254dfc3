// A private, throwaway PostgreSQL on loopback for the tests. A small shell script owns it and ends it when its standard input ends:
// that happens when the test runner stops, however it stops, so that an interrupted run leaves no server and no folder behind.
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { copyRegistryBinaries } from "./postgres-binaries.ts"
import { systemBinaries } from "./system-programs.ts"

const START_TIMEOUT_MS = 60_000
/** Another process may take the free port first. */
const START_ATTEMPTS = 3
const LOG_LENGTH_MAX = 20_000
const FOLDER = "fluxcybers-postgres-"
/** Copying the binaries takes seconds; a copy this old was interrupted. */
const ABANDONED_AFTER_MS = 10 * 60 * 1_000

/**
 * SIGTERM first: until PostgreSQL has its own handlers, a process in the background of a shell ignores SIGINT. SIGPIPE would end the
 * shell before it cleans up when nobody reads its messages any more.
 */
const SCRIPT = `
home=$1 bin=$2 port=$3
trap '' PIPE
trap 'cd /; rm -rf "$home"' EXIT
cd "$home" || exit 1
"$bin/initdb" -D data -U postgres -A scram-sha-256 --pwfile=password -E UTF8 --locale=C --no-sync >&2 || exit 1
"$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \\
  -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB &
server=$!
cat > /dev/null
kill -TERM "$server"
kill -INT "$server"
wait "$server"
`

export interface Cluster {
  /** `postgres://…/postgres`, with the right to create databases. */
  readonly url: string
  stop(): Promise<void>
}

/** Makes and starts a cluster from the given binaries; everything lives in one temporary folder that goes with it. */
export const startCluster = async (source: "registry" | "system"): Promise<Cluster> => {
  for (let attempt = 1; ; attempt++) {
    const server = await start(source)
    try {
      await ready(server.process)
      return server
    } catch (error) {
      await server.stop()
      if (attempt === START_ATTEMPTS || !/Address already in use/.test(String(error))) throw error
    }
  }
}

type Shell = ChildProcessByStdio<Writable, null, Readable>

const start = async (source: "registry" | "system"): Promise<Cluster & { readonly process: Shell }> => {
  removeAbandonedCopies()
  const home = mkdtempSync(join(tmpdir(), FOLDER))
  const removeHome = () => rmSync(home, { recursive: true, force: true })
  process.once("exit", removeHome)
  const bin = source === "registry" ? await copyRegistryBinaries(home) : systemBinaries()!
  const password = randomBytes(16).toString("hex")
  writeFileSync(join(home, "password"), password)
  const port = await freePort()
  const shell: Shell = spawn("/bin/sh", ["-c", SCRIPT, "sh", home, bin, String(port)], {
    ...handOver(home),
    // A session of its own: an interrupt at the terminal reaches the test runner only, and the script still cleans up.
    detached: true,
    stdio: ["pipe", "ignore", "pipe"]
  })
  process.removeListener("exit", removeHome)
  const stopped = new Promise<void>((resolve) => shell.once("exit", () => resolve()))
  const stop = () => {
    shell.stdin.end()
    // The script removes the folder where it may; in a temporary folder of root's own it may only empty it.
    return stopped.then(removeHome)
  }
  return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop, process: shell }
}

/** Before the script owns a folder, a runner that is killed outright leaves it; the next run clears it away. */
const removeAbandonedCopies = () => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(FOLDER))) {
    const folder = join(tmpdir(), name)
    const isOwned = existsSync(join(folder, "data"))
    if (!isOwned && Date.now() - statSync(folder).mtimeMs > ABANDONED_AFTER_MS) rmSync(folder, { recursive: true })
  }
}

/** PostgreSQL refuses to run as root: there `nobody` gets the folder and runs the server. */
const handOver = (home: string): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" })))
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isSymbolicLink())
  for (const path of [home, ...files.map((entry) => join(entry.parentPath, entry.name))]) chownSync(path, uid!, gid!)
  return { uid: uid!, gid: gid! }
}

const ready = (server: Shell): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = ""
    const fail = (what: string) => {
      clearTimeout(timer)
      reject(new Error(`PostgreSQL for the tests ${what}:\n${log}`))
    }
    const timer = setTimeout(() => fail(`did not start within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS)
    server.once("error", (error) => fail(error.message))
    server.once("exit", () => fail("stopped at once"))
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-LOG_LENGTH_MAX)
      if (log.includes("ready to accept connections")) {
        clearTimeout(timer)
        resolve()
      } else if (/\b(FATAL|PANIC):/.test(log)) fail("did not start")
    })
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
