// Targets behind jump hosts, over OpenSSH's sshd.
import { SecretReader, TargetId } from "@fluxcybers/core"
import { Cause, Effect, Exit } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Sshd, startSshd } from "../../../repo/testing/sshd.ts"
import { sshd } from "../../../repo/testing/system-programs.ts"
import type { Executor } from "../src/executor.ts"
import type { PinnedJump, PinnedTarget } from "../src/plan.ts"
import { scanHostKeyThrough, sshExecutor } from "../src/ssh/index.ts"
import { makeSshKeyPair } from "../src/testing/ssh-server.ts"
import { runInTestHost, secretReader, type TestRun } from "../src/testing/test-host.ts"
import { fingerprintOfText } from "./ssh-servers.ts"

// OpenSSH's sshd is not on every machine; the closing summary says how to install it.
describe.skipIf(sshd() === undefined)("a target behind jump hosts", () => {
  const servers = new Map<string, Sshd>()
  beforeAll(async () => {
    // The inner one lets nobody through.
    const settings: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
      ["outer", []],
      ["middle", []],
      ["inner", ["AllowTcpForwarding no"]]
    ]
    for (const [name, lines] of settings) servers.set(name, (await startSshd(lines))!)
  })
  afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())))

  const host = (name: string): PinnedJump => {
    const { host, port, account, hostKeys } = servers.get(name)!
    const id = TargetId.make(`target_${String([...servers.keys()].indexOf(name)).repeat(26)}`)
    return { id, name, host, port, account, hostKey: fingerprintOfText(hostKeys.ed25519), credential: name }
  }
  const behind = (name: string, ...jumps: ReadonlyArray<string>): PinnedTarget => ({
    ...host(name),
    jumps: jumps.map(host)
  })
  const keys = () => Object.fromEntries([...servers].map(([name, { privateKey }]) => [name, privateKey]))

  const within = <A>(use: (executor: Executor) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(sshExecutor(), use)))
  const runOn = (executor: Executor, target: PinnedTarget, more: Partial<TestRun> = {}) =>
    runInTestHost({ executor, input: { argv: ["echo", "arrived"] }, target, secrets: keys(), ...more })
  const endOf = (target: PinnedTarget, more: Partial<TestRun> = {}) =>
    within((executor) => runOn(executor, target, more)).then(({ exit, stdout }) =>
      Exit.isSuccess(exit) ? `${stdout}` : Cause.squash(exit.cause)
    )
  const failure = (tag: string, fields: object) => ({ _tag: "RunError", reason: { _tag: tag, ...fields } })

  it("is reached through one and through two, and each host shows its own key and takes its own credential", async () => {
    expect(await endOf(behind("inner", "outer"))).toBe("arrived\n")
    expect(await endOf(behind("inner", "outer", "middle"))).toBe("arrived\n")
  })

  it("is not reached when a host on the way, or the target itself, shows another key", async () => {
    const hostKey = fingerprintOfText(makeSshKeyPair().publicKey)
    const wrong = (name: string) => failure("HostKeyMismatch", { target: name, expected: hostKey })
    const target = behind("inner", "outer", "middle")
    const [outer, middle] = [host("outer"), host("middle")]
    expect(await endOf({ ...target, jumps: [{ ...outer, hostKey }, middle] })).toMatchObject(wrong("outer"))
    expect(await endOf({ ...target, jumps: [outer, { ...middle, hostKey }] })).toMatchObject(wrong("middle"))
    expect(await endOf({ ...target, hostKey })).toMatchObject(wrong("inner"))
  })

  it("is pinned by the kind of key that it shows second, also through a jump host", async () => {
    const hostKey = fingerprintOfText(servers.get("inner")!.hostKeys.ecdsa)
    expect(await endOf({ ...behind("inner", "outer"), hostKey })).toBe("arrived\n")
  })

  it("is not reached when a host on the way refuses its credential, and the refusal names that host", async () => {
    const secrets = { ...keys(), middle: makeSshKeyPair().privateKey }
    const refused = failure("AuthenticationRefused", { target: "middle" })
    expect(await endOf(behind("inner", "outer", "middle"), { secrets })).toMatchObject(refused)
  })

  it("is not reached through a host that forwards nothing, or that cannot reach it", async () => {
    expect(await endOf(behind("middle", "inner"))).toMatchObject(
      failure("TargetUnreachable", { target: "middle", code: "forwarding-prohibited", through: "inner" })
    )
    const nobody = { ...behind("inner", "outer"), port: 1 }
    expect(await endOf(nobody)).toMatchObject(
      failure("TargetUnreachable", { code: "connect-failed", through: "outer" })
    )
  })

  it("has an unknown outcome when the host on the way breaks off, and is reached again afterwards", () =>
    within((executor) =>
      Effect.gen(function* () {
        const onOutput = () => Effect.sync(() => servers.get("outer")!.cutConnections())
        const input = { script: "echo started; sleep 5" }
        const { exit } = yield* runOn(executor, behind("inner", "outer"), { input, onOutput })
        expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject(
          failure("ConnectionLost", { target: "inner" })
        )
        const again = yield* runOn(executor, behind("inner", "outer"))
        expect(`${again.stdout}`).toBe("arrived\n")
      })
    ))

  it("is stopped through the jump host", async () => {
    const input = { argv: ["sleep", "4714"], timeoutMs: 500 }
    const { ending, exit } = await within((executor) => runOn(executor, behind("inner", "outer"), { input }))
    expect(ending).toBe("timed-out")
    expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
  })

  it("shows its key through the jump host, to be compared and pinned", async () => {
    const { hostKey, ...address } = host("inner")
    const scanned = await Effect.runPromise(
      scanHostKeyThrough(host("outer"), address).pipe(
        Effect.provideService(SecretReader, secretReader(["outer"], keys()))
      )
    )
    expect(scanned).toEqual({ fingerprint: hostKey, algorithm: "ssh-ed25519" })
  })

  it("is tried with the credentials of the whole way, and of nobody else", async () => {
    const check = (names: ReadonlyArray<string>) =>
      within((executor) =>
        Effect.result(Effect.scoped(executor.check!({ target: behind("inner", "outer") }))).pipe(
          Effect.provideService(SecretReader, secretReader(names, keys()))
        )
      )
    expect(await check(["inner", "outer"])).toMatchObject({ _tag: "Success" })
    expect(await check(["inner"])).toMatchObject({ failure: { reason: { _tag: "SecretDenied", secret: "outer" } } })
  })
})
