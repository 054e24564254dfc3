// What the process list of this host shows to everybody.
import { readdirSync, readFileSync } from "node:fs"

/** The argument lists of all processes, as text; that of a zombie is empty. */
export const commandLines = (): ReadonlyArray<string> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid).replaceAll("\0", " ").trimEnd())

/** A process may end while it is looked at. */
const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    return ""
  }
}
