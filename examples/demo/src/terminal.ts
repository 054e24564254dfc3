// What the person sees: numbered steps, and each command as they would type it.
import { styleText } from "node:util"

const startedAt = performance.now()
let steps = 0

const styled = (style: Parameters<typeof styleText>[0], text: string) =>
  styleText(style, text, { stream: process.stdout })

export const step = (title: string) => console.log(`\n${styled("bold", `${++steps}. ${title}`)}\n`)

export const say = (text: string) => console.log(indented(text))

export const showCommand = (words: ReadonlyArray<string>) =>
  console.log(indented(styled("cyan", `$ fluxcybers ${words.map(quoted).join(" ")}`)))

export const showOutput = (text: string) => {
  if (text.trim() !== "") console.log(indented(text.trimEnd()))
}

export const elapsedSeconds = () => ((performance.now() - startedAt) / 1_000).toFixed(1)

const indented = (text: string) => text.replace(/^(?=.)/gm, "   ")

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
