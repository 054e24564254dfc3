// What a model of a program says. Models are data: whatever they do not list is not read.
import type { Access } from "../plan.ts"
import type { Argument } from "./argument.ts"
import type { Range, Verdict } from "./classification.ts"
import type { Scope } from "./scope.ts"

/** One call of a program. */
export interface Call {
  readonly name: string
  readonly args: ReadonlyArray<Argument>
  readonly range: Range
  readonly scope: Scope
  /** Judges the call (with other arguments, if told) by a form: flags and operands without code. */
  readonly apply: (form: Form, args?: ReadonlyArray<Argument>) => Verdict
}

export type Judge = (call: Call) => Verdict

/**
 * A way of calling a program, or one of its subcommands, that only reads.
 *
 * `flags` lists the options that are known, separated by spaces: `-abc` (three options without a value), `-n:` (takes a
 * value), `-i?` (may have one attached), `--long`, `--long=` (takes a value), `--long?` (may have one after `=`), `-#` (a
 * number such as `-20`). A value may be typed (`-n:number`, `-o:json|yaml`). `!write` after it makes an option of that class.
 * Long options count only when they are spelt out: getopt takes any prefix of them, so a prefix is an unknown option.
 */
export interface Form {
  /** What it does, for the person who decides: "lists files". */
  readonly does?: string
  readonly flags?: string
  /** `whole`: an option is a whole word with one dash, `-name value`. */
  readonly style?: "gnu" | "whole"
  /** Options end at the first operand; what follows belongs to another program, or would be an operand elsewhere. */
  readonly isOptionsFirst?: boolean
  /** At most so many operands, or each of them of this shape; any unless told. */
  readonly operands?: number | RegExp
  /** One of these options has to be there. */
  readonly needs?: string
  /** No option of it, in any implementation, writes, executes or sends: words that are not known may be options. */
  readonly isHarmless?: boolean
  /** The first operand whose content it shows; `none` when it shows names, sizes or sums only. 0 unless told. */
  readonly contentFrom?: number | "none"
  /** With one of these options the content begins with the first operand: `-e` of grep takes the place of the pattern. */
  readonly contentFromFirstWith?: string
  /** Its operands name what it sends to: they have to be known. */
  readonly isNetwork?: boolean
  /** It opens a pager, which can start programs, when its output is a terminal. */
  readonly isPaging?: boolean
  /** It is a pager: it waits for keys, of which some start programs, unless its output goes into a pipe. */
  readonly isPager?: boolean
  /** Subcommands that read, by their words; the key `""` is the call without any. A string lists their flags. */
  readonly subcommands?: Readonly<Record<string, string | Form>>
  /** Options that every subcommand has too. */
  readonly inherited?: string
  /** Words of subcommands that do not read, by what they do. */
  readonly changes?: Readonly<Partial<Record<Access, string>>>
  /** The class of whatever is not listed; unknown unless told. */
  readonly otherwise?: Access
  /** Judges in code what flags and operands cannot say. */
  readonly judge?: Judge
}

export interface Model extends Form {
  /** Its names, separated by spaces. */
  readonly names: string
  /** Command lines that are read. */
  readonly read: ReadonlyArray<string>
  /** Command lines that are not. */
  readonly notRead: ReadonlyArray<string>
}

export const reads = (why: string): Verdict => ({ class: "read", why })
export const unknown = (why: string, range?: Range): Verdict => ({ class: "unknown", why, ...(range && { range }) })
