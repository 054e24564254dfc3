// The command line as people use it: the real program against a real server, from the owner link to the proof.
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { startTestSshServer, type TestSshServer } from "@fluxcybers/executor/testing/ssh-server"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { ended, type Person, type ServedFolder, said, serveFolder } from "./cli-process.ts"

// Every step is a process of its own, and the machine may be busy with other suites.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let served: ServedFolder
let host: TestSshServer
let ada: Person
let grace: Person
let trustedKey: string

beforeAll(async () => {
  ;[served, host] = await Promise.all([serveFolder(), startTestSshServer()])
  ada = served.newcomer()
  grace = served.newcomer()
})

afterAll(async () => {
  await host?.stop()
  await served?.stop()
})

const CANARY = "canary-2f6c9a17-never-in-the-clear"

describe("a person alone", () => {
  it("signs in with the owner link, which then is used up", async () => {
    const signedIn = await ada.json(["login", "--link", served.ownerLink, "--name", "Ada"])
    expect(signedIn).toMatchObject({ profile: "default", url: served.url, name: "Ada", roles: ["owner"] })
    const again = await grace.run(["login", "--link", served.ownerLink, "--name", "Eve", "--json"])
    expect(again.code).toBe(3)
    expect(JSON.parse(again.stderr)).toMatchObject({ code: "owner-link-used", exit: 3, status: 403 })
    expect(await ada.ok(["whoami"])).toMatch(/Name +Ada\n.*solo: you are the only member/s)
  })

  it("seals a key, adds a target with a key known from elsewhere, and tries it", async () => {
    await ada.ok(["secret", "put", "ssh/web", "--file", served.file("key", host.privateKey)])
    const settings = [
      "--host",
      host.host,
      "--port",
      String(host.port),
      "--account",
      host.account,
      "--credential",
      "ssh/web"
    ]
    await ada.ok(["target", "add", "web-1", ...settings, "--host-key", host.hostKey(), "--tag", "web"])
    expect(await ada.ok(["target", "list"])).toContain(host.hostKey())
    expect((await ada.json(["target", "test", "web-1"])).ok).toBe(true)
    const scanned = await ada.run(["target", "add", "web-2", ...settings])
    expect(scanned).toMatchObject({ code: 2 })
    expect(scanned.stderr).toContain("--host-key")
  })

  it("gets secrets back byte for byte, and gives them in by file and standard input", async () => {
    const bytes = Buffer.from([0, 1, 2, 255, 10])
    await ada.ok(["secret", "put", "blob", "--file", served.file("blob", bytes)])
    expect((await ada.run(["secret", "reveal", "blob", "--purpose", "test"])).stdout).toEqual(bytes)
    await ada.ok(["secret", "rotate", "blob", "--stdin", "--expires-in", "90d"], { stdin: CANARY })
    const revealed = await ada.json(["secret", "reveal", "blob", "--purpose", "test"])
    expect(Buffer.from(revealed.value, "base64").toString()).toBe(CANARY)
    expect(revealed.version).toBe(2)
    expect(await ada.ok(["secret", "list"])).not.toContain(CANARY)
  })

  it("has to approve in person what they propose: without a terminal it waits, and says for what", async () => {
    const run = ada.start(["run", "-t", "web-1", "--", "printf", "%s|", "a b", "$HOME", "it's", "ü\n"])
    const over = ended(run)
    const id = (await said(run, /exec_\w+/)).trim()
    const { digest, state } = await ada.json(["executions", "show", id])
    expect(state).toBe("pending")
    expect((await ada.run(["approve", id, "--yes"])).code).toBe(2)
    const other = await ada.run(["approve", id, "--yes", "--digest", "0".repeat(64), "--json"])
    expect(other.code).toBe(7)
    expect(JSON.parse(other.stderr)).toMatchObject({ code: "digest-differs", exit: 7 })
    expect(await ada.ok(["approve", id, "--yes", "--digest", digest])).toContain("It runs now")
    const { code, stdout, stderr } = await over
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: "a b|$HOME|it's|ü\n|" })
    expect(stderr).toBe(`Waiting for your confirmation. In a terminal: fluxcybers approve ${id}\n`)
  })

  it("takes a proposal back with Ctrl-C before it started", async () => {
    const run = ada.start(["run", "-t", "web-1", "--", "true"])
    const over = ended(run)
    const id = await said(run, /exec_\w+/)
    run.kill("SIGINT")
    expect((await over).code).toBe(246)
    expect((await ada.json(["executions", "show", id])).state).toBe("withdrawn")
  })
})

describe("a team", () => {
  it("gets a second person with a token that is shown once", async () => {
    const token = (await ada.ok(["member", "add", "Grace", "--role", "operator", "--role", "approver"])).trim()
    expect(token).toMatch(/^fcb_\w{49}$/)
    const signedIn = await grace.json(["login", "--url", served.url], { stdin: `${token}\n` })
    expect(signedIn).toMatchObject({ name: "Grace", roles: ["operator", "approver"] })
    expect(await ada.ok(["member", "list"])).toMatch(/Grace +operator approver/)
    expect(await grace.ok(["whoami"])).toContain("team: 2 members")
  })

  it("decides on what the other one proposes, and nobody on their own", async () => {
    const run = ada.start(["run", "-t", "web-1", "--", "echo", "both"])
    const over = ended(run)
    const waiting = await said(run, /Waiting.*exec_\w+/)
    const id = waiting.slice(waiting.indexOf("exec_"))
    expect(waiting).toBe(`Waiting for 1 approval; another person can run: fluxcybers approve ${id}`)
    const { digest } = await grace.json(["executions", "show", id])
    const own = await ada.run(["approve", id, "--yes", "--digest", digest, "--json"])
    expect(JSON.parse(own.stderr)).toMatchObject({ code: "decision-own-proposal", exit: 3 })
    await grace.ok(["approve", id, "--yes", "--digest", digest, "--reason", "looks right"])
    expect(await over).toMatchObject({ code: 0, stdout: Buffer.from("both\n") })
    expect(await ada.ok(["executions", "show", id])).toMatch(/approved by Grace \(person_\w+\), .*: looks right\n/)
  })

  it("a rejection ends it, for the one who waits too", async () => {
    const run = ada.start(["run", "-t", "web-1", "--", "true"])
    const over = ended(run)
    const id = await said(run, /exec_\w+/)
    await grace.ok(["reject", id, "--reason", "not on a Friday"])
    const { code, stderr } = await over
    expect(code).toBe(246)
    expect(stderr).toContain("rejected")
    expect((await grace.run(["cancel", id])).code).toBe(5)
  })

  it("an agent proposes and cannot decide; a revoked token opens nothing", async () => {
    const { token, summary } = await ada.json([
      "token",
      "create",
      "bot",
      "--kind",
      "agent",
      "--scope",
      "read",
      "--scope",
      "propose"
    ])
    const env = { FLUXCYBERS_TOKEN_FILE: served.file("agent-token", token), FLUXCYBERS_URL: served.url }
    const agent = served.newcomer()
    const { id, digest } = await agent.json(["run", "--detach", "-t", "web-1", "--", "true"], { env })
    const refused = await agent.run(["approve", id, "--yes", "--digest", digest, "--json"], { env })
    expect(JSON.parse(refused.stderr)).toMatchObject({ exit: 3, status: 403 })
    await agent.ok(["cancel", id], { env })
    expect(await ada.ok(["token", "list"])).toMatch(/bot +agent +read propose/)
    await ada.ok(["token", "revoke", summary.id])
    expect(await agent.run(["whoami", "--json"], { env })).toMatchObject({ code: 3 })
  })
})

describe("afterwards", () => {
  it("the log says it all, verifies, and proves each entry", async () => {
    const { items } = await ada.json(["audit", "list", "--action", "execution.rejected"])
    expect(items).toHaveLength(1)
    expect(await ada.ok(["audit", "list", "--limit", "3"])).toMatch(/^INDEX +TIME/)
    expect(await ada.ok(["audit", "prove", items[0].entry.id])).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
    expect(await ada.ok(["audit", "verify"])).toContain("everything is as it was signed")
    expect(await ada.ok(["audit", "checkpoint"])).toMatch(/\n— .* /)
  })

  it("a destroyed secret is gone; without a terminal that takes --yes", async () => {
    const asked = await ada.run(["secret", "destroy", "blob"])
    expect(asked.code).toBe(2)
    expect(asked.stderr).toContain("--yes")
    await ada.ok(["secret", "destroy", "blob", "--yes"])
    expect((await ada.run(["secret", "reveal", "blob", "--purpose", "test"])).code).toBe(5)
  })

  it("a removed member and a removed target are gone", async () => {
    const { person } = await grace.json(["whoami"])
    await ada.ok(["member", "remove", person])
    expect((await grace.run(["whoami"])).code).toBe(3)
    await ada.ok(["target", "remove", "web-1"])
    expect((await ada.run(["target", "test", "web-1"])).code).toBe(4)
  })

  it("the doctor finds nothing but that mails are files, and says what it looked at", async () => {
    const report = await ada.json(["doctor", "--data-dir", served.directory])
    expect(report.findings.filter(({ status }: { status: string }) => status !== "ok")).toEqual([
      { check: "mail", status: "skipped", detail: expect.stringContaining("FLUXCYBERS_SMTP_URL") }
    ])
    expect(report.findings.map(({ check }: { check: string }) => check)).toEqual(
      expect.arrayContaining([
        "program",
        "settings",
        "sign-ins",
        "server",
        "token",
        "data",
        "root.key",
        "log.key",
        "disk",
        "database"
      ])
    )
  })

  it("an export of the log verifies offline with the key alone, and holds what was seen before", async () => {
    const { verifierKey } = await ada.json(["audit", "checkpoint"])
    const seen = served.file("seen.txt", await ada.ok(["audit", "checkpoint"]))
    const bundle = join(served.directory, "bundle")
    const exported = await ada.json(["audit", "bundle", bundle])
    expect(exported.size).toBeGreaterThan(5)
    const verify = (...more: ReadonlyArray<string>) =>
      ada.run(["audit", "verify", "--bundle", bundle, "--key", verifierKey, "--json", ...more])
    expect(await verify("--seen", seen)).toMatchObject({ code: 0 })
    expect((await ada.json(["audit", "bundle", bundle])).files).toBeLessThan(exported.files)
    rmSync(join(bundle, "tile/entries"), { recursive: true })
    const damaged = await verify()
    expect([damaged.code, JSON.parse(damaged.stdout.toString()).problems]).toMatchObject([
      1,
      [{ kind: "truncated", index: 0 }]
    ])
    rmSync(bundle, { recursive: true })
    expect((await verify()).code).toBe(2)
    expect((await ada.run(["audit", "verify", "--bundle", bundle])).code).toBe(2)
  })

  it("the server stops politely, and the secret stands nowhere in its folder in the clear", async () => {
    const { verifierKey: key } = await ada.json(["audit", "checkpoint"])
    trustedKey = key
    expect(await served.terminate()).toMatchObject({ code: 0 })
    for (const name of readdirSync(served.directory, { recursive: true, encoding: "utf8" })) {
      const path = join(served.directory, name)
      if (statSync(path).isFile()) expect(readFileSync(path).includes(CANARY), name).toBe(false)
    }
  })

  it("a copy of its database verifies without it, and one changed byte is found", async () => {
    const database = join(served.directory, "fluxcybers.db")
    const verify = (path: string, key = trustedKey) =>
      ada.run(["audit", "verify", "--database", path, "--key", key, "--json"])
    expect(await verify(database)).toMatchObject({ code: 0 })
    const bytes = readFileSync(database)
    bytes[bytes.indexOf('"execution.rejected"') + 1] = "E".charCodeAt(0)
    const changed = await verify(served.file("changed.db", bytes))
    expect(changed.code).toBe(1)
    expect(JSON.parse(changed.stdout.toString()).problems).toMatchObject([{ kind: "invalid-entry" }])
    expect(JSON.parse(changed.stderr)).toMatchObject({ code: "log-damaged", exit: 1 })
    expect((await verify(database, "not a key")).code).toBe(2)
    expect(
      (await verify(served.file("other.db", "not a database, but longer than its header would be".repeat(9)))).code
    ).toBe(1)
  })

  it("who signs out is a stranger again", async () => {
    await ada.ok(["logout"])
    expect((await ada.run(["whoami"])).code).toBe(3)
  })
})
