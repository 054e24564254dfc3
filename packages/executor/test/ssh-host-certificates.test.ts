// Hosts that prove themselves with a certificate, over OpenSSH's sshd.
import { Cause, Effect, Exit } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startSshd } from "../../../repo/testing/sshd.ts"
import { sshd } from "../../../repo/testing/system-programs.ts"
import { authorityPin } from "../src/host-pin.ts"
import type { PinnedTarget } from "../src/plan.ts"
import { sshExecutor } from "../src/ssh/index.ts"
import { runInTestHost, testTarget } from "../src/testing/test-host.ts"
import { type KeyFolder, keyFolder } from "./ssh-certificates.ts"
import { CREDENTIAL, fingerprintOfText } from "./ssh-servers.ts"

// OpenSSH's programs are not on every machine; the closing summary says how to install them.
describe.skipIf(sshd() === undefined)("a host with a certificate", () => {
  let keys: KeyFolder
  beforeAll(() => {
    keys = keyFolder()
    for (const name of ["authority", "other", "host"]) keys.key(name)
    keys.key("ecdsa", "-t", "ecdsa", "-b", "384", "-N", "")
    keys.key("rsa-authority", "-t", "rsa", "-b", "2048", "-N", "")
  })
  afterAll(() => keys.remove())

  const fingerprint = (name: string) => fingerprintOfText(keys.read(`${name}.pub`))

  /** How a run ends on a server that shows the certificate of this key. */
  const endOn = async (name: string, changes: Partial<PinnedTarget> = {}, settings: ReadonlyArray<string> = []) => {
    const lines = [`HostKey ${keys.path(name)}`, `HostCertificate ${keys.path(`${name}-cert.pub`)}`, ...settings]
    const server = (await startSshd(lines))!
    const { port, account, privateKey } = server
    const hostKey = authorityPin(fingerprint("authority"))
    const target = { ...testTarget({ port, account, hostKey, credential: CREDENTIAL }), ...changes }
    const input = { argv: ["head", "-c", "3000000", "/dev/zero"] }
    const run = Effect.flatMap(sshExecutor(), (executor) =>
      runInTestHost({ executor, input, target, secrets: { [CREDENTIAL]: privateKey } })
    )
    const { exit, outputBytes } = await Effect.runPromise(Effect.scoped(run)).finally(() => server.stop())
    return Exit.isSuccess(exit) ? outputBytes : Cause.squash(exit.cause)
  }
  const refusal = (why: string) => ({
    reason: { _tag: "HostKeyMismatch", actual: fingerprint("host"), why: expect.stringContaining(why) }
  })
  const HOST = ["-h", "-n", "127.0.0.1"] as const

  it("is accepted, also when keys are exchanged anew, whatever kinds of key its own and the authority's are", async () => {
    keys.certify("host", "authority", ...HOST, "-V", "-1h:+1h")
    expect(await endOn("host", {}, ["RekeyLimit 1M"])).toBe(3_000_000)
    keys.certify("ecdsa", "rsa-authority", "-h", "-n", "web-?,127.0.*")
    expect(await endOn("ecdsa", { hostKey: authorityPin(fingerprint("rsa-authority")) })).toBe(3_000_000)
  })

  it("is not accepted when its certificate is not for it, not of the time, or not of the authority", async () => {
    keys.certify("host", "authority", "-h", "-n", "127.0.0.10,web-1", "-V", "-1h:+1h")
    expect(await endOn("host")).toMatchObject(refusal("does not name the host"))
    keys.certify("host", "authority", "-h")
    expect(await endOn("host")).toMatchObject(refusal("does not name the host"))
    keys.certify("host", "authority", ...HOST, "-V", "-2h:-1h")
    expect(await endOn("host")).toMatchObject(refusal("has expired"))
    keys.certify("host", "authority", ...HOST, "-V", "+1h:+2h")
    expect(await endOn("host")).toMatchObject(refusal("not valid yet"))
    keys.certify("host", "other", ...HOST)
    expect(await endOn("host")).toMatchObject(refusal(`signed by ${fingerprint("other")}`))
  })

  it("is not accepted when its certificate has conditions that are not known", async () => {
    keys.certify("host", "authority", ...HOST, "-O", "critical:nobody@example.com=1")
    expect(await endOn("host")).toMatchObject(refusal("conditions that are not known"))
  })

  it("is not accepted when its key or the authority is revoked", async () => {
    keys.certify("host", "authority", ...HOST)
    for (const name of ["host", "authority"])
      expect(await endOn("host", { revokedKeys: [fingerprint(name)] })).toMatchObject(refusal("is revoked"))
  })

  it("without a certificate is not accepted where an authority is pinned, though the key is the authority's own", async () => {
    keys.certify("host", "authority", ...HOST)
    const server = (await startSshd([`HostKey ${keys.path("authority")}`]))!
    const { port, account, privateKey } = server
    const hostKey = authorityPin(fingerprint("authority"))
    const target = testTarget({ port, account, hostKey, credential: CREDENTIAL })
    const run = Effect.flatMap(sshExecutor(), (executor) =>
      runInTestHost({ executor, input: { argv: ["true"] }, target, secrets: { [CREDENTIAL]: privateKey } })
    )
    const { exit } = await Effect.runPromise(Effect.scoped(run)).finally(() => server.stop())
    expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject({
      reason: { _tag: "TargetUnreachable", code: "no-common-algorithm" }
    })
  })
})
