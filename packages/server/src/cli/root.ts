// The tree of commands.
import { Command } from "effect/cli"
import { globalFlags } from "./global-flags.ts"
import { login, logout, whoami } from "./session-commands.ts"

export const root = Command.make("fluxcybers").pipe(
  Command.withDescription("Propose commands for servers, approve exactly what will run, and prove what happened"),
  Command.withSubcommands([{ group: "Sign-in", commands: [login, logout, whoami] }]),
  Command.withGlobalFlags(globalFlags)
)
