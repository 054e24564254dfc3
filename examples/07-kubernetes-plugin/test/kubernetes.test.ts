// The suite of executors against a small API server, what happens there, and the same as a plugin.
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { executorSuite, madeExecutor, pluginExecutor, runInTestHost } from "@fluxcybers/executor/testing"
import { Cause, Effect, Exit } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { executors } from "../src/plugin.ts"
import { startApiServer, TOKEN } from "./api-server.ts"
import { CERTIFICATE } from "./certificate.ts"

const api = await startApiServer()
afterAll(() => api.stop())

const kubeconfig = (server: string) => `
apiVersion: v1
kind: Config
clusters: [{ name: test, cluster: { server: "https://${server}", certificate-authority-data: ${Buffer.from(CERTIFICATE).toString("base64")} } }]
users: [{ name: test, user: { token: ${TOKEN} } }]
contexts: [{ name: test, context: { cluster: test, user: test } }]
current-context: test
`
/** Nothing listens there. */
const NOBODY = "127.0.0.1:3"
const secrets = () => ({
  "kube/test": kubeconfig(api.place),
  "kube/nobody": kubeconfig(NOBODY),
  "kube/other": kubeconfig("example.com:6443")
})
const [exec, restart] = executors.map(madeExecutor)
const cluster = { server: api.place, kubeconfig: "kube/test" }
const web = { ...cluster, pod: "web-0", container: "web" }
/** Nobody else sleeps so long. */
const SLEEP = "4717"

executorSuite("example.kubernetes-exec", {
  make: exec!,
  secrets,
  valid: [
    { ...web, argv: ["echo", "it's", "$HOME"] },
    { ...web, argv: ["sh", "-c", "echo out; echo err >&2"] }
  ],
  invalid: [
    null,
    cluster,
    { ...web, argv: [] },
    { ...web, pod: "../x", argv: ["ls"] },
    { ...web, server: "here", argv: ["ls"] },
    { ...web, argv: ["ls"], more: 1 }
  ],
  failing: [
    { ...web, pod: "web-9", argv: ["ls"] },
    { ...web, server: NOBODY, kubeconfig: "kube/nobody", argv: ["ls"] },
    { ...web, kubeconfig: "kube/other", argv: ["ls"] }
  ],
  endless: { ...web, argv: ["sh", "-c", `sleep ${SLEEP} & sleep ${SLEEP}`], timeoutMs: 1_000 },
  flooding: { ...web, argv: ["yes", SLEEP], outputBytesMax: 1_000_000 },
  leftovers: async () => {
    const lines = execFileSync("ps", ["-eo", "args"]).toString().split("\n")
    return lines.filter((line) => line === `sleep ${SLEEP}` || line === `yes ${SLEEP}`)
  }
})

executorSuite("example.kubernetes-restart", {
  make: restart!,
  secrets,
  valid: [{ ...cluster, deployment: "web" }],
  invalid: [null, {}, { ...cluster, deployment: "Web!" }, { ...cluster, deployment: "web", argv: ["ls"] }],
  failing: [
    { ...cluster, deployment: "mail" },
    { server: NOBODY, kubeconfig: "kube/nobody", deployment: "web" }
  ]
})

const run = (input: object, make = exec!) =>
  Effect.runPromise(Effect.flatMap(make, (executor) => runInTestHost({ executor, input, secrets: secrets() })))

describe("in a cluster", () => {
  it("a command has its words, its streams and its status", async () => {
    const { stdout, stderr, exit } = await run({
      ...web,
      argv: ["sh", "-c", 'printf "[%s]" "$@"; echo oh >&2; exit 3', "sh", "a b", ""]
    })
    expect([`${stdout}`, `${stderr}`]).toEqual(["[a b][]", "oh\n"])
    expect(exit).toMatchObject({ value: { isSuccess: false, output: { exitCode: 3 } } })
  })

  it("nothing is started when the kubeconfig leads elsewhere than the plan, or the cluster refuses", async () => {
    const reasonOf = async (input: object) => {
      const { exit } = await run({ ...web, argv: ["ls"], ...input })
      return Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    }
    const refusal = (detail: string) => ({ reason: { _tag: "StartRefused", detail } })
    expect(await reasonOf({ kubeconfig: "kube/other" })).toMatchObject(
      refusal(`the kubeconfig is for example.com:6443, and the plan for ${api.place}.`)
    )
    expect(await reasonOf({ pod: "web-9" })).toMatchObject(refusal("the cluster refused it (404)."))
    expect(await reasonOf({ server: NOBODY, kubeconfig: "kube/nobody" })).toMatchObject(
      refusal("nobody answers there (ECONNREFUSED).")
    )
  })

  it("a deployment is restarted, and followed until its pods are new", async () => {
    const before = api.restartedAt().length
    const { stdout } = await run({ ...cluster, deployment: "web" }, restart)
    expect(`${stdout}`).toBe(
      "deployment.apps/web restarted\n1 of 2 pods are new, 1 available\n2 of 2 pods are new, 2 available\n"
    )
    expect(api.restartedAt().slice(before)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)])
  })

  it("a command is run by the plugin's own process, over the one host of its plan", async () => {
    const plugin = pluginExecutor(join(import.meta.dirname, ".."), "example.kubernetes-exec")
    const { plan, stdout, exit } = await run({ ...web, argv: ["echo", "hello"] }, plugin)
    expect(plan.hosts).toEqual([api.place])
    expect(exit).toMatchObject({ value: { isSuccess: true } })
    expect(`${stdout}`).toBe("hello\n")
  })
})
