// The tree of commands.
import { Command } from "effect/cli"
import { approverKeys } from "./approver-key-commands.ts"
import { audit } from "./audit-commands.ts"
import { classifyCommand } from "./classify-command.ts"
import { approve, cancel, reject } from "./decision-commands.ts"
import { doctor } from "./doctor-command.ts"
import { executions } from "./execution-commands.ts"
import { globalFlags } from "./global-flags.ts"
import { grants } from "./grant-commands.ts"
import { keys } from "./key-commands.ts"
import { members } from "./member-commands.ts"
import { notifications } from "./notification-commands.ts"
import { plugin } from "./plugin-commands.ts"
import { policy } from "./policy-commands.ts"
import { run } from "./run-command.ts"
import { runbooks } from "./runbook-commands.ts"
import { schedules } from "./schedule-commands.ts"
import { secrets } from "./secret-commands.ts"
import { serve } from "./serve-command.ts"
import { login, logout, whoami } from "./session-commands.ts"
import { targets } from "./target-commands.ts"
import { tokens } from "./token-commands.ts"
import { transcripts } from "./transcript-commands.ts"
import { witness } from "./witness-command.ts"

export const root = Command.make("fluxcybers").pipe(
  Command.withDescription("Propose commands for servers, approve exactly what will run, and prove what happened"),
  Command.withSubcommands([
    {
      group: "Run commands",
      commands: [run, runbooks, schedules, classifyCommand, approve, reject, cancel, executions, grants]
    },
    { group: "Set up", commands: [targets, secrets, members, tokens, policy, approverKeys, notifications] },
    { group: "Look back", commands: [audit, transcripts] },
    { group: "Sign in", commands: [login, logout, whoami] },
    { group: "Server", commands: [serve, witness, plugin, doctor, keys] }
  ]),
  Command.withExamples([
    { command: "fluxcybers serve", description: "Start a server; it prints a link for its owner" },
    { command: "fluxcybers login --link 'http://127.0.0.1:4680/claim#…'" },
    { command: "fluxcybers secret put ssh/web --file ~/.ssh/id_ed25519" },
    { command: "fluxcybers target add web-1 --host 10.0.0.5 --account deploy --credential ssh/web" },
    { command: "fluxcybers run -t web-1 -- df -h" }
  ]),
  Command.withGlobalFlags(globalFlags)
)
