// A server that crashes: what it leaves on disk and says at its end holds no credential, and what it had begun is closed by the next.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { SqliteConnection, sqliteLayer } from "@fluxcybers/core/sqlite"
import { startTestSshServer } from "@fluxcybers/executor/testing/ssh-server"
import { Effect } from "effect"
import { expect, it, vi } from "vitest"
import { approveNow, callApi, pendingId, type ServedFolder, serveFolder } from "./cli-process.ts"

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

/**
 * Kills the server while an action of it is open: once it stands in the database, a lock on the database keeps the server from closing
 * it. False when it had closed it before.
 */
const killWhileOpen = (served: ServedFolder) =>
  Effect.flatMap(SqliteConnection, ({ use }) =>
    Effect.gen(function* () {
      const isOpen = use((database) => database.prepare("SELECT entry FROM core_audit_open").get() !== undefined)
      yield* Effect.repeat(Effect.tap(isOpen, Effect.yieldNow), { until: (found) => found })
      yield* use((database) => database.exec("BEGIN IMMEDIATE"))
      const isStillOpen = yield* isOpen
      if (isStillOpen) yield* Effect.promise(() => served.crash("SIGKILL"))
      yield* use((database) => database.exec("ROLLBACK"))
      return isStillOpen
    })
  ).pipe(Effect.provide(sqliteLayer({ filename: join(served.directory, "fluxcybers.db") })), Effect.runPromise)

it("closes what it had begun as interrupted, when it starts again after kill -9", async () => {
  const served = await serveFolder()
  try {
    const ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
    const begin = () => callApi(ada, "/audit/verify", {}).catch(() => "the server was killed")
    let answer = begin()
    while (!(await killWhileOpen(served))) answer = answer.then(begin)
    expect(await answer).toBe("the server was killed")
    await served.restart()
    const { items } = await callApi(ada, "/audit/entries?action=audit-log.verified&limit=2")
    const [closed, begun] = items.map(({ entry }: { entry: object }) => entry)
    expect(closed).toMatchObject({ outcome: "interrupted", actor: "system/recovery", facts: { intent: begun.id } })
    expect(begun).toMatchObject({ outcome: "intent", object: "audit-log" })
    expect(await callApi(ada, "/audit/verify", {})).toMatchObject({ problems: [] })
  } finally {
    await served.stop()
  }
})
