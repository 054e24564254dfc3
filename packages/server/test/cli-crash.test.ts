// A server that crashes in the middle of a run: what it leaves on disk and says at its end holds no credential.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { startTestSshServer } from "@fluxcybers/executor/testing/ssh-server"
import { expect, it, vi } from "vitest"
import { approveNow, pendingId, serveFolder } from "./cli-process.ts"

vi.setConfig({ testTimeout: 180_000 })

const CANARY = "canary-b81d44e0-never-in-the-clear"

/** Every file below a folder, as Latin-1. */
const everything = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n")

it("leaves no credential behind", async () => {
  const served = await serveFolder()
  const host = await startTestSshServer()
  try {
    const ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
    await ada.ok(["secret", "put", "ssh/web", "--file", served.file("key", host.privateKey)])
    await ada.ok(["secret", "put", "api-key", "--stdin"], { stdin: CANARY })
    const onHost = ["--account", host.account, "--credential", "ssh/web", "--host-key", host.hostKey()]
    await ada.ok(["target", "add", "web-1", "--host", host.host, "--port", String(host.port), ...onHost])
    const command = ["sh", "-c", 'echo "the key is $KEY"; sleep 60']
    const run = ada.start(["run", "-t", "web-1", "--secret-env", "KEY=api-key", "--", ...command])
    await approveNow(ada, await pendingId(ada))
    const shown = await new Promise<string>((resolve) => run.stdout.once("data", (chunk) => resolve(String(chunk))))
    expect(shown).toMatch(/^the key is (?!canary)/)

    const crashed = await served.crash("SIGABRT")
    expect(crashed.signal).toBe("SIGABRT")
    run.kill()
    const left = `${everything(crashed.folder)}${crashed.stdout}${crashed.stderr}`
    expect(left).toContain("SQLite format 3")
    // The person's own file, which the secret was read from, is not the server's.
    const keyLine = host.privateKey.split("\n")[2]!
    expect(left.split(keyLine).length - 1).toBe(1)
    expect(left).not.toContain(CANARY)
    expect(left).not.toContain(Buffer.from(CANARY).toString("base64").slice(2, 40))
  } finally {
    await host.stop()
    await served.stop()
  }
})
