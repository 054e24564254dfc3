// Signing in with a key that an ssh-agent holds, and with certificates for accounts.
import { execFileSync, spawn } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { sshFingerprint, sshKeyBlob } from "@fluxcybers/core"
import { Cause, Effect, Exit } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startSshd } from "../../../repo/testing/sshd.ts"
import type { SshSettings } from "../src/ssh/index.ts"
import { sshExecutor } from "../src/ssh/index.ts"
import { runInTestHost, testTarget } from "../src/testing/test-host.ts"
import { type KeyFolder, keyFolder } from "./ssh-certificates.ts"
import { CREDENTIAL, fingerprintOfText, openSsh, type RunningServer } from "./ssh-servers.ts"

const TYPES = [
  ["ed25519", ["-t", "ed25519", "-N", ""]],
  ["ecdsa", ["-t", "ecdsa", "-b", "384", "-N", ""]],
  ["rsa", ["-t", "rsa", "-b", "2048", "-N", ""]]
] as const

// OpenSSH's sshd is not on every machine; the closing summary says how to install it.
describe.skipIf(!openSsh.isInstalled)("signing in to OpenSSH's sshd", () => {
  let keys: KeyFolder
  let server: RunningServer
  let agent: { readonly socket: string; readonly add: (name: string) => void; readonly stop: () => void }

  beforeAll(async () => {
    keys = keyFolder()
    keys.key("authority")
    for (const [name, options] of TYPES) keys.key(name, ...options)
    const sshd = await startSshd([`TrustedUserCAKeys ${keys.path("authority.pub")}`])
    if (sshd === undefined) throw new Error("openssh-server is not installed")
    const { port, account, privateKey } = sshd
    const hostKey = fingerprintOfText(sshd.hostKeys.ed25519)
    const target = testTarget({ port, account, hostKey, credential: CREDENTIAL })
    server = { ...sshd, target, secrets: { [CREDENTIAL]: privateKey } }
    agent = await startAgent(keys)
  })
  afterAll(async () => {
    agent?.stop()
    await server?.stop()
    keys?.remove()
  })

  const signIn = async (credential: string, settings: Partial<SshSettings> = {}) => {
    const executor = Effect.flatMap(sshExecutor(settings), (executor) =>
      runInTestHost({
        executor,
        input: { argv: ["echo", "in"] },
        target: server.target,
        secrets: { [CREDENTIAL]: credential }
      })
    )
    const { exit, stdout } = await Effect.runPromise(Effect.scoped(executor))
    return Exit.isSuccess(exit) ? stdout.toString() : String(Cause.squash(exit.cause))
  }
  const withAgent = (credential: string) => signIn(credential, { agent: agent.socket })
  const certify = (name: string, ...options: ReadonlyArray<string>) => {
    keys.certify(name, "authority", "-n", server.target.account, ...options)
    return `${keys.read(name)}${keys.read(`${name}-cert.pub`)}`
  }
  const pin = (name: string) => `ssh-agent:${sshFingerprint(sshKeyBlob(keys.read(`${name}.pub`)))}`

  it.each(TYPES)("works with a certificate for a key of the type %s, and not with the key alone", async (name) => {
    expect(await signIn(certify(name))).toBe("in\n")
    expect(await signIn(keys.read(name))).toContain("did not accept the credential")
    const [line, key] = [keys.read(`${name}-cert.pub`), keys.read(name)]
    expect(await signIn(`${line}${key}`)).toBe("in\n")
  })

  it("is refused, with the reason, with a certificate that is not for this key, not for now, or not for accounts", async () => {
    const key = keys.read("ed25519")
    expect(await signIn(certify("ed25519", "-V", "20200101:20210101"))).toContain("has expired")
    expect(await signIn(certify("ed25519", "-V", "+1d:+2d"))).toContain("not valid yet")
    expect(await signIn(certify("ed25519", "-h"))).toContain("for hosts")
    certify("ecdsa")
    expect(await signIn(`${key}${keys.read("ecdsa-cert.pub")}`)).toContain("for another key")
    expect(await signIn(keys.read("ecdsa-cert.pub"))).toContain("Store the private key together with it")
    keys.certify("ed25519", "authority", "-n", "somebody-else")
    expect(await signIn(`${key}${keys.read("ed25519-cert.pub")}`)).toContain("did not accept the credential")
  })

  it("works with the key in the agent that the credential names, and with no other", async () => {
    writeFileSync(keys.path("known"), server.secrets[CREDENTIAL]!, { mode: 0o600 })
    writeFileSync(keys.path("known.pub"), execFileSync("ssh-keygen", ["-y", "-f", keys.path("known")]))
    expect(await withAgent(pin("known"))).toContain("does not hold (it holds 0 keys")
    agent.add("known")
    expect(await withAgent(pin("known"))).toBe("in\n")
    expect(await withAgent(`${pin("known")}\n`)).toBe("in\n")
    expect(await withAgent(pin("ed25519"))).toContain("does not hold (it holds 1 keys")
  })

  it.each(TYPES)("works with a certificate in the agent, for a key of the type %s", async (name) => {
    certify(name)
    agent.add(name)
    expect(await withAgent(pin(name))).toBe("in\n")
  })

  it("says what is missing where no agent is configured, or none answers", async () => {
    expect(await signIn(pin("ed25519"))).toContain("FLUXCYBERS_SSH_AGENT")
    expect(await signIn(pin("ed25519"), { agent: keys.path("no-socket") })).toContain("does not answer")
    const nonsense = createServer((socket) => socket.end("no agent at all, but something else"))
    await new Promise<void>((resolve) => nonsense.listen(keys.path("nonsense"), resolve))
    expect(await signIn(pin("ed25519"), { agent: keys.path("nonsense") })).toContain("does not answer")
    nonsense.close()
  })
})

const startAgent = async (keys: KeyFolder) => {
  const socket = keys.path("agent")
  const program = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" })
  for (let tries = 0; !existsSync(socket) && tries < 500; tries++) await pause(10)
  return {
    socket,
    add: (name: string) =>
      void execFileSync("ssh-add", ["-q", keys.path(name)], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: "pipe"
      }),
    stop: () => void program.kill()
  }
}
