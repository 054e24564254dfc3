// An SSH host on loopback that lives as long as the demo: OpenSSH's sshd where it is installed, otherwise the SDK's test server.
import { createHash } from "node:crypto"
import { startTestSshServer } from "@fluxcybers/executor/testing/ssh-server"
import { startSshd } from "../../../repo/testing/sshd.ts"

export interface DemoHost {
  readonly kind: string
  readonly port: number
  readonly account: string
  /** `SHA256:…`, as ssh-keygen prints it. */
  readonly hostKey: string
  readonly privateKey: string
  readonly stop: () => Promise<void>
}

export const startHost = async (): Promise<DemoHost> => {
  const sshd = await startSshd()
  if (sshd !== undefined) return { kind: "OpenSSH's sshd", ...sshd, hostKey: fingerprint(sshd.hostKeys.ed25519) }
  const server = await startTestSshServer()
  return { kind: "ssh2's own server", ...server, hostKey: server.hostKey() }
}

const fingerprint = (publicKey: string): string => {
  const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64")
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`
}
