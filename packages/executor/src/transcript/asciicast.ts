// A transcript in the format of terminal players: asciicast v2 (docs.asciinema.org/manual/asciicast/v2). It is derived: the recording
// keeps the bytes as they were, while JSON text cannot hold what is not UTF-8.
import type { TranscriptChunk } from "../store/chunks.ts"

/** What a player shows of a recording besides its output. */
export interface Recording {
  /** ISO 8601; when the run started. */
  readonly startedAt: string
  readonly title?: string
  /** 80 by 24 characters unless told. */
  readonly columns?: number
  readonly rows?: number
}

/** Lines of an asciicast, one piece at a time. */
export interface AsciicastWriter {
  readonly header: string
  /** The event of a chunk; empty when the chunk ends within its first character. */
  line(chunk: TranscriptChunk): string
}

/** A writer for the chunks of one run, in order. */
export const asciicastWriter = (recording: Recording): AsciicastWriter => {
  const screens = { stdout: screen(), stderr: screen() }
  const header = {
    version: 2,
    width: recording.columns ?? 80,
    height: recording.rows ?? 24,
    timestamp: Math.floor(Date.parse(recording.startedAt) / 1_000),
    ...(recording.title === undefined ? {} : { title: recording.title })
  }
  return {
    header: `${JSON.stringify(header)}\n`,
    line: ({ stream, atMs, bytes }) => {
      const text = screens[stream](bytes)
      return text === "" ? "" : `${JSON.stringify([atMs / 1_000, "o", text])}\n`
    }
  }
}

/** The whole asciicast v2 of one run. Pure. */
export const asciicast = (recording: Recording, chunks: Iterable<TranscriptChunk>): string => {
  const writer = asciicastWriter(recording)
  return [writer.header, ...Array.from(chunks, writer.line)].join("")
}

/** Bytes as a terminal would have been sent them: characters may be cut by a chunk's end, and a line feed alone does not return. */
const screen = () => {
  const decoder = new TextDecoder()
  let wasReturn = false
  return (bytes: Uint8Array): string => {
    const text = decoder.decode(bytes, { stream: true })
    const shown = text.replace(/\r?\n/g, (end, at) => (at === 0 && wasReturn ? end : "\r\n"))
    if (text !== "") wasReturn = text.endsWith("\r")
    return shown
  }
}
