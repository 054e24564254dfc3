// Words as a POSIX shell would read them back, for showing an argument vector on one line without ambiguity.
import { faithful } from "./visible-text.ts"

const PLAIN_WORD = /^[A-Za-z0-9_%+=:,./@-]+$/
const PLAIN_PART = /^[A-Za-z0-9_%+:,./-]+$/

/** One word of a command, quoted where it needs to be and escaped. */
export const shellWord = (text: string): string => quoted(text, PLAIN_WORD)

/** A part of `account@host` or `NAME=value`: quoted also when it contains `@` or `=`. */
export const shellPart = (text: string): string => quoted(text, PLAIN_PART)

/** An argument vector on one line: different vectors never look the same. */
export const shellWords = (words: ReadonlyArray<string>): string => words.map(shellWord).join(" ")

const quoted = (text: string, plain: RegExp): string =>
  plain.test(text) ? text : `'${faithful(text).replaceAll("'", String.raw`'\''`)}'`
