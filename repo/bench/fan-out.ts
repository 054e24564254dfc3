// One command on a hundred hosts: through the whole server (rules, sealed key, recording, masking, log), against Ansible, parallel-ssh
// and raw ssh2, in turn; cold, and over connections that were kept. The wall clock counts, and all share the machine with the daemons.
import { execFile } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect, Logger } from "effect"
import type ssh2 from "ssh2"
import type { Measured } from "./main.ts"
import { fleetServer } from "./measuring/fleet-server.ts"
import { type SshHosts, signedIn, sshHosts } from "./measuring/ssh-hosts.ts"

const HOSTS = Number(process.env["BENCH_HOSTS"] ?? 100)
const ROUNDS = 3
/** Of all that are compared. */
const AT_ONCE = 50
const ARGV = ["/bin/uname", "-a"] as const
/** OpenSSH prefers a key exchange that costs its client seven times as much processor time as this one, which ssh2 uses. */
const CURVE = "KexAlgorithms=curve25519-sha256"

export const benchFanOut = (): Promise<ReadonlyArray<Measured>> =>
  Effect.runPromise(Effect.scoped(compare).pipe(Effect.provide(Logger.layer([]))))

type Ways<Name extends string> = Readonly<Record<Name, () => Promise<unknown>>>

const compare = Effect.gen(function* () {
  const hosts = yield* sshHosts(HOSTS)
  const { execute } = yield* fleetServer(hosts)
  const ours = () => execute({ argv: ARGV, concurrency: AT_ONCE })
  const raw = yield* rawClients(hosts)
  const { ansible, ...parallel } = programs(hosts)
  const cold = {
    ours,
    raw: raw.cold,
    ansible: () => ansible("command"),
    pssh: () => parallel.pssh([]),
    psshCurve: () => parallel.pssh([CURVE])
  }
  const warm = { ours, raw: raw.warm, ansible: () => ansible("command") }
  const forget = () => {
    hosts.cutConnections()
    return parallel.forget()
  }
  const coldMs = yield* Effect.promise(() => medians(cold, forget))
  const warmMs = yield* Effect.promise(() => medians(warm, async () => undefined))
  return [
    {
      name: "fan-out, cold: ansible -m command, to ours",
      ratio: coldMs.ansible / coldMs.ours,
      target: "at least 10"
    },
    { name: "fan-out, cold: parallel-ssh, to ours", ratio: coldMs.pssh / coldMs.ours, target: "at least 4" },
    { name: "fan-out, cold: parallel-ssh with curve25519, to ours", ratio: coldMs.psshCurve / coldMs.ours },
    { name: "fan-out, cold: ours, to raw ssh2", ratio: coldMs.ours / coldMs.raw },
    {
      name: "fan-out, kept: ansible -m command, to ours",
      ratio: warmMs.ansible / warmMs.ours,
      target: "at least 50"
    },
    { name: "fan-out, kept: ours, to raw ssh2", ratio: warmMs.ours / warmMs.raw, target: "at most 1.3" }
  ]
})

/** Milliseconds of each way, taking turns; the first turn warms up. */
const medians = async <Name extends string>(
  ways: Ways<Name>,
  before: () => Promise<unknown>
): Promise<Readonly<Record<Name, number>>> => {
  const names = Object.keys(ways) as Array<Name>
  const times = new Map(names.map((name) => [name, [] as Array<number>]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of names) {
      await before()
      const startedMs = performance.now()
      await ways[name]()
      if (round > 0) times.get(name)!.push(performance.now() - startedMs)
    }
  }
  const middle = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[values.length >> 1]!
  return Object.fromEntries(names.map((name) => [name, middle(times.get(name)!)])) as Record<Name, number>
}

const rawClients = Effect.fnUntraced(function* (hosts: SshHosts) {
  const kept: Array<ssh2.Client> = []
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const client of kept) client.end()
    })
  )
  return {
    cold: () =>
      atOnce(hosts.hosts, async (host) => {
        const client = await signedIn(hosts, host)
        await runOn(client)
        client.end()
      }),
    warm: async () => {
      if (kept.length === 0) await atOnce(hosts.hosts, async (host) => void kept.push(await signedIn(hosts, host)))
      await atOnce(kept, runOn)
    }
  }
})

const runOn = (client: ssh2.Client): Promise<void> =>
  new Promise((resolve, reject) => {
    client.exec(ARGV.join(" "), (error, channel) => {
      if (error) return reject(error)
      channel.resume()
      channel.stderr.resume()
      channel.once("close", () => resolve())
      channel.end()
    })
  })

const atOnce = async <A>(items: ReadonlyArray<A>, work: (item: A) => Promise<void>): Promise<void> => {
  const waiting = items.values()
  const worker = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Both with their defaults, a file of known hosts, and as many processes as ours runs commands. */
const programs = ({ hosts, account, keyFile, knownHostsFile, folder }: SshHosts) => {
  const control = join(folder, "control")
  const inventory = join(folder, "inventory")
  const list = join(folder, "hosts")
  const options = [`UserKnownHostsFile=${knownHostsFile}`, "StrictHostKeyChecking=yes", `IdentityFile=${keyFile}`]
  const flags = (more: ReadonlyArray<string>) => [...options, ...more].map((option) => `-o ${option}`).join(" ")
  const settings = `ansible_user=${account} ansible_python_interpreter=/usr/bin/python3`
  writeFileSync(inventory, hosts.map(({ host, port }) => `${host} ansible_port=${port} ${settings}\n`).join(""))
  writeFileSync(list, hosts.map(({ host, port }) => `${account}@${host}:${port}\n`).join(""))
  const environment = {
    ...process.env,
    ANSIBLE_SSH_ARGS: `-o ControlMaster=auto -o ControlPersist=120s ${flags([])}`,
    ANSIBLE_SSH_CONTROL_PATH_DIR: control,
    ANSIBLE_LOCAL_TEMP: join(folder, "ansible")
  }
  return {
    ansible: (module: "command") =>
      start(
        "ansible",
        ["all", "-i", inventory, "-f", String(AT_ONCE), "-m", module, "-a", ARGV.join(" ")],
        environment
      ),
    pssh: (more: ReadonlyArray<string>) =>
      start("parallel-ssh", ["-h", list, "-p", String(AT_ONCE), "-x", flags(more), ARGV.join(" ")], process.env),
    forget: async () => {
      rmSync(control, { recursive: true, force: true })
      mkdirSync(control)
    }
  }
}

const start = async (program: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Promise<void> => {
  try {
    await promisify(execFile)(program, args, { env, maxBuffer: 64 * 1024 * 1024 })
  } catch (cause) {
    throw new Error(`${program} is needed here: apt-get install ansible-core pssh`, { cause })
  }
}
