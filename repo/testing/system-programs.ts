// Programs of the operating system that some suites run against. Nothing needs them for `npm test` to pass; in CI they must be there.
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

/** What installs all of them on Debian and Ubuntu. */
export const INSTALL_COMMAND = "sudo apt-get install -y --no-install-recommends openssh-server postgresql chromium"

const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/local/bin/sshd"]
const CHROMIUM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
]
const POSTGRES_VERSIONS = "/usr/lib/postgresql"

/** Path of OpenSSH's server, if it is installed. */
export const sshd = (): string | undefined => SSHD.find(existsSync)

/** Path of Chromium, if it is installed. */
export const chromium = (): string | undefined => CHROMIUM.find(existsSync)

/** The folder of Debian's newest PostgreSQL server binaries, if one is installed. */
export const systemBinaries = (): string | undefined => {
  if (!existsSync(POSTGRES_VERSIONS)) return undefined
  return readdirSync(POSTGRES_VERSIONS)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(POSTGRES_VERSIONS, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")))
}

/** The programs that are not installed, by name. */
export const missingPrograms = (): ReadonlyArray<string> =>
  Object.entries({ "OpenSSH's sshd": sshd, "Debian's PostgreSQL": systemBinaries, Chromium: chromium })
    .filter(([, find]) => find() === undefined)
    .map(([name]) => name)
