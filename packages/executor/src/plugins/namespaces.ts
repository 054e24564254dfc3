// Can this account give a process a network and process ids of its own? Linux with unprivileged user namespaces, and util-linux.
import { spawn } from "node:child_process"

/** No network, no other process to be seen or signalled; it dies with its parent. */
export const UNSHARE: ReadonlyArray<string> = [
  "unshare",
  "--user",
  "--net",
  "--ipc",
  "--pid",
  "--fork",
  "--kill-child",
  "--"
]

let answer: Promise<boolean> | undefined

/** Tried once in the life of a process. */
export const hasNamespaces = (): Promise<boolean> => {
  answer ??= tryNamespaces()
  return answer
}

const tryNamespaces = (): Promise<boolean> =>
  new Promise((resolve) => {
    const [program = "", ...words] = UNSHARE
    const child = spawn(program, [...words, "true"], { stdio: "ignore" })
    child.once("error", () => resolve(false))
    child.once("exit", (code) => resolve(code === 0))
  })
