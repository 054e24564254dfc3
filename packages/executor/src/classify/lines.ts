// Many command lines, one a line, to one JSON object a line.
import { type ClassifyOptions, COMMAND_LENGTH_MAX, classify } from "./classify.ts"

/** Judges each line; what comes back is `{"class":…,"parts":[{"range":[start,end],"class":…,"why":…},…]}`, in the same order, without line ends. */
export async function* classifyLines(
  lines: AsyncIterable<string> | Iterable<string>,
  options: ClassifyOptions = {}
): AsyncGenerator<string, void> {
  for await (const line of lines) yield JSON.stringify(classify(line, options))
}

/**
 * The lines of UTF-8 text. Only a line feed ends one: other readers also stop at a carriage return or U+2028, and would show a
 * shell's single line as several. A line is cut after `COMMAND_LENGTH_MAX` and one more, which is enough to be refused.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let rest = ""
  for await (const chunk of chunks) {
    const pieces = decoder.decode(chunk, { stream: true }).split("\n")
    for (const [index, piece] of pieces.entries()) {
      rest = (rest + piece).slice(0, COMMAND_LENGTH_MAX + 1)
      if (index < pieces.length - 1) {
        yield rest
        rest = ""
      }
    }
  }
  rest += decoder.decode()
  if (rest !== "") yield rest
}
