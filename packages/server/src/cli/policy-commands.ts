// `policy`: the rules that decide who must agree.
import { Command } from "effect/cli"
import { policyTest } from "./policy-test-command.ts"

export const policy = Command.make("policy").pipe(
  Command.withDescription("The rules that decide who must agree: test"),
  Command.withSubcommands([policyTest])
)
