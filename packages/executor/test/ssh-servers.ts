// The SSH servers that the suites run against, each as a target with the secrets that sign in.
import ssh2 from "ssh2"
import { startSshd } from "../../../repo/testing/sshd.ts"
import { sshd } from "../../../repo/testing/system-programs.ts"
import type { PinnedTarget } from "../src/plan.ts"
import { fingerprintOf } from "../src/ssh/host-key.ts"
import { startTestSshServer } from "../src/testing/ssh-server.ts"
import { testTarget } from "../src/testing/test-host.ts"

export interface RunningServer {
  readonly target: PinnedTarget
  readonly secrets: Readonly<Record<string, string>>
  readonly cutConnections: () => void
  readonly stop: () => Promise<void>
}

export interface TestServer {
  readonly name: string
  readonly isInstalled: boolean
  readonly start: () => Promise<RunningServer>
}

export const CREDENTIAL = "ssh/test"

/** The fingerprint of a public key in OpenSSH's text form. */
export const fingerprintOfText = (text: string): string => {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return fingerprintOf(key.getPublicSSH())
}

export const ourServer: TestServer = {
  name: "our test server",
  isInstalled: true,
  start: async () => {
    const server = await startTestSshServer()
    const { port, account } = server
    const target = testTarget({ port, account, hostKey: server.hostKey(), credential: CREDENTIAL })
    return { target, secrets: { [CREDENTIAL]: server.privateKey }, ...server }
  }
}

export const openSsh: TestServer = {
  name: "OpenSSH's sshd",
  isInstalled: sshd() !== undefined,
  start: async () => {
    const server = await startSshd()
    if (server === undefined) throw new Error("openssh-server is not installed")
    const { port, account } = server
    const hostKey = fingerprintOfText(server.hostKeys.ed25519)
    const target = testTarget({ port, account, hostKey, credential: CREDENTIAL })
    return { target, secrets: { [CREDENTIAL]: server.privateKey }, ...server }
  }
}
