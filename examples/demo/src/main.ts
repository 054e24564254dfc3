// npm run demo: the main job from beginning to end, on a throwaway folder and a throwaway SSH host. `--yes` approves by itself.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FluxCybers } from "./fluxcybers.ts"
import { type DemoHost, startHost } from "./host.ts"
import { changeOneByte, copyDatabase } from "./tamper.ts"
import { elapsedSeconds, say, step } from "./terminal.ts"

const COMMAND = ["sh", "-c", 'echo "Hello from $(id -un) on $(uname -s)"; df -h / | tail -1']

const tell = async (folder: string, fluxcybers: FluxCybers, host: DemoHost, isAutomatic: boolean) => {
  step("A FluxCybers server, and an SSH host to work on")
  const link = await fluxcybers.serve()
  say(`The server runs on a throwaway folder. The host is ${host.kind} on 127.0.0.1:${host.port}.`)

  step("Become its owner, seal the host's key, add the host with its pinned host key")
  await fluxcybers.run(["login", "--link", link, "--name", "Demo"])
  const keyFile = join(folder, "client-key")
  writeFileSync(keyFile, host.privateKey, { mode: 0o600 })
  await fluxcybers.run(["secret", "put", "demo/key", "--file", keyFile])
  rmSync(keyFile)
  const address = ["--host", "127.0.0.1", "--port", `${host.port}`, "--account", host.account]
  await fluxcybers.run(["target", "add", "demo", ...address, "--credential", "demo/key", "--host-key", host.hostKey])

  step("Propose a command, approve exactly what is shown, run it over SSH")
  const execution = await (isAutomatic ? approveAutomatically(fluxcybers) : approveInTerminal(fluxcybers))
  if (execution === undefined) return say("It was not approved, so nothing ran. That is the point.")

  step("Its recording, and the log that proves it")
  await fluxcybers.run(["executions", "replay", execution, "--raw"])
  await fluxcybers.run(["audit", "list"])
  await fluxcybers.run(["audit", "verify"])

  step("Somebody changes one byte of a copy of the database")
  const copy = join(folder, "copy.db")
  await copyDatabase(join(fluxcybers.dataFolder, "fluxcybers.db"), copy)
  say(`${changeOneByte(copy, "execution.approved")} in the entry that says who approved.\n`)
  const checked = await fluxcybers.run(
    ["audit", "verify", "--database", copy, "--key", await verifierKey(fluxcybers)],
    {
      mayFail: true
    }
  )
  if (checked.exitCode === 0) throw new Error("The change was not caught.")

  step(`Done in ${elapsedSeconds()} s`)
  say("Proposed, approved, run once, recorded, proven; and the change was caught. Next: npm start")
}

const approveAutomatically = async (fluxcybers: FluxCybers): Promise<string> => {
  const proposed = await fluxcybers.run(["run", "-t", "demo", "--detach", "--", ...COMMAND])
  const id = /exec_[0-9a-z]{26}/.exec(proposed.stdout + proposed.stderr)?.[0] ?? ""
  const shown = await fluxcybers.quietly(["executions", "show", id, "--json"])
  const { digest } = JSON.parse(shown.stdout) as { readonly digest: string }
  await fluxcybers.run(["approve", id, "--yes", "--digest", digest])
  return id
}

const approveInTerminal = async (fluxcybers: FluxCybers): Promise<string | undefined> => {
  const exitCode = await fluxcybers.interactively(["run", "-t", "demo", "--", ...COMMAND])
  const listed = await fluxcybers.quietly(["executions", "list", "--json"])
  return exitCode === 0 ? /exec_[0-9a-z]{26}/.exec(listed.stdout)?.[0] : undefined
}

const verifierKey = async (fluxcybers: FluxCybers): Promise<string> => {
  const { stdout } = await fluxcybers.quietly(["audit", "checkpoint", "--json"])
  return (JSON.parse(stdout) as { readonly verifierKey: string }).verifierKey
}

const folder = mkdtempSync(join(tmpdir(), "fluxcybers-demo-"))
const fluxcybers = new FluxCybers(folder)
const host = await startHost()
try {
  await tell(folder, fluxcybers, host, process.argv.includes("--yes"))
} finally {
  await fluxcybers.stop()
  await host.stop()
  rmSync(folder, { recursive: true, force: true })
}
