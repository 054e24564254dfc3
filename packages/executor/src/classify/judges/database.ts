// Clients of databases: one statement given on the command line, and nothing else.
import type { Argument } from "../argument.ts"
import { type Form, type Judge, reads, unknown } from "../model.ts"
import { parseOptions } from "../options.ts"
import { isPlainQuery } from "./sql.ts"

export interface DatabaseClient {
  readonly flags: string
  readonly style?: Form["style"]
  /** Options whose value is a statement. */
  readonly statement: ReadonlyArray<string>
  /** Options that make it say or list something and end. */
  readonly alone?: ReadonlyArray<string>
  /** Commands of the client itself that read. */
  readonly commands?: RegExp
  /** The statement is the second operand. */
  readonly isOperand?: boolean
}

export const database = (client: DatabaseClient): Judge => {
  const form: Form = { flags: client.flags, ...(client.style && { style: client.style }) }
  return (call) => {
    const { refusal, operands, options } = parseOptions(form, call.args)
    if (refusal !== undefined) return refusal
    if (["--version", "-V", "--help", ...(client.alone ?? [])].some((name) => options.has(name))) {
      return reads(`${call.name} says what it is, or lists databases`)
    }
    const named = client.isOperand === true ? operands.slice(0, 1) : operands
    const wrong = named.find((operand) => !isName(operand)) ?? operands[2]
    if (wrong !== undefined) return unknown(`${call.name} with an argument that is not a plain name`, wrong.range)
    const statements = client.isOperand === true ? operands.slice(1) : statementsOf(call.args, client.statement)
    const isGiven = client.isOperand === true || client.statement.some((name) => options.has(name))
    if (statements.length === 0 || !isGiven) return unknown(`${call.name} that takes its statements from its input`)
    const other = statements.find((statement) => !isReading(statement, client.commands))
    return other === undefined
      ? reads(`${call.name} runs one query that reads`)
      : unknown("a statement that is not known to be one plain query", other.range)
  }
}

const isReading = ({ literal }: Argument, commands: RegExp | undefined): boolean =>
  literal !== undefined && (commands?.test(literal) === true || isPlainQuery(literal))

/** A connection string may name programs, files and other machines. */
const isName = ({ literal }: Argument): boolean =>
  /^(?!-)[\w.-]+$/.test(literal ?? "") || /^\/(?!.*\.\.)[\w./-]+$/.test(literal ?? "")

const statementsOf = (args: ReadonlyArray<Argument>, names: ReadonlyArray<string>): ReadonlyArray<Argument> =>
  args.flatMap((arg, index) => {
    if (names.includes(args[index - 1]?.literal ?? "")) return [arg]
    const clustered =
      /^-[A-Za-z]+$/.test(args[index - 1]?.literal ?? "") && names.includes(`-${args[index - 1]?.literal?.at(-1)}`)
    if (clustered) return [arg]
    if (names.includes(arg.literal ?? "") || /^-[A-Za-z]*[ce]$/.test(arg.literal ?? "")) return []
    const name = names.find((known) =>
      known.startsWith("--")
        ? arg.prefix.startsWith(`${known}=`)
        : new RegExp(`^-[a-zA-Z]*${known[1]}`).test(arg.prefix)
    )
    if (name === undefined || (!name.startsWith("--") && arg.prefix.startsWith("--"))) return []
    const from = name.startsWith("--") ? name.length + 1 : arg.prefix.indexOf(name[1] ?? "") + 1
    return [{ ...arg, literal: arg.literal?.slice(from) }]
  })
