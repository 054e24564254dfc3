// Which lines of a file of host keys are for a host. Pure.
import { createHmac } from "node:crypto"
import { fitsGlob } from "../glob.ts"
import type { HostNames, KnownHost } from "./parse.ts"

const SSH_PORT = 22

/** As OpenSSH writes the name of a host: `[host]:port` where the port is not 22. */
export const knownName = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  port === SSH_PORT ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`

/** Is the line for the host of this name? A pattern behind `!` that fits takes the host out, whatever the others say. */
export const isFor = ({ names }: KnownHost, name: string): boolean =>
  names._tag === "Hashed" ? isHashOf(names, name) : fitsPatterns(names.patterns, name)

const isHashOf = ({ salt, hash }: Extract<HostNames, { _tag: "Hashed" }>, name: string): boolean =>
  createHmac("sha1", salt).update(name).digest().equals(hash)

const fitsPatterns = (patterns: ReadonlyArray<string>, name: string): boolean => {
  const isTakenOut = patterns.some((pattern) => pattern.startsWith("!") && fitsGlob(pattern.slice(1), name))
  return !isTakenOut && patterns.some((pattern) => !pattern.startsWith("!") && fitsGlob(pattern, name))
}
