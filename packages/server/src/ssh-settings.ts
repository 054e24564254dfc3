// How the executor `ssh` connects, from the server's variables.
import type { SshSettings } from "@fluxcybers/executor/ssh"
import { Schema } from "effect"

const wholeNumber = (maximum: number, what: string) =>
  Schema.FiniteFromString.pipe(
    Schema.decodeTo(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum }, { expected: `1 to ${maximum} ${what}` }))
    )
  )

/** The variables, each with its limits. */
export const SSH_VARIABLES = {
  /** The socket of an ssh-agent whose keys credentials may name. */
  FLUXCYBERS_SSH_AGENT: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^\//, { expected: "the absolute path of an ssh-agent's socket" }))
  ),
  FLUXCYBERS_SSH_CONNECT_SECONDS: Schema.optionalKey(wholeNumber(300, "seconds")),
  FLUXCYBERS_SSH_KEEPALIVE_SECONDS: Schema.optionalKey(wholeNumber(3_600, "seconds")),
  FLUXCYBERS_SSH_IDLE_SECONDS: Schema.optionalKey(wholeNumber(86_400, "seconds")),
  FLUXCYBERS_SSH_IDLE_CONNECTIONS: Schema.optionalKey(wholeNumber(10_000, "connections")),
  FLUXCYBERS_SSH_CHANNELS: Schema.optionalKey(wholeNumber(64, "runs over one connection"))
}

type Environment = {
  readonly [Name in keyof typeof SSH_VARIABLES]?: Name extends "FLUXCYBERS_SSH_AGENT" ? string : number
}

/** What was told; for everything else the executor has its own defaults. */
export const sshSettings = (environment: Environment): Partial<SshSettings> => ({
  ...milliseconds("connectMs", environment.FLUXCYBERS_SSH_CONNECT_SECONDS),
  ...milliseconds("keepaliveMs", environment.FLUXCYBERS_SSH_KEEPALIVE_SECONDS),
  ...milliseconds("idleMs", environment.FLUXCYBERS_SSH_IDLE_SECONDS),
  ...told("idleMax", environment.FLUXCYBERS_SSH_IDLE_CONNECTIONS),
  ...told("channelsMax", environment.FLUXCYBERS_SSH_CHANNELS),
  ...told("agent", environment.FLUXCYBERS_SSH_AGENT)
})

const milliseconds = (name: keyof SshSettings, seconds: number | undefined) =>
  told(name, seconds === undefined ? undefined : seconds * 1_000)

const told = <A>(name: keyof SshSettings, value: A | undefined) => (value === undefined ? {} : { [name]: value })
