// A command on a target behind a jump host, over the API, with OpenSSH's sshd on both.
import { it } from "@effect/vitest"
import { makeSshKeyPair } from "@fluxcybers/executor/testing/ssh-server"
import { viewText } from "@fluxcybers/executor/view"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { startSshd } from "../../../repo/testing/sshd.ts"
import { sshd } from "../../../repo/testing/system-programs.ts"
import { base64, ownedServer, problemIn } from "./test-server.ts"

const remote = Effect.acquireRelease(
  Effect.promise(async () => (await startSshd())!),
  (server) => Effect.promise(() => server.stop())
)

// OpenSSH's sshd is not on every machine; the closing summary says how to install it.
describe.skipIf(sshd() === undefined)("behind a jump host", () => {
  it.live(
    "a target is added with the key that it shows there, tried, and a command runs as its whole way was approved",
    () =>
      Effect.gen(function* () {
        const [outer, inner] = [yield* remote, yield* remote]
        const { client } = (yield* ownedServer(serverDatabases[0]!)).owner
        yield* client.secrets.put({ payload: { name: "outer", value: base64(outer.privateKey) } })
        yield* client.secrets.put({ payload: { name: "inner", value: base64(inner.privateKey) } })
        const add = Effect.fnUntraced(function* (name: string, { host, port, account }: typeof outer, jump?: string) {
          const way = jump === undefined ? {} : { jump }
          const { fingerprint } = yield* client.targets.scan({ payload: { host, port, ...way } })
          const settings = { name, host, port, account, hostKey: fingerprint, credential: name, tags: [], ...way }
          return yield* client.targets.add({ payload: settings })
        })
        const first = yield* add("outer", outer)
        expect(yield* add("inner", inner, "outer")).toMatchObject({ jump: first.id })
        expect(yield* client.targets.test({ params: { target: "inner" } })).toEqual({
          ok: true,
          detail: `Signed in to inner as ${inner.account} through outer. Nothing was run.`
        })
        const text = `[127.0.0.1]:${inner.port} ${inner.hostKeys.ecdsa}\n`
        const imported = yield* client.targets.importKnownHosts({ payload: { text, dryRun: true } })
        expect(imported).toMatchObject({ changed: [{ name: "inner", line: 1 }], unknown: ["outer"], isDryRun: true })
        expect(yield* problemIn(client.targets.importKnownHosts({ payload: { text: `${text}x y\n` } }))).toMatchObject({
          status: 422,
          code: "known-hosts-invalid",
          detail: expect.stringContaining("Line 2: ")
        })
        const proposal = { executor: "ssh", input: { argv: ["echo", "arrived"] }, targets: ["inner"] }
        const { id, digest } = yield* client.executions.propose({ payload: proposal, headers: {} })
        const view = viewText(yield* client.executions.view({ params: { id } }))
        expect(view).toContain(`  through outer  ${outer.account}@127.0.0.1:${outer.port}\n`)
        expect(view).toContain("secret outer version 1  (signs in to outer)")
        yield* client.executions.approve({ params: { id }, payload: { digest } })
        yield* Stream.runDrain(yield* client.executions.events({ params: { id }, query: {} }))
        expect(yield* client.executions.show({ params: { id } })).toMatchObject({ state: "succeeded" })

        expect(yield* problemIn(client.targets.remove({ params: { target: "outer" } }))).toMatchObject({
          status: 409,
          code: "target-in-use"
        })
        yield* client.secrets.rotate({ payload: { name: "outer", value: base64(makeSshKeyPair().privateKey) } })
        const scan = client.targets.scan({ payload: { host: inner.host, port: inner.port, jump: "outer" } })
        expect(yield* problemIn(scan)).toMatchObject({ status: 422, code: "target-not-usable" })
      })
  )
})
