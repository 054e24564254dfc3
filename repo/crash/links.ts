// Network links that can be cut: each node is in a network namespace of its own, with one cable to the database and one to the target. A cut
// cable loses packets without a word; what was under way arrives when it is mended.
import { execFileSync } from "node:child_process"
import { createServer, connect as dial, type Server } from "node:net"

export type Link = "database" | "target"

/** A way into a node's namespace, and its cables. */
export interface Wiring {
  /** What a command line begins with to run there. */
  readonly enter: ReadonlyArray<string>
  readonly cut: (link: Link) => void
  readonly mend: (link: Link) => void
}

export interface Network {
  /** Where the service behind a link is, seen from every namespace. */
  readonly addressOf: (link: Link) => string
  readonly wire: (node: string) => Wiring
  readonly close: () => void
}

const LINKS: ReadonlyArray<Link> = ["database", "target"]

/** Why there can be no links on this machine; `undefined` when there can. */
export const noLinksBecause = (): string | undefined => {
  if (process.getuid?.() !== 0) return "network namespaces need root"
  try {
    ip("netns list")
    return undefined
  } catch {
    return "network namespaces need `ip` of iproute2, and a kernel that allows them"
  }
}

/** `block` is the second byte of the addresses (10.block.…) and part of the names, so that several networks stand side by side. */
export const openNetwork = async (block: number, ports: Readonly<Record<Link, number>>): Promise<Network> => {
  const addressOf = (link: Link) => `10.${block}.255.${LINKS.indexOf(link) + 1}`
  const namespaces: Array<string> = []
  const relays: Array<Server> = []
  for (const link of LINKS) {
    ip(`addr replace ${addressOf(link)}/32 dev lo`)
    relays.push(await relay(addressOf(link), ports[link]))
  }
  return {
    addressOf,
    wire: (node) => {
      const namespace = `fx${block}${node}`
      namespaces.push(namespace)
      return wire({ namespace, block, index: namespaces.length, addressOf })
    },
    close: () => {
      for (const namespace of namespaces) tryIp(`netns del ${namespace}`)
      for (const link of LINKS) tryIp(`addr del ${addressOf(link)}/32 dev lo`)
      for (const server of relays) server.close()
    }
  }
}

interface Plug {
  readonly namespace: string
  readonly block: number
  readonly index: number
  readonly addressOf: (link: Link) => string
}

const wire = ({ namespace, block, index, addressOf }: Plug): Wiring => {
  tryIp(`netns del ${namespace}`)
  ip(`netns add ${namespace}`)
  ip(`-n ${namespace} link set lo up`)
  const outside = (link: Link) => `${namespace}${link[0]}`
  for (const link of LINKS) {
    const subnet = `10.${block}.${index * 2 + LINKS.indexOf(link)}`
    tryIp(`link del ${outside(link)}`)
    ip(`link add ${outside(link)} type veth peer name ${link} netns ${namespace}`)
    ip(`addr add ${subnet}.1/30 dev ${outside(link)}`)
    ip(`link set ${outside(link)} up`)
    ip(`-n ${namespace} addr add ${subnet}.2/30 dev ${link}`)
    ip(`-n ${namespace} link set ${link} up`)
    ip(`-n ${namespace} route add ${addressOf(link)}/32 via ${subnet}.1 dev ${link}`)
  }
  return {
    enter: ["ip", "netns", "exec", namespace],
    cut: (link) => ip(`link set ${outside(link)} down`),
    mend: (link) => ip(`link set ${outside(link)} up`)
  }
}

/** Hands connections to the address on to the service on loopback. */
const relay = (address: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((inside) => {
      const service = dial(port, "127.0.0.1")
      inside.pipe(service).pipe(inside)
      for (const [one, other] of [
        [inside, service],
        [service, inside]
      ] as const) {
        one.on("error", () => other.destroy()).once("close", () => other.destroy())
      }
    })
    server.once("error", reject).listen(port, address, () => resolve(server))
  })

const ip = (line: string): string => execFileSync("ip", line.split(" "), { encoding: "utf8", stdio: "pipe" })

/** What may not be there. */
const tryIp = (line: string): void => {
  try {
    ip(line)
  } catch {
    // It was not there.
  }
}
