// The throwaway PostgreSQL of the tests goes away with its test run, however that ends.
import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"

const PROGRAM = `
import { startCluster } from ${JSON.stringify(new URL("testing/postgres-cluster.ts", import.meta.url).href)}
const { url, stop } = await startCluster("registry")
process.on("SIGUSR2", () => stop().then(() => process.exit()))
console.log(new URL(url).port)
`

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false))
    socket.once("close", () => socket.destroy())
    socket.end()
  })

/** A process that runs a cluster in a temporary folder of its own. */
const runner = async (): Promise<{ process: ChildProcess; port: number; folder: string }> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-cluster-test-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o1777)
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"]
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once("data", (line) => resolve(Number(String(line))))
    child.once("exit", () => reject(new Error("the cluster did not start")))
  })
  return { process: child, port, folder }
}

describe("the tests' PostgreSQL", () => {
  it.each(["SIGUSR2", "SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "leaves no server and no folder behind after %s",
    async (signal) => {
      const { process: child, port, folder } = await runner()
      expect(await isListening(port)).toBe(true)
      child.kill(signal)
      await expect.poll(() => readdirSync(folder), { timeout: 20_000 }).toEqual([])
      expect(await isListening(port)).toBe(false)
    }
  )
})
