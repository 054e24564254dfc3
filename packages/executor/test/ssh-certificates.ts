// Keys and certificates as ssh-keygen makes them, in a temporary folder.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface KeyFolder {
  readonly path: (name: string) => string
  readonly read: (name: string) => string
  /** Makes a key pair `name` and `name.pub`. */
  readonly key: (name: string, ...options: ReadonlyArray<string>) => void
  /** Makes `name-cert.pub`, signed by the key `authority`. */
  readonly certify: (name: string, authority: string, ...options: ReadonlyArray<string>) => void
  readonly remove: () => void
}

export const keyFolder = (): KeyFolder => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-keys-"))
  const path = (name: string) => join(folder, name)
  const keygen = (args: ReadonlyArray<string>) => execFileSync("ssh-keygen", ["-q", ...args], { stdio: "pipe" })
  return {
    path,
    read: (name) => readFileSync(path(name), "utf8"),
    key: (name, ...options) => {
      const type = options.length === 0 ? ["-t", "ed25519", "-N", ""] : options
      keygen([...type, "-C", name, "-f", path(name)])
    },
    certify: (name, authority, ...options) => {
      rmSync(path(`${name}-cert.pub`), { force: true })
      keygen(["-s", path(authority), "-I", name, ...options, path(`${name}.pub`)])
    },
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}
