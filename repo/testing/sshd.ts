// A private OpenSSH sshd on loopback, as root or as anybody: everything lives in one temporary folder.
import { type ChildProcess, spawn } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { makeSshKeyPair } from "@fluxcybers/executor/testing/ssh-server"
import ssh2 from "ssh2"
import { sshd } from "./system-programs.ts"

/** sshd empties itself into this folder when root starts it; the path is compiled in. */
const PRIVILEGE_SEPARATION_FOLDER = "/run/sshd"
const START_MS_MAX = 10_000

export interface Sshd {
  readonly host: "127.0.0.1"
  readonly port: number
  /** The account of this process. */
  readonly account: string
  /** Where commands run. */
  readonly home: string
  /** Public host keys, OpenSSH text, by kind. */
  readonly hostKeys: { readonly ed25519: string; readonly ecdsa: string }
  /** OpenSSH private key that may sign in. */
  readonly privateKey: string
  /** Cuts every connection, without a word. */
  readonly cutConnections: () => void
  readonly stop: () => Promise<void>
}

/** Starts sshd; `settings` are further lines of sshd_config. `undefined` where sshd is not installed. */
export const startSshd = async (settings: ReadonlyArray<string> = []): Promise<Sshd | undefined> => {
  const program = sshd()
  if (program === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-sshd-"))
  const port = await freePort()
  const keys = writeFiles(folder, [...baseSettings(folder, port), ...settings])
  if (process.getuid?.() === 0) mkdirSync(PRIVILEGE_SEPARATION_FOLDER, { recursive: true, mode: 0o755 })
  const server = spawn(program, ["-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"]
  })
  await listening(server)
  return {
    host: "127.0.0.1",
    port,
    account: userInfo().username,
    home: join(folder, "home"),
    ...keys,
    cutConnections: () => {
      for (const pid of childrenOf(server.pid ?? 0)) process.kill(pid, "SIGKILL")
    },
    stop: () =>
      new Promise((resolve) => {
        server.once("exit", () => {
          rmSync(folder, { recursive: true, force: true })
          resolve()
        })
        server.kill("SIGTERM")
      })
  }
}

const baseSettings = (folder: string, port: number): ReadonlyArray<string> => [
  "ListenAddress 127.0.0.1",
  `Port ${port}`,
  `HostKey ${folder}/host_ed25519`,
  `HostKey ${folder}/host_ecdsa`,
  `AuthorizedKeysFile ${folder}/authorized_keys`,
  "PidFile none",
  "StrictModes no",
  "UsePAM no",
  "PasswordAuthentication no",
  "KbdInteractiveAuthentication no",
  "PermitRootLogin prohibit-password",
  "UseDNS no",
  "PrintMotd no",
  // An empty home: bash reads ~/.bashrc for the commands of sshd, and people's can be slow or print something.
  `SetEnv HOME=${folder}/home`
]

const writeFiles = (folder: string, settings: ReadonlyArray<string>) => {
  const ed25519 = makeSshKeyPair()
  const ecdsa = ecdsaKeyPair()
  const client = makeSshKeyPair()
  mkdirSync(join(folder, "home"))
  writeFileSync(join(folder, "host_ed25519"), ed25519.privateKey, { mode: 0o600 })
  writeFileSync(join(folder, "host_ecdsa"), ecdsa.privateKey, { mode: 0o600 })
  writeFileSync(join(folder, "authorized_keys"), `${client.publicKey}\n`)
  writeFileSync(join(folder, "sshd_config"), `${settings.join("\n")}\n`)
  return {
    privateKey: client.privateKey,
    hostKeys: { ed25519: ed25519.publicKey, ecdsa: ecdsa.publicKey }
  }
}

const ecdsaKeyPair = () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const pem = privateKey.export({ type: "sec1", format: "pem" }).toString()
  const key = ssh2.utils.parseKey(pem)
  if (key instanceof Error) throw key
  return { privateKey: pem, publicKey: `${key.type} ${key.getPublicSSH().toString("base64")}` }
}

const listening = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = ""
    const fail = () => reject(new Error(`sshd did not start:\n${log}`))
    const timer = setTimeout(fail, START_MS_MAX)
    server.once("exit", fail)
    server.stderr?.on("data", (piece: Buffer) => {
      log = (log + piece.toString()).slice(-20_000)
      if (!log.includes("Server listening on")) return
      clearTimeout(timer)
      server.off("exit", fail)
      resolve()
    })
  })

const childrenOf = (parent: number): ReadonlyArray<number> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent)

/** proc(5): `pid (name) state ppid …`. A process may end while it is looked at. */
const parentOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
  } catch {
    return 0
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
