// A page of help: what the command does, how it is called, its own flags; then examples; the flags of every command in one line,
// except on the first page, which explains them. Pure.
import { Context, Option } from "effect"
import type { HelpDoc } from "effect/cli"

/** How the command is called, where the usage line made from its flags does not say enough. */
export const Usage = Context.Reference<string | undefined>("fluxcybers/server/cli/Usage", {
  defaultValue: () => undefined
})

export interface PageOptions {
  readonly isColoured: boolean
  /** Width of the terminal; descriptions are wrapped at it, but not above `COLUMNS_MAX`. */
  readonly columns: number
}

const COLUMNS_MAX = 100
const TERM_COLUMNS_MAX = 26
const INDENT = "  "

type Term = readonly [term: string, description: string]

export const helpPage = (doc: HelpDoc.HelpDoc, options: PageOptions): string => {
  const { heading, terms, text } = style(options)
  const isFirst = (doc.commandPath?.length ?? 1) <= 1
  const groups = (doc.subcommands ?? []).map(
    ({ group, commands }) => heading(group ?? "Commands") + terms(commands.map(subcommand))
  )
  return [
    text(doc.description),
    `${heading("Usage")}${INDENT}${usageOf(doc)}\n`,
    ...groups,
    doc.args === undefined ? "" : heading("Arguments") + terms(doc.args.map(argument)),
    doc.flags.length === 0 ? "" : heading("Flags") + terms(doc.flags.map(flag)),
    doc.examples === undefined ? "" : heading("Examples") + examples(doc.examples),
    heading("Flags of every command") +
      (isFirst
        ? terms((doc.globalFlags ?? []).map(flag))
        : text((doc.globalFlags ?? []).map(flagTerm).join(", "), INDENT))
  ]
    .filter((part) => part !== "")
    .join("\n")
}

/** How the command is called. */
export const usageOf = (doc: HelpDoc.HelpDoc): string =>
  Context.get(doc.annotations, Usage) ??
  doc.usage.replace(/<([a-z-]+)(?:\.\.\.)?>/g, (placeholder) => placeholder.slice(1, -1).toUpperCase())

const subcommand = ({ name, description, shortDescription }: HelpDoc.SubcommandDoc): Term => [
  name,
  shortDescription ?? description
]

const argument = ({ name, variadic, description, required }: HelpDoc.ArgDoc): Term => [
  `${name.toUpperCase()}${variadic ? "..." : ""}`,
  described(description) + (required ? "" : " (may be left out)")
]

const flag = (doc: HelpDoc.FlagDoc): Term => [
  flagTerm(doc),
  described(doc.description) + (doc.required ? " (required)" : "")
]

const flagTerm = ({ name, aliases, type }: HelpDoc.FlagDoc): string =>
  [...aliases, `--${name}`].join(", ") + (type === "boolean" ? "" : ` ${placeholder(type)}`)

/** A list of choices stands in the description already. */
const placeholder = (type: string): string => (type.startsWith("<") || type === "choice" ? "WORD" : type.toUpperCase())

const described = (description: Option.Option<string>): string => Option.getOrElse(description, () => "")

/** Those with an explanation stand apart. */
const examples = (docs: ReadonlyArray<HelpDoc.ExampleDoc>): string =>
  docs
    .map(({ command, description }, index) => {
      const gap = index > 0 && (description !== undefined || docs[index - 1]?.description !== undefined) ? "\n" : ""
      return `${gap}${description === undefined ? "" : `${INDENT}# ${description}\n`}${INDENT}${command}\n`
    })
    .join("")

const style = ({ isColoured, columns }: PageOptions) => {
  const width = Math.min(columns, COLUMNS_MAX)
  const bold = (text: string) => (isColoured ? `\x1b[1m${text}\x1b[0m` : text)
  return {
    heading: (title: string) => `${bold(title)}\n`,
    text: (text: string, indent = "") =>
      `${wrap(text, width - indent.length)
        .map((line) => `${indent}${line}\n`)
        .join("")}`,
    terms: (terms: ReadonlyArray<Term>) => {
      const column = Math.min(TERM_COLUMNS_MAX, Math.max(...terms.map(([term]) => term.length))) + INDENT.length
      return terms.map((term) => definition(term, column, width)).join("")
    }
  }
}

/** The term, and its description in a column of its own; a long term has a line for itself. */
const definition = ([term, description]: Term, column: number, width: number): string => {
  const isLong = term.length > column - INDENT.length
  const lines = wrap(description, width - column - INDENT.length)
  const first = isLong ? [] : [`${term.padEnd(column)}${lines[0] ?? ""}`.trimEnd()]
  const rest = (isLong ? lines : lines.slice(1)).map((line) => " ".repeat(column) + line)
  return [...(isLong ? [term] : first), ...rest].map((line) => `${INDENT}${line}\n`).join("")
}

const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
