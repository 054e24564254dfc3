// `classify`: what each command line on standard input would do, as far as that can be told; needs no server.
import { classify, classifyLines, readLines } from "@fluxcybers/executor/classify"
import { Effect, Stream } from "effect"
import { Command } from "effect/cli"
import { classificationView } from "./classification-view.ts"
import { usageFailure } from "./failure.ts"
import { Json } from "./global-flags.ts"
import { writeOut } from "./output.ts"

export const classifyCommand = Command.make(
  "classify",
  {},
  Effect.fnUntraced(function* () {
    const lines = readLines(process.stdin)
    const answers = (yield* Json) ? classifyLines(lines) : views(lines)
    yield* Stream.fromAsyncIterable(answers, () => usageFailure("Standard input could not be read.")).pipe(
      Stream.runForEach((answer) => writeOut(`${answer}\n`))
    )
  })
).pipe(
  Command.withDescription(
    "Judge command lines, one a line of standard input, without running them. Each is read, write, destroy, privilege, " +
      "exfiltrate or unknown, by the worst of its parts; read is said only of what is certain. With --json, one object a " +
      "line: class, and parts with range (start and end in UTF-16 units), class and why. Asks no server."
  ),
  Command.withExamples([
    { command: "echo 'df -h | sort -o /etc/passwd' | fluxcybers classify" },
    { command: "fluxcybers classify --json < commands.txt" }
  ])
)

async function* views(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  for await (const line of lines) yield classificationView(line, classify(line))
}
