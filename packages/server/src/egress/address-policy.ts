// Which addresses requests may go to whose URL somebody else gave. Pure.
import { BlockList, isIP } from "node:net"

/** IANA IPv4 Special-Purpose Address Registry: what is not globally reachable, multicast and what is reserved. */
const NOT_PUBLIC_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // Azure's host answers virtual machines there, although the address belongs to a public range.
  ["168.63.129.16", 32]
] as const

/** IANA assigns global unicast from here only (RFC 4291 §2.4); loopback, mapped, translated, local and multicast addresses are elsewhere. */
const GLOBAL_V6 = ["2000::", 3] as const

/** Inside it: IETF protocols (Teredo too), documentation, 6to4, which carries IPv4 addresses. */
const NOT_PUBLIC_V6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20]
] as const

const notPublic = new BlockList()
for (const [address, bits] of NOT_PUBLIC_V4) notPublic.addSubnet(address, bits, "ipv4")
for (const [address, bits] of NOT_PUBLIC_V6) notPublic.addSubnet(address, bits, "ipv6")

const globalV6 = new BlockList()
globalV6.addSubnet(...GLOBAL_V6, "ipv6")

/** A network like `10.0.0.0/8` or `fd00::/8`. */
export interface Network {
  readonly address: string
  readonly bits: number
}

/** `undefined` when the text is no network. */
export const parseNetwork = (text: string): Network | undefined => {
  const [, address = "", digits = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text.trim()) ?? []
  const bits = Number(digits)
  const version = isIP(address)
  return version === 0 || bits > (version === 4 ? 32 : 128) ? undefined : { address, bits }
}

/** How an address stands: `public`, `allowed` because the operator said so, or `forbidden`. */
export type Standing = "public" | "allowed" | "forbidden"

/** Judges addresses; `networks` are those that the operator lets requests go to although they are not public. */
export const addressPolicy = (networks: ReadonlyArray<Network>): ((address: string) => Standing) => {
  const allowed = new BlockList()
  for (const { address, bits } of networks) allowed.addSubnet(address, bits, family(address))
  return (address) => {
    if (isIP(address) === 0) return "forbidden"
    if (allowed.check(address, family(address))) return "allowed"
    return isPublic(address) ? "public" : "forbidden"
  }
}

const isPublic = (address: string): boolean =>
  family(address) === "ipv4"
    ? !notPublic.check(address, "ipv4")
    : globalV6.check(address, "ipv6") && !notPublic.check(address, "ipv6")

const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6")
