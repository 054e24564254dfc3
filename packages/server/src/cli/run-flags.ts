// The flags of `run`.
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { fleetFlags } from "./fleet-flags.ts"
import { bytesFlag, durationFlag, present, repeated } from "./parameters.ts"

/** Why something is proposed. */
export const justificationFlags = {
  reason: Flag.String("reason").pipe(
    Flag.withMetavar("WHY"),
    Flag.withDescription("Why, for those who decide; rules may demand it"),
    Flag.optional
  ),
  ticket: Flag.String("ticket").pipe(
    Flag.withMetavar("ID"),
    Flag.withDescription("The ticket that it belongs to; rules may demand one"),
    Flag.optional
  ),
  breakGlass: Flag.Boolean("break-glass").pipe(
    Flag.withDescription(
      "Run it now without the approvals that the rules want; needs --reason, and another person must review it"
    ),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
}

/** What happens once it is proposed. */
export const watchFlags = {
  detach: Flag.Boolean("detach").pipe(
    Flag.withDescription("Print the execution's id and do not wait"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  raw: Flag.Boolean("raw").pipe(
    Flag.withDescription("With several targets: do not put the target's name before each line"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  quiet: Flag.Boolean("quiet").pipe(
    Flag.withAlias("q"),
    Flag.withDescription("Print nothing of our own but errors"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
}

export const targetsFlag = Flag.String("target").pipe(
  Flag.withAlias("t"),
  Flag.withMetavar("TARGET"),
  Flag.withDescription("Where it runs; give it again for more"),
  repeated
)

export const runFlags = {
  command: Argument.String("command").pipe(
    Argument.withDescription("The command and its arguments, after --; no shell interprets them"),
    Argument.variadic()
  ),
  targets: targetsFlag,
  ...fleetFlags,
  script: Flag.String("script").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Run this file with /bin/sh instead of a command; - is standard input"),
    Flag.optional
  ),
  upload: Flag.String("upload").pipe(
    Flag.withMetavar("FILE:PATH"),
    Flag.withDescription(
      "Put this file at that absolute path on the target instead of running a command; - is standard input"
    ),
    Flag.optional
  ),
  mode: Flag.String("mode").pipe(
    Flag.withMetavar("MODE"),
    Flag.filter(
      (mode) => /^0?[0-7]{3}$/.test(mode),
      () => "Expected permissions in octal, from 000 to 0777"
    ),
    Flag.withDescription("Permissions of the uploaded file; those of FILE unless told"),
    Flag.optional
  ),
  fill: Flag.String("fill").pipe(
    Flag.withMetavar("TEXT=SECRET"),
    Flag.withDescription(
      "Put a secret's value in place of this text in the uploaded file, when it runs; give it again for more"
    ),
    repeated
  ),
  download: Flag.String("download").pipe(
    Flag.withMetavar("PATH"),
    Flag.withDescription(
      "Fetch this file from the target instead of running a command; get it with: executions download"
    ),
    Flag.optional
  ),
  sizeLimit: bytesFlag("size-limit").pipe(
    Flag.withDescription("Do not fetch a larger file; 16MiB unless told, at most 256MiB"),
    Flag.optional
  ),
  stdinFile: Flag.String("stdin-file").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Text for the command's standard input; - passes on your own"),
    Flag.optional
  ),
  env: Flag.String("env").pipe(
    Flag.withMetavar("NAME=VALUE"),
    Flag.withDescription("Environment variable; give it again for more"),
    repeated
  ),
  secretEnv: Flag.String("secret-env").pipe(
    Flag.withMetavar("NAME=SECRET"),
    Flag.withDescription("Environment variable with a secret's value; give it again for more"),
    repeated
  ),
  cwd: Flag.String("cwd").pipe(
    Flag.withMetavar("FOLDER"),
    Flag.withDescription("Absolute path to run in; the account's home unless told"),
    Flag.optional
  ),
  timeout: durationFlag("timeout").pipe(
    Flag.withDescription("Stop it after this time; 10m unless told, at most 24h"),
    Flag.optional
  ),
  outputLimit: bytesFlag("output-limit").pipe(
    Flag.withDescription("Stop it after this much output; 64MiB unless told, at most 1GiB"),
    Flag.optional
  ),
  recoverable: Flag.Boolean("recoverable").pipe(
    Flag.withDescription("Let it go on when the connection or the server is gone, and find its outcome afterwards"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  askFor: durationFlag("ask-for").pipe(
    Flag.withDescription("With --recoverable: ask a silent target for so long; 10m unless told, at most 24h"),
    Flag.optional
  ),
  keepFor: durationFlag("keep-for").pipe(
    Flag.withDescription("With --recoverable: the target keeps the result for so long; 24h unless told, at most 30d"),
    Flag.optional
  ),
  ...justificationFlags,
  executor: Flag.String("executor").pipe(
    Flag.withMetavar("ID"),
    Flag.withDescription("ssh, local (the server's own machine), or a plugin's; ssh unless told"),
    Flag.withDefault("ssh")
  ),
  input: Flag.String("input").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("JSON for a plugin's executor, in place of a command; - is standard input"),
    Flag.optional
  ),
  ...watchFlags
}

/** The same as the API takes it. */
export const justification = (flags: {
  readonly reason: Option.Option<string>
  readonly ticket: Option.Option<string>
  readonly breakGlass: boolean
}) => ({
  ...present({ reason: Option.getOrUndefined(flags.reason), ticket: Option.getOrUndefined(flags.ticket) }),
  ...(flags.breakGlass ? { breakGlass: true } : {})
})
