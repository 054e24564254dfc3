// Where a run may connect to, as a plan writes it.

/** A port of a host, or a Unix socket. */
export type HostPlace = { readonly host: string; readonly port: number } | { readonly path: string }

const HOST_LENGTH_MAX = 300
const PORT_MAX = 65_535
const NAME = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?):(\d{1,5})$/
const IPV6 = /^\[([0-9A-Fa-f:.]+)\]:(\d{1,5})$/
const UNIX = /^unix:(\/[\x21-\x7e]+)$/

/** Reads `name:port`, `[IPv6 address]:port` or `unix:/path`; `undefined` when it is none of them. */
export const hostPlace = (text: string): HostPlace | undefined => {
  if (text.length > HOST_LENGTH_MAX) return undefined
  const path = UNIX.exec(text)?.[1]
  if (path !== undefined) return { path }
  const [, host, digits] = NAME.exec(text) ?? IPV6.exec(text) ?? []
  const port = Number(digits)
  return host === undefined || port < 1 || port > PORT_MAX ? undefined : { host, port }
}

/** Writes what `hostPlace` reads. */
export const hostText = (place: HostPlace): string => {
  if ("path" in place) return `unix:${place.path}`
  return `${place.host.includes(":") ? `[${place.host}]` : place.host}:${place.port}`
}
