// What the commands about runbooks take.
import { Argument } from "effect/cli"

export const runbookName = Argument.String("name").pipe(Argument.withDescription("The runbook's name, or its id"))

export const runbookFile = Argument.String("file").pipe(
  Argument.withDescription("A runbook as YAML or JSON; - is standard input")
)
