// Quoting for a POSIX shell (POSIX.1-2024, XCU 2.2.2): between single quotes every byte stands for itself, except the quote.

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/

/** The text as one word, whatever it holds but NUL. */
export const quoteWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** An argument vector as people would type it: quoted only where it has to be. */
export const commandLine = (argv: ReadonlyArray<string>): string =>
  argv.map((word) => (PLAIN_WORD.test(word) ? word : quoteWord(word))).join(" ")
