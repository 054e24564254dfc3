// Approving with an SSH key from the command line, with the real ssh-keygen.
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Person, type ServedFolder, serveFolder } from "./cli-process.ts"

// Every step is a process of its own, and the machine may be busy with other suites.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let served: ServedFolder
let ada: Person

// ssh-keygen comes with OpenSSH, which is not on every machine; the closing summary says how to install it.
describe.skipIf(!existsSync("/usr/bin/ssh-keygen"))("signing at the command line", () => {
  beforeAll(async () => {
    served = await serveFolder()
    ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
  })
  afterAll(() => served?.stop())

  it("signs what was shown, here or elsewhere, and the log verifies offline", async () => {
    const key = join(ada.home, "id_ed25519")
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
    const refused = await ada.run(["approver-key", "add", key])
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toContain("is a private key. Nothing was sent.")
    const added = await ada.json(["approver-key", "add", `${key}.pub`, "--name", "laptop"])
    expect(execFileSync("ssh-keygen", ["-l", "-f", `${key}.pub`]).toString()).toContain(added.fingerprint)
    expect(await ada.ok(["approver-key", "list"])).toMatch(/laptop +SHA256:/)

    const propose = () => ada.json(["run", "--executor", "local", "--detach", "--", "echo", "hello"])
    const first = await propose()
    const signed = await ada.json(["approve", first.id, "--yes", "--digest", first.digest, "--sign-with", key])
    expect(signed.decisions).toMatchObject([{ signed: "ssh-key", signatureKey: added.id }])

    const second = await propose()
    const message = await ada.ok(["approve", second.id, "--print-message"])
    expect(message).toContain(`fluxcybers-approval-v1\n{"digest":"${second.digest}"`)
    const file = served.file("message", message)
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", "fluxcybers-approval", file])
    const elsewhere = ["approve", second.id, "--yes", "--digest", second.digest, "--signature", `${file}.sig`]
    expect((await ada.json(elsewhere)).decisions).toMatchObject([{ signed: "ssh-key" }])
    expect(readFileSync(`${file}.sig`, "utf8")).toContain("BEGIN SSH SIGNATURE")

    await ada.ok(["approver-key", "revoke", added.id])
    const third = await propose()
    const late = await ada.run(["approve", third.id, "--yes", "--digest", third.digest, "--sign-with", key])
    expect(late.stderr).toContain("is not registered for you, or was revoked")
    expect(await ada.ok(["audit", "verify"])).toContain("everything is as it was signed")
  })
})
