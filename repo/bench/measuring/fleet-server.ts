// A whole server that knows a fleet of hosts and lets reads run without asking anybody.
import { scanHostKey } from "@fluxcybers/executor/ssh"
import { Effect } from "effect"
import { ownedServer } from "./owned-server.ts"
import type { SshHosts } from "./ssh-hosts.ts"

export interface FleetCommand {
  readonly argv: ReadonlyArray<string>
  /** 10 unless told. */
  readonly concurrency?: number
}

/** Runs until the scope closes. */
export const fleetServer = Effect.fnUntraced(function* (hosts: SshHosts) {
  const { url, token } = yield* ownedServer
  const call = caller(url, token)
  const key = Buffer.from(hosts.privateKey).toString("base64")
  yield* Effect.promise(() => call("POST", "secrets", { name: "fleet-key", value: key }))
  for (const [number, { host, port }] of hosts.hosts.entries()) {
    const { fingerprint: hostKey } = yield* Effect.orDie(scanHostKey({ host, port }))
    const target = { name: `web-${number}`, host, port, account: hosts.account, hostKey, credential: "fleet-key" }
    yield* Effect.promise(() => call("POST", "targets", { ...target, tags: ["web"] }))
  }
  const document = { name: "reads-run", rules: [{ name: "reads", when: { access: ["read"] }, require: "nobody" }] }
  yield* Effect.promise(() => call("PUT", "policy/rules", { document }))
  /** Runs a command that reads on all of them, to its end. */
  const execute = async ({ argv, concurrency = 10 }: FleetCommand) => {
    const proposal = { executor: "ssh", input: { argv }, targets: ["tag:web"], rollout: { concurrency } }
    const { id } = (await call("POST", "executions", proposal)) as { id: string }
    // States alone: no output comes before so late a piece.
    await call("GET", `executions/${id}/events?after=${Number.MAX_SAFE_INTEGER}`)
    const { state } = (await call("GET", `executions/${id}`)) as { state: string }
    if (state !== "succeeded") throw new Error(`The execution on all hosts ended as ${state}`)
  }
  return { execute }
})

const caller =
  (url: string, token: string) =>
  async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return response.headers.get("content-type")?.includes("json") === true ? JSON.parse(text) : text
  }
