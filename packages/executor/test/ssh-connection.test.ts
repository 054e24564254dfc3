import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { SecretReader } from "@fluxcybers/core"
import { Cause, Effect, Exit, type Scope } from "effect"
import ssh2 from "ssh2"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Sshd, startSshd } from "../../../repo/testing/sshd.ts"
import type { Executor } from "../src/executor.ts"
import type { PinnedTarget } from "../src/plan.ts"
import { type SshSettings, scanHostKey, sshExecutor } from "../src/ssh/index.ts"
import {
  makeSshKeyPair,
  startTestSshServer,
  type TestSshServer,
  type TestSshServerOptions
} from "../src/testing/ssh-server.ts"
import { runInTestHost, secretReader, type TestRun, testTarget } from "../src/testing/test-host.ts"
import { commandLines } from "./process-list.ts"
import { CREDENTIAL, fingerprintOfText, openSsh } from "./ssh-servers.ts"

let server: TestSshServer
beforeEach(async () => {
  server = await startTestSshServer()
})
afterEach(() => server.stop())

const targetOf = ({ port, account, hostKey }: TestSshServer): PinnedTarget =>
  testTarget({ port, account, hostKey: hostKey(), credential: CREDENTIAL })

const within = <A>(use: (executor: Executor) => Effect.Effect<A, unknown>, settings?: Partial<SshSettings>) =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(sshExecutor(settings), use)))

const runWith = (executor: Executor, input: unknown, more: Partial<TestRun> = {}) =>
  Effect.map(
    runInTestHost({ executor, input, target: targetOf(server), secrets: { [CREDENTIAL]: server.privateKey }, ...more }),
    ({ exit, stdout }) => ({
      stdout: stdout.toString(),
      outcome: Exit.isSuccess(exit) ? exit.value.output : Cause.squash(exit.cause)
    })
  )

/** How one run ended: its result, or the reason of its failure. */
const endOf = (more: Partial<TestRun> = {}, input: unknown = { argv: ["true"] }) =>
  within((executor) => runWith(executor, input, more)).then(({ outcome }) => outcome)

const failure = (tag: string, fields: object = {}) => ({
  _tag: "RunError",
  executor: "ssh",
  reason: { _tag: tag, ...fields }
})

const secret = (value: string) => ({ secrets: { [CREDENTIAL]: value } })

describe("the host key", () => {
  it("that is not the pinned one ends the connection before anybody signs in, and both are named", async () => {
    const pinned = targetOf(server)
    server.changeHostKey()
    const expected = { target: "test-target", expected: pinned.hostKey, actual: server.hostKey() }
    expect(await endOf({ target: pinned })).toMatchObject(failure("HostKeyMismatch", expected))
  })

  it("is compared exactly", async () => {
    const target = targetOf(server)
    for (const hostKey of [
      "",
      "SHA256:",
      target.hostKey.toLowerCase(),
      `${target.hostKey}=`,
      target.hostKey.slice(0, -1)
    ])
      expect(await endOf({ target: { ...target, hostKey } })).toMatchObject(failure("HostKeyMismatch"))
  })

  it("can be asked for without signing in", async () => {
    const { port } = server
    const scanned = await Effect.runPromise(scanHostKey({ host: "127.0.0.1", port }))
    expect(scanned).toEqual({ fingerprint: server.hostKey(), algorithm: "ssh-ed25519" })
    await server.stop()
    const error = await Effect.runPromise(Effect.flip(scanHostKey({ host: "127.0.0.1", port })))
    expect(error).toMatchObject({ _tag: "TargetUnreachable", code: "ECONNREFUSED" })
  })
})

describe("signing in", () => {
  it("works with a private key and with a password", async () => {
    expect(await endOf()).toEqual({ exitCode: 0 })
    expect(await endOf(secret(server.password))).toEqual({ exitCode: 0 })
    expect(await endOf(secret(`${server.password}\n`))).toEqual({ exitCode: 0 })
  })

  it("is refused with another key, another password, and another account", async () => {
    const refused = failure("AuthenticationRefused", { target: "test-target", account: "tester" })
    expect(await endOf(secret(makeSshKeyPair().privateKey))).toMatchObject(refused)
    expect(await endOf(secret("wrong password"))).toMatchObject(refused)
    expect(await endOf({ target: { ...targetOf(server), account: "root" } })).toMatchObject(
      failure("AuthenticationRefused")
    )
  })

  it("is not tried again when it was refused", async () => {
    await endOf(secret("wrong password"))
    expect(server.connectionCount()).toBe(1)
  })

  it("does not begin with a credential that is malformed", async () => {
    const encrypted = ssh2.utils.generateKeyPairSync("ed25519", {
      passphrase: "x",
      cipher: "aes256-cbc",
      rounds: 1
    }).private
    const broken = server.privateKey.replace(/\n.{20}/, "\n")
    for (const value of [encrypted, broken, makeSshKeyPair().publicKey, ""]) {
      expect(await endOf(secret(value))).toMatchObject(failure("CredentialMalformed", { secret: CREDENTIAL }))
    }
    expect(server.connectionCount()).toBe(0)
  })

  it("fails without telling any part of the credential", async () => {
    const told = async (value: string) => {
      const error = await endOf(secret(value))
      return `${JSON.stringify(error)}${error instanceof Error ? error.stack : ""}`
    }
    expect(await told("canary-password-4711")).not.toContain("canary")
    const { privateKey } = makeSshKeyPair()
    const lines = privateKey.split("\n").filter((line) => line.length > 10 && !line.startsWith("-----"))
    const errors = [
      await told(privateKey),
      await told(privateKey.replace("b3Bl", "x3Bl")),
      await told(`${privateKey}\0`)
    ]
    for (const line of lines) expect(errors.filter((error) => error.includes(line))).toEqual([])
  })

  it("can be tested without running anything", async () => {
    const check = (value: string) =>
      within((executor) =>
        Effect.result(Effect.scoped(executor.check!({ target: targetOf(server) }))).pipe(
          Effect.provideService(SecretReader, secretReader([CREDENTIAL], { [CREDENTIAL]: value }))
        )
      )
    expect(await check(server.privateKey)).toMatchObject({ _tag: "Success" })
    expect(await check("wrong password")).toMatchObject({ failure: { reason: { _tag: "AuthenticationRefused" } } })
  })
})

describe("the connection", () => {
  it("that nobody answers is a target that cannot be reached", async () => {
    const target = targetOf(server)
    await server.stop()
    expect(await endOf({ target })).toMatchObject(failure("TargetUnreachable", { code: "ECONNREFUSED" }))
    const host = "no-such-host.invalid"
    expect(await endOf({ target: { ...target, host } })).toMatchObject(
      failure("TargetUnreachable", { code: "ENOTFOUND" })
    )
  })

  it("is given up after the time for connecting", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1")
    await once(silent, "listening")
    const { port } = silent.address() as AddressInfo
    const target = { ...targetOf(server), port }
    const { outcome } = await within((executor) => runWith(executor, { argv: ["true"] }, { target }), {
      connectMs: 200
    })
    expect(outcome).toMatchObject(failure("TargetUnreachable", { code: "timeout" }))
    silent.close()
  })

  it("that is dropped before the host is known is tried again, three times", async () => {
    server.cutNext(3)
    expect(await endOf()).toEqual({ exitCode: 0 })
    expect(server.connectionCount()).toBe(4)
    server.cutNext(4)
    expect(await endOf()).toMatchObject(failure("TargetUnreachable", { code: "dropped" }))
    expect(server.connectionCount()).toBe(8)
  })

  it("that breaks while the command runs leaves an unknown outcome, and the command is not started again", async () => {
    const onOutput = () => Effect.sync(() => server.cutConnections())
    const { outcome, stdout } = await within((executor) =>
      runWith(executor, { script: "echo started; sleep 60" }, { onOutput })
    )
    expect(outcome).toMatchObject(failure("ConnectionLost", { target: "test-target" }))
    expect(stdout).toBe("started\n")
  })

  it("is kept, and opened anew after it broke or could not be made", () =>
    within((executor) =>
      Effect.gen(function* () {
        server.cutNext(4)
        expect((yield* runWith(executor, { argv: ["true"] })).outcome).toMatchObject(failure("TargetUnreachable"))
        for (let i = 0; i < 5; i++) yield* runWith(executor, { argv: ["true"] })
        expect(server.connectionCount()).toBe(5)
        server.cutConnections()
        expect((yield* runWith(executor, { argv: ["true"] })).outcome).toEqual({ exitCode: 0 })
        expect(server.connectionCount()).toBe(6)
      })
    ))

  it("is not shared with another account, host key or version of the credential", () =>
    within((executor) =>
      Effect.gen(function* () {
        yield* runWith(executor, { argv: ["true"] })
        const versions = { [CREDENTIAL]: 2 }
        expect((yield* runWith(executor, { argv: ["true"] }, { versions, ...secret("wrong") })).outcome).toMatchObject(
          failure("AuthenticationRefused")
        )
        const pinned = { ...targetOf(server), hostKey: "SHA256:other" }
        expect((yield* runWith(executor, { argv: ["true"] }, { target: pinned })).outcome).toMatchObject(
          failure("HostKeyMismatch")
        )
      })
    ))

  it("ends when it was idle for a while, and with the executor", async () => {
    await within(
      (executor) =>
        Effect.gen(function* () {
          yield* runWith(executor, { argv: ["true"] })
          yield* Effect.sleep(600)
          yield* runWith(executor, { argv: ["true"] })
          expect(server.connectionCount()).toBe(2)
        }),
      { idleMs: 200 }
    )
    await expect.poll(() => server.openConnections()).toBe(0)
  })

  it("of more than are kept ends that which was used longest ago", () =>
    within(
      (executor) =>
        Effect.gen(function* () {
          const on = (name: string) => runWith(executor, { argv: ["true"] }, { target: { ...targetOf(server), name } })
          for (const name of ["one", "two", "one", "three"]) yield* on(name)
          yield* Effect.promise(() => expect.poll(() => server.openConnections()).toBe(2))
          yield* on("one")
          expect(server.connectionCount()).toBe(3)
          yield* on("two")
          expect(server.connectionCount()).toBe(4)
        }),
      { idleMax: 2 }
    ))

  it("carries eight runs at a time, and the others wait", () =>
    within((executor) =>
      Effect.gen(function* () {
        const all = yield* Effect.forEach(
          Array.from({ length: 40 }, (_, i) => i),
          (i) => runWith(executor, { script: `sleep 0.1; echo ${i}` }),
          { concurrency: "unbounded" }
        )
        expect(all.map(({ stdout }) => stdout)).toEqual(all.map((_, i) => `${i}\n`))
        expect([server.connectionCount(), server.sessionsPeak()]).toEqual([1, 8])
      })
    ))

  it("that opens no channel now is asked again, and then the run is refused", async () => {
    server.refuseChannels(2)
    expect(await endOf()).toEqual({ exitCode: 0 })
    server.refuseChannels(100)
    expect(await endOf()).toMatchObject(failure("StartRefused", { detail: expect.stringContaining("MaxSessions") }))
  })
})

describe("an unusual server", () => {
  const withServer = async (options: TestSshServerOptions, test: () => Promise<void>) => {
    await server.stop()
    server = await startTestSshServer(options)
    await test()
  }

  it("with an account that may run nothing refuses the start", () =>
    withServer({ shell: ["/bin/sh", "-c", "echo This account is not available.; exit 1"] }, async () => {
      expect(await endOf()).toMatchObject(failure("StartRefused", { detail: expect.stringContaining("login shell") }))
    }))

  it("with login scripts that print shows none of that", () =>
    withServer({ shell: ["/bin/sh", "-c", 'echo Welcome; printf "no line break"; exec /bin/sh -c "$1"'] }, async () => {
      const { stdout } = await within((executor) => runWith(executor, { argv: ["echo", "mine"] }))
      expect(stdout).toBe("mine\n")
    }))

  it("that makes no session for a command still stops it with its children", () =>
    withServer({ makesSessions: false }, async () => {
      const input = { script: "sleep 4713 & sleep 4713", timeoutMs: 500 }
      await within((executor) => runWith(executor, input))
      expect(commandLines().filter((line) => line === "sleep 4713")).toEqual([])
    }))

  it("that goes away while a command is being stopped leaves that in doubt", async () => {
    const cancel = Effect.andThen(
      Effect.sleep(300),
      Effect.sync(() => server.cutConnections())
    )
    const { exit } = await within((executor) =>
      runInTestHost({
        executor,
        input: { argv: ["sleep", "60"] },
        target: targetOf(server),
        secrets: { [CREDENTIAL]: server.privateKey },
        cancel
      })
    )
    const reasons = Exit.isFailure(exit) ? exit.cause.reasons : []
    expect(reasons).toMatchObject([{ _tag: "Interrupt" }, { _tag: "Fail", error: failure("StopUnconfirmed") }])
  })
})

// OpenSSH's sshd is not on every machine; the closing summary says how to install it.
describe.skipIf(!openSsh.isInstalled)("OpenSSH's sshd", () => {
  const withSshd = (
    test: (sshd: Sshd) => Effect.Effect<unknown, unknown, Scope.Scope>,
    settings?: ReadonlyArray<string>
  ) =>
    Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(
          Effect.acquireRelease(
            Effect.promise(async () => (await startSshd(settings))!),
            (sshd) => Effect.promise(() => sshd.stop())
          ),
          test
        )
      )
    )

  const runOn = (sshd: Sshd, hostKey: string, input: unknown = { argv: ["true"] }, more: Partial<TestRun> = {}) =>
    Effect.promise(() =>
      within((executor) => {
        const { port, account, privateKey } = sshd
        const target = testTarget({ port, account, hostKey: fingerprintOfText(hostKey), credential: CREDENTIAL })
        return runWith(executor, input, { target, ...secret(privateKey), ...more })
      })
    )

  it("may be pinned by any of its host keys", () =>
    withSshd((sshd) =>
      Effect.gen(function* () {
        expect((yield* runOn(sshd, sshd.hostKeys.ed25519)).outcome).toEqual({ exitCode: 0 })
        expect((yield* runOn(sshd, sshd.hostKeys.ecdsa)).outcome).toEqual({ exitCode: 0 })
        const other = makeSshKeyPair().publicKey
        expect((yield* runOn(sshd, other)).outcome).toMatchObject(
          failure("HostKeyMismatch", { actual: fingerprintOfText(sshd.hostKeys.ed25519) })
        )
      })
    ))

  it("that breaks off while the command runs leaves an unknown outcome", () =>
    withSshd((sshd) =>
      Effect.gen(function* () {
        const onOutput = () => Effect.sync(() => sshd.cutConnections())
        const script = { script: "echo started; sleep 5" }
        const { outcome } = yield* runOn(sshd, sshd.hostKeys.ed25519, script, { onOutput })
        expect(outcome).toMatchObject(failure("ConnectionLost"))
      })
    ))

  it("exchanges keys anew in the middle of output without losing a byte", () =>
    withSshd(
      (sshd) =>
        Effect.gen(function* () {
          let bytes = 0
          const onOutput = (_: string, piece: Uint8Array) =>
            Effect.sync(() => {
              bytes += piece.length
            })
          const input = { argv: ["head", "-c", "40000000", "/dev/zero"] }
          const { outcome } = yield* runOn(sshd, sshd.hostKeys.ecdsa, input, { onOutput })
          expect([outcome, bytes]).toEqual([{ exitCode: 0 }, 40_000_000])
        }),
      ["RekeyLimit 4M"]
    ))

  it("works with each cipher that is offered, CTR with its message authentication among them", () =>
    Effect.runPromise(
      Effect.forEach(["aes256-gcm@openssh.com", "aes256-ctr"], (cipher) =>
        Effect.promise(() =>
          withSshd(
            (sshd) =>
              Effect.map(runOn(sshd, sshd.hostKeys.ed25519), ({ outcome }) => expect(outcome).toEqual({ exitCode: 0 })),
            [`Ciphers ${cipher}`]
          )
        )
      )
    ))

  it("that knows none of the ciphers cannot be reached", () =>
    withSshd(
      (sshd) =>
        Effect.map(runOn(sshd, sshd.hostKeys.ed25519), ({ outcome }) =>
          expect(outcome).toMatchObject(failure("TargetUnreachable", { code: "no-common-algorithm" }))
        ),
      ["Ciphers chacha20-poly1305@openssh.com"]
    ))
})
