// Many distinct SSH hosts on loopback: addresses of 127.0.1.0/24, served by a few daemons of OpenSSH, whose one key signs in everywhere.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { makeSshKeyPair } from "@fluxcybers/executor/testing/ssh-server"
import { Effect, type Scope } from "effect"
import ssh2 from "ssh2"
import { type Sshd, startSshd } from "../../testing/sshd.ts"

/** sshd listens on sixteen sockets at most, and one of them is 127.0.0.1. */
const ADDRESSES_A_DAEMON = 15

export interface SshHost {
  readonly host: string
  readonly port: number
}

export interface SshHosts {
  readonly hosts: ReadonlyArray<SshHost>
  readonly account: string
  /** OpenSSH private key, and the file that holds it. */
  readonly privateKey: string
  readonly keyFile: string
  /** With the Ed25519 keys of all hosts. */
  readonly knownHostsFile: string
  /** For the files of whoever connects. */
  readonly folder: string
  readonly cutConnections: () => void
}

/** Starts them; they stop with the scope. */
export const sshHosts = Effect.fnUntraced(function* (count: number): Effect.fn.Return<SshHosts, never, Scope.Scope> {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-hosts-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const { privateKey, publicKey } = makeSshKeyPair()
  const [keyFile, knownHostsFile, authorized] = ["key", "known_hosts", "authorized_keys"].map((name) =>
    join(folder, name)
  )
  writeFileSync(keyFile!, privateKey, { mode: 0o600 })
  writeFileSync(authorized!, `${publicKey}\n`)
  const addresses = Array.from({ length: count }, (_, number) => `127.0.1.${number + 1}`)
  const daemons: Array<{ readonly sshd: Sshd; readonly hosts: ReadonlyArray<SshHost> }> = []
  for (let first = 0; first < count; first += ADDRESSES_A_DAEMON) {
    daemons.push(yield* daemon(addresses.slice(first, first + ADDRESSES_A_DAEMON), authorized!))
  }
  const known = daemons.flatMap(({ sshd, hosts }) =>
    hosts.map(({ host, port }) => `[${host}]:${port} ${sshd.hostKeys.ed25519}\n`)
  )
  writeFileSync(knownHostsFile!, known.join(""))
  return {
    hosts: daemons.flatMap(({ hosts }) => hosts),
    account: daemons[0]!.sshd.account,
    privateKey,
    keyFile: keyFile!,
    knownHostsFile: knownHostsFile!,
    folder,
    cutConnections: () => {
      for (const { sshd } of daemons) sshd.cutConnections()
    }
  }
})

const daemon = (addresses: ReadonlyArray<string>, authorized: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const listen = addresses.map((address) => `ListenAddress ${address}`)
      const sshd = await startSshd([...listen, "MaxStartups 1000", "Match all", `AuthorizedKeysFile ${authorized}`])
      if (sshd === undefined) throw new Error("OpenSSH's sshd is not installed: apt-get install openssh-server")
      return { sshd, hosts: addresses.map((host) => ({ host, port: sshd.port })) }
    }),
    ({ sshd }) => Effect.promise(() => sshd.stop())
  )

/** ssh2 as its documentation shows it, with the cipher of ours. */
export const signedIn = async ({ account: username, privateKey }: SshHosts, { host, port }: SshHost) => {
  const client = new ssh2.Client()
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve).once("error", reject)
    client.connect({ host, port, username, privateKey, algorithms: { cipher: ["aes128-gcm@openssh.com"] } })
  })
  client.on("error", () => client.end())
  return client
}
