// `npm ci` of npm 11 and 12 refuses a lock file that lacks an optional package for another platform (npm/cli#9846), and a
// registry mirror need not serve them all. This adds an inert entry (version, os, cpu) for each that is missing.
import { readFileSync, writeFileSync } from "node:fs"

const FILE = process.argv[2] ?? "package-lock.json"
const OSES = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"]
const CPUS = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"]
const ALIASES = { windows: "win32", 64: "x64", 86: "ia32", armv6: "arm", armv7: "arm" }

const lock = JSON.parse(readFileSync(FILE, "utf8"))

/** Node's resolution: looks for `name` beside `from` and in every folder above it. */
const isLocked = (from, name) => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${folder ? `${folder}/` : ""}node_modules/${name}`]) return true
    if (folder === "") return false
  }
}

const inertEntry = (name, range, isDev) => {
  const words = name.split(/[/\-_.]/).map((word) => ALIASES[word] ?? word)
  const os = words.filter((word) => OSES.includes(word))
  const cpu = words.filter((word) => CPUS.includes(word))
  return {
    version: range.replace(/^[~^]/, ""),
    ...(cpu.length > 0 && { cpu }),
    ...(isDev && { dev: true }),
    ...(words.includes("musl") && { libc: ["musl"] }),
    optional: true,
    ...(os.length > 0 && { os })
  }
}

const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(path, name))
    .map(([name, range]) => [`node_modules/${name}`, inertEntry(name, range, entry.dev)])
)
Object.assign(lock.packages, Object.fromEntries(missing))
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`complete-lock: ${missing.length} entries added`)
