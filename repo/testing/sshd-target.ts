// The host key of a test's sshd, as a target pins it.
import { createHash } from "node:crypto"
import type { Sshd } from "./sshd.ts"

/** `SHA256:…` as OpenSSH prints it. */
export const fingerprintOfHostKey = ({ hostKeys }: Pick<Sshd, "hostKeys">): string => {
  const key = Buffer.from(hostKeys.ed25519.split(" ")[1] ?? "", "base64")
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`
}
