// Kubernetes with its official client: a command in a pod, and the rollout restart of a deployment.
import {
  type AsyncRunContext,
  type AsyncRunResult,
  defineExecutor,
  hostPlace,
  StartRefused
} from "@fluxcybers/executor/sdk"
import { clusterOf } from "./cluster.ts"
import { runInPod } from "./exec.ts"
import { restartDeployment } from "./rollout.ts"

type Fields = Readonly<Record<string, unknown>>

/** RFC 1123, as Kubernetes names things. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/
const LIMITS: ReadonlyArray<string> = ["timeoutMs", "outputBytesMax"]

/** `names` are texts that must be names of Kubernetes. */
const parse = (input: unknown, names: ReadonlyArray<string>, more: ReadonlyArray<string> = []): Fields => {
  if (typeof input !== "object" || input === null) throw new Error("An object is wanted.")
  const fields: Fields = { namespace: "default", ...input }
  const known = ["server", "kubeconfig", "namespace", ...names, ...more, ...LIMITS]
  const unknown = Object.keys(fields).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`There is no field "${unknown}". There are: ${known.join(", ")}.`)
  const wrong = ["namespace", ...names].find((name) => typeof fields[name] !== "string" || !NAME.test(fields[name]))
  if (wrong !== undefined) throw new Error(`${wrong} must be a name, as Kubernetes has them.`)
  const { server, kubeconfig } = fields
  const place = typeof server === "string" ? hostPlace(server) : undefined
  if (place === undefined || !("host" in place)) throw new Error("server must be like cluster.example.com:6443.")
  if (typeof kubeconfig !== "string") throw new Error("kubeconfig must be the name of a secret.")
  return fields
}

const parseExec = (input: unknown): Fields => {
  const fields = parse(input, ["pod", "container"], ["argv"])
  const { argv } = fields
  if (
    !Array.isArray(argv) ||
    argv.length === 0 ||
    argv.some((word) => typeof word !== "string" || word.includes("\0"))
  ) {
    throw new Error("argv must be a list of texts, the program first.")
  }
  return fields
}

const drafted = ({ server, kubeconfig, timeoutMs, outputBytesMax }: Fields) => ({
  hosts: [String(server)],
  secrets: [String(kubeconfig)],
  ...(timeoutMs === undefined ? {} : { timeoutMs: Number(timeoutMs) }),
  ...(outputBytesMax === undefined ? {} : { outputBytesMax: Number(outputBytesMax) })
})

const COMMON = { version: "1", sdk: "^0.1.0", needs: { hosts: ["*:*"], secrets: ["kube/*"] } }

const exec = defineExecutor({
  ...COMMON,
  id: "example.kubernetes-exec",
  summary: "Runs a command in a container of a pod.",
  parse: parseExec,
  plan: (fields) => {
    const [namespace, pod, container] = [fields["namespace"], fields["pod"], fields["container"]].map(String)
    const argv = (fields["argv"] as ReadonlyArray<string>).map(String)
    return {
      ...drafted(fields),
      command: { _tag: "Argv", argv: ["kubectl", "exec", `${namespace}/${pod}`, `${container}`, ...argv] },
      access: "unknown",
      sentence: `Runs ${argv[0]} in ${namespace}/${pod}.`
    }
  },
  run: (context) =>
    refusedAsNotStarted(async () => {
      const [, , place = "", container = "", ...argv] = wordsOf(context)
      const [namespace = "", pod = ""] = place.split("/")
      return runInPod(await clusterOf(context), { ...context, namespace, pod, container, argv })
    })
})

const restart = defineExecutor({
  ...COMMON,
  id: "example.kubernetes-restart",
  summary: "Restarts all pods of a deployment, and waits until they are new.",
  parse: (input) => parse(input, ["deployment"]),
  plan: (fields) => ({
    ...drafted(fields),
    command: {
      _tag: "Argv",
      argv: ["kubectl", "rollout", "restart", `${fields["namespace"]}/${fields["deployment"]}`]
    },
    access: "write",
    sentence: `Restarts the pods of the deployment ${fields["namespace"]}/${fields["deployment"]}.`
  }),
  run: (context) =>
    refusedAsNotStarted(async () => {
      const [namespace = "", deployment = ""] = (wordsOf(context).at(-1) ?? "").split("/")
      return restartDeployment(await clusterOf(context), { ...context, namespace, deployment })
    })
})

export const executors = [exec, restart]

const wordsOf = ({ plan }: AsyncRunContext): ReadonlyArray<string> =>
  plan.command._tag === "Argv" ? plan.command.argv : []

/** No cluster there, or it refused with a status of HTTP that says so: nothing was started. */
const refusedAsNotStarted = async (run: () => Promise<AsyncRunResult>): Promise<AsyncRunResult> => {
  try {
    return await run()
  } catch (cause) {
    const detail = refusalIn(cause)
    throw detail === undefined ? cause : new StartRefused({ detail })
  }
}

const CLIENT_ERRORS = 400
const SERVER_ERRORS = 500

const refusalIn = (cause: unknown): string | undefined => {
  if (typeof cause !== "object" || cause === null) return undefined
  // The WebSocket's error event has an error inside, and so has that of fetch.
  const { code, cause: inner, error } = cause as { code?: unknown; cause?: unknown; error?: unknown }
  if (typeof code === "number" && code >= CLIENT_ERRORS && code < SERVER_ERRORS)
    return `the cluster refused it (${code}).`
  if (code === "ECONNREFUSED" || code === "ENOTFOUND") return `nobody answers there (${code}).`
  const [, status] =
    /^Unexpected server response: (4\d\d)$/.exec(String((cause as { message?: unknown }).message)) ?? []
  if (status !== undefined) return `the cluster refused it (${status}).`
  return refusalIn(inner) ?? refusalIn(error)
}
