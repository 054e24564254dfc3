// Settings of a server: from flags, else from FLUXCYBERS_* variables, else the defaults. Every unknown variable is an error: a mistyped
// setting must not be ignored in silence.
import { isIP } from "node:net"
import { homedir } from "node:os"
import { isAbsolute, join, resolve } from "node:path"
import type { SshSettings } from "@fluxcybers/executor/ssh"
import { Effect, Redacted, Schema, SchemaIssue } from "effect"
import { type OutgoingSettings, outgoingSettings } from "./outgoing-settings.ts"
import { ROOT_KEY_IN_DIRECTORY, type RootKeyFiles, type RootKeySetting, rootKeySetting } from "./root-key-setting.ts"
import { SSH_VARIABLES, sshSettings } from "./ssh-settings.ts"

/** The port that a server listens on unless told. */
export const DEFAULT_PORT = 4680
/** What the privacy policy promises for logs. */
const AUDIT_DAYS = 90
const TRANSCRIPT_DAYS = 90
const DAYS_MAX = 36_500
const PREFIX = "FLUXCYBERS_"
const NODE_ID_LENGTH_MAX = 64

/** Where the server keeps its data, and where it listens. */
export interface Settings {
  /** Keys, node id, and the SQLite database when no other is named. Absolute. */
  readonly directory: string
  /** A PostgreSQL URL; SQLite in the directory when absent. */
  readonly databaseUrl: Redacted.Redacted<string> | undefined
  /** A loopback address. */
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Names this process among several on one PostgreSQL; made and kept in the directory when absent. */
  readonly nodeId: string | undefined
  /** A file that names the witnesses of the audit log (C2SP tlog-policy); without one nobody is asked. Absolute. */
  readonly witnessPolicy: string | undefined
  /** How long the audit log keeps its entries. */
  readonly auditDays: number
  /** How long what runs wrote is kept. */
  readonly transcriptDays: number
  /** Does the executor `local` run commands on this machine, as the server's own account? */
  readonly localExecutor: boolean
  /** A folder whose plugins are loaded at the start; none when absent. Absolute. */
  readonly plugins: string | undefined
  /** How mails leave, and which networks notifications may go to. */
  readonly outgoing: OutgoingSettings
  /** How targets are connected to, where that was told. */
  readonly ssh: Partial<SshSettings>
  /** Wraps the keys in the database; a file in the directory unless told. */
  readonly rootKey: RootKeySetting
  /** The one before, while the keys move to the new one. */
  readonly previousRootKey: RootKeySetting | undefined
}

/** Settings given on the command line; they win over the environment. */
export type Flags = { readonly [Name in keyof Settings]?: Settings[Name] | undefined }

/** Settings that cannot be used, all at once. Nothing was started. */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>()("ConfigurationError", {
  problems: Schema.Array(Schema.String)
}) {
  override get message() {
    return `${this.problems.join("\n")}\nNothing was started.`
  }
}

const PortNumber = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: 65_535 }, { expected: "a port from 0 to 65535" })
)
const PortText = Schema.FiniteFromString.pipe(Schema.decodeTo(PortNumber))
const DaysText = Schema.FiniteFromString.pipe(
  Schema.decodeTo(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: DAYS_MAX }, { expected: `1 to ${DAYS_MAX} days` }))
  )
)
const DatabaseUrl = Schema.String.check(
  Schema.isPattern(/^postgres(ql)?:\/\/./, { expected: "a URL like postgres://user:password@host:5432/database" })
)
const NodeId = Schema.String.check(
  Schema.isPattern(new RegExp(`^[a-z0-9-]{1,${NODE_ID_LENGTH_MAX}}$`), {
    expected: `a node id of at most ${NODE_ID_LENGTH_MAX} lower-case letters, digits and -`
  })
)
const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
const LoopbackHost = Schema.String.check(
  Schema.makeFilter(isLoopback, {
    expected:
      "a loopback address (127.0.0.1, ::1 or localhost): until this server speaks TLS it listens nowhere else. To reach it from another machine, use an SSH tunnel"
  })
)

/** The variables of the server. The command line's own are listed so that both can live in one environment. */
const Environment = Schema.Struct({
  FLUXCYBERS_HOME: Schema.optionalKey(Schema.NonEmptyString),
  FLUXCYBERS_DATABASE_URL: Schema.optionalKey(DatabaseUrl),
  FLUXCYBERS_HOST: Schema.optionalKey(LoopbackHost),
  FLUXCYBERS_PORT: Schema.optionalKey(PortText),
  FLUXCYBERS_NODE_ID: Schema.optionalKey(NodeId),
  FLUXCYBERS_WITNESS_POLICY: Schema.optionalKey(Schema.NonEmptyString),
  FLUXCYBERS_AUDIT_DAYS: Schema.optionalKey(DaysText),
  FLUXCYBERS_TRANSCRIPT_DAYS: Schema.optionalKey(DaysText),
  FLUXCYBERS_LOCAL_EXECUTOR: Schema.optionalKey(Schema.Literals(["on", "off"])),
  FLUXCYBERS_PLUGINS: Schema.optionalKey(Schema.NonEmptyString),
  ...SSH_VARIABLES,
  FLUXCYBERS_SMTP_URL: Schema.optionalKey(Schema.String),
  FLUXCYBERS_MAIL_FROM: Schema.optionalKey(Schema.String),
  FLUXCYBERS_EGRESS_NETWORKS: Schema.optionalKey(Schema.String),
  FLUXCYBERS_ROOT_KEY: Schema.optionalKey(Schema.String),
  FLUXCYBERS_PREVIOUS_ROOT_KEY: Schema.optionalKey(Schema.String),
  FLUXCYBERS_PASSPHRASE_FILE: Schema.optionalKey(Schema.String),
  FLUXCYBERS_TRANSIT_TOKEN_FILE: Schema.optionalKey(Schema.String),
  FLUXCYBERS_TRANSIT_NAMESPACE: Schema.optionalKey(Schema.String),
  FLUXCYBERS_URL: Schema.optionalKey(Schema.String),
  FLUXCYBERS_PROFILE: Schema.optionalKey(Schema.String),
  FLUXCYBERS_TOKEN_FILE: Schema.optionalKey(Schema.String)
})

const FlagValues = Schema.Struct({
  databaseUrl: Schema.optionalKey(DatabaseUrl),
  host: Schema.optionalKey(LoopbackHost),
  port: Schema.optionalKey(PortNumber),
  nodeId: Schema.optionalKey(NodeId)
})

/** The settings to start with. Empty variables count as not set. */
export const settings = Effect.fn("settings")(function* (input: {
  readonly flags?: Flags
  readonly environment: Readonly<Record<string, string | undefined>>
}) {
  const flags = input.flags ?? {}
  const environment = yield* decode(Environment, ours(input.environment), (name) => name)
  yield* decode(FlagValues, checked(flags), (name) => FLAG_NAMES[name as keyof typeof FLAG_NAMES])
  const url = environment.FLUXCYBERS_DATABASE_URL
  const found: Settings = {
    directory: resolve(flags.directory ?? environment.FLUXCYBERS_HOME ?? defaultDirectory(input.environment)),
    databaseUrl: flags.databaseUrl ?? (url === undefined ? undefined : Redacted.make(url)),
    host: flags.host ?? environment.FLUXCYBERS_HOST ?? "127.0.0.1",
    port: flags.port ?? environment.FLUXCYBERS_PORT ?? DEFAULT_PORT,
    nodeId: flags.nodeId ?? environment.FLUXCYBERS_NODE_ID,
    witnessPolicy: absolute(flags.witnessPolicy ?? environment.FLUXCYBERS_WITNESS_POLICY),
    auditDays: flags.auditDays ?? environment.FLUXCYBERS_AUDIT_DAYS ?? AUDIT_DAYS,
    transcriptDays: flags.transcriptDays ?? environment.FLUXCYBERS_TRANSCRIPT_DAYS ?? TRANSCRIPT_DAYS,
    localExecutor: flags.localExecutor ?? environment.FLUXCYBERS_LOCAL_EXECUTOR === "on",
    plugins: absolute(flags.plugins ?? environment.FLUXCYBERS_PLUGINS),
    ssh: flags.ssh ?? sshSettings(environment),
    outgoing: flags.outgoing ?? (yield* outgoingOf(environment)),
    rootKey: flags.rootKey ?? (yield* rootKeyOf("FLUXCYBERS_ROOT_KEY", environment)) ?? ROOT_KEY_IN_DIRECTORY,
    previousRootKey: flags.previousRootKey ?? (yield* rootKeyOf("FLUXCYBERS_PREVIOUS_ROOT_KEY", environment))
  }
  return found
})

const outgoingOf = (environment: typeof Environment.Type): Effect.Effect<OutgoingSettings, ConfigurationError> => {
  const found = outgoingSettings(environment)
  return typeof found === "string"
    ? Effect.fail(new ConfigurationError({ problems: [`${found}.`] }))
    : Effect.succeed(found)
}

const rootKeyOf = (
  name: "FLUXCYBERS_ROOT_KEY" | "FLUXCYBERS_PREVIOUS_ROOT_KEY",
  environment: typeof Environment.Type
): Effect.Effect<RootKeySetting | undefined, ConfigurationError> => {
  const text = environment[name]
  if (text === undefined) return Effect.undefined
  const files: RootKeyFiles = {
    passphraseFile: environment.FLUXCYBERS_PASSPHRASE_FILE,
    transitTokenFile: environment.FLUXCYBERS_TRANSIT_TOKEN_FILE,
    transitNamespace: environment.FLUXCYBERS_TRANSIT_NAMESPACE
  }
  const found = rootKeySetting(text, files)
  return typeof found === "string"
    ? Effect.fail(new ConfigurationError({ problems: [`${name}: ${found}.`] }))
    : Effect.succeed(found)
}

const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(path))

const FLAG_NAMES = {
  databaseUrl: "The database URL",
  host: "The host",
  port: "The port",
  nodeId: "The node id"
} as const

const decode = <A, I>(schema: Schema.Codec<A, I>, input: unknown, nameOf: (key: string) => string) =>
  Schema.decodeUnknownEffect(schema, { errors: "all", onExcessProperty: "error" })(input).pipe(
    Effect.mapError(({ issue }) => {
      const problems = format(issue).issues.map(({ path, message }) => {
        const name = nameOf(String(path?.[0]))
        return message === UNKNOWN ? `${name} is not a setting of FluxCybers: ${known}.` : `${name}: ${message}.`
      })
      return new ConfigurationError({ problems })
    })
  )

const UNKNOWN = "Expected no excess property"
const known = `the settings are ${Object.keys(Environment.fields).join(", ")}`
const format = SchemaIssue.makeFormatterStandardSchemaV1()

const ours = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[0].startsWith(PREFIX) && entry[1] !== undefined && entry[1] !== ""
    )
  )

const checked = (flags: Flags): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({
      databaseUrl: flags.databaseUrl === undefined ? undefined : Redacted.value(flags.databaseUrl),
      host: flags.host,
      port: flags.port,
      nodeId: flags.nodeId
    }).filter(([, value]) => value !== undefined)
  )

/** XDG Base Directory Specification: data of one user. */
const defaultDirectory = (environment: Readonly<Record<string, string | undefined>>): string => {
  const home = environment["XDG_DATA_HOME"]
  const data = home !== undefined && isAbsolute(home) ? home : join(homedir(), ".local", "share")
  return join(data, "fluxcybers")
}
