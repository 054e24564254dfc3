// Words as a POSIX shell would read them back, for showing an argument vector on one line without ambiguity.
import { faithful } from "./escape.ts"

const PLAIN_WORD = /^[A-Za-z0-9_%+=:,./@-]+$/
const PLAIN_PART = /^[A-Za-z0-9_%+:,./-]+$/

/** One word of a command, quoted where it needs to be and escaped. */
export const shellWord = (text: string): string => quoted(text, PLAIN_WORD)

/** A part of `account@host` or `NAME=value`: quoted also when it contains `@` or `=`. */
export const shellPart = (text: string): string => quoted(text, PLAIN_PART)

/** An argument vector on one line: different vectors never look the same. */
export const shellWords = (words: ReadonlyArray<string>): string => words.map(shellWord).join(" ")

const quoted = (text: string, plain: RegExp): string => quoteShown(faithful(text), plain)

const quoteShown = (escaped: string, plain: RegExp): string =>
  plain.test(escaped) ? escaped : `'${escaped.replaceAll("'", String.raw`'\''`)}'`

/** The same for a text that is escaped already. */
export const shownWord = (escaped: string): string => quoteShown(escaped, PLAIN_WORD)

/** The same as `shellPart` for a text that is escaped already. */
export const shownPart = (escaped: string): string => quoteShown(escaped, PLAIN_PART)
