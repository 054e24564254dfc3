// Words and bytes as the text of a view shows them, taken from the beginning of a line.
import type { PinnedTarget } from "../src/index.ts"

export const bytesIn = (shown: string): Buffer =>
  Buffer.concat(
    shown.split(/(<(?:U\+[0-9A-F]{4,6}|0x[0-9A-F]{2})>)/).map((part, index) => {
      if (index % 2 === 0) return Buffer.from(part)
      const code = Number.parseInt(part.slice(3, -1), 16)
      return part.startsWith("<0x") ? Buffer.of(code) : Buffer.from(String.fromCodePoint(code))
    })
  )
export const textIn = (shown: string): string => bytesIn(shown).toString("utf8")

const WORD = /^(?:'(?:[^']|'\\'')*'(?!\\)|[A-Za-z0-9_%+=:,./@-]+)/
/** The port stands behind the last colon. */
const HOST = /^(?:'(?:[^']|'\\'')*'(?!\\)|[A-Za-z0-9_%+:,./-]+(?=:\d+$))/
const PART = /^(?:'(?:[^']|'\\'')*'(?!\\)|[A-Za-z0-9_%+:,./-]+)/

/** Takes words and the texts between them from the beginning of a line. */
export const taker = (line: string) => {
  let rest = line
  const take = (pattern: RegExp): string => {
    const [found] = pattern.exec(rest) ?? []
    if (found === undefined) throw new Error(`Not read: ${rest}`)
    rest = rest.slice(found.length)
    return found
  }
  const unquoted = (word: string) =>
    textIn(word.startsWith("'") ? word.slice(1, -1).replaceAll(String.raw`'\''`, "'") : word)
  return {
    word: () => unquoted(take(WORD)),
    part: () => unquoted(take(PART)),
    host: () => unquoted(take(HOST)),
    skip: (text: string) => {
      if (!rest.startsWith(text)) throw new Error(`Not "${text}": ${rest}`)
      rest = rest.slice(text.length)
    },
    number: () => Number(take(/^\d+/)),
    has: (text: string) => rest.startsWith(text),
    id: <Id extends string = PinnedTarget["id"]>() => take(/^(?:target|runbook)_\w+/) as Id,
    isEmpty: () => rest === ""
  }
}
