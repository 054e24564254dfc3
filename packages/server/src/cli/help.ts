// How help and wrong command lines look.
import { Effect } from "effect"
import { type CliError, CliOutput, type HelpDoc } from "effect/cli"
import { problemDocument, usageFailure } from "./failure.ts"
import { helpPage, usageOf } from "./help-page.ts"
import { visible } from "./visible-text.ts"

const COLUMNS_DEFAULT = 100

/** No colour where it would be noise or was declined (https://no-color.org). */
const isColoured = (stream: { readonly isTTY?: boolean }): boolean =>
  stream.isTTY === true && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb"

/** Help goes to standard output; a wrong command line is one error on standard error, not a page of help. */
export const presenterLayer = (options: { readonly isJson: boolean; readonly isRun: boolean }) => {
  const page = { isColoured: isColoured(process.stdout), columns: process.stdout.columns ?? COLUMNS_DEFAULT }
  return CliOutput.layerPresenter({
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") process.stdout.write(helpPage(event.helpDoc, page))
        else if (event._tag === "Version") process.stdout.write(`${event.name} ${event.version}\n`)
        else process.stderr.write(options.isJson ? usageDocument(event, options.isRun) : usageText(event))
      })
  })
}

interface WrongInvocation {
  readonly commandPath: ReadonlyArray<string>
  readonly helpDoc: HelpDoc.HelpDoc
  readonly errors: ReadonlyArray<CliError.NonShowHelpErrors>
}

const usageText = (event: WrongInvocation): string =>
  `${messages(event)
    .map((message) => `error: ${message}\n`)
    .join("")}usage: ${usageOf(event.helpDoc)}\nhelp:  ${event.commandPath.join(" ")} --help\n`

const usageDocument = (event: WrongInvocation, isRun: boolean): string =>
  `${JSON.stringify(problemDocument(usageFailure(messages(event).join("\n")), isRun), null, 2)}\n`

const messages = ({ errors, commandPath }: WrongInvocation): ReadonlyArray<string> => {
  const unknown = errors.flatMap((error) => (error._tag === "UnrecognizedOption" ? [error.option] : []))
  if (commandPath[1] === "run" && unknown.length > 0) return [remoteFlags(unknown)]
  return errors.map((error) => error.message.split("\n").map(visible).join("\n"))
}

/** Most often they belong to the remote command. */
const remoteFlags = (flags: ReadonlyArray<string>): string =>
  `fluxcybers run has no ${flags.map(visible).join(", ")}. The command and its own flags come after --, as in:\n` +
  "fluxcybers run -t web-1 -- df -h"
