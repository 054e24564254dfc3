// A transcript in the format of terminal players: asciicast v2 and v3 (docs.asciinema.org/manual/asciicast/v3). It is derived: the
// recording keeps the bytes as they were, while JSON text cannot hold what is not UTF-8.
import type { TranscriptChunk } from "../store/chunks.ts"
import { namedLines } from "./named-lines.ts"

/** What a player shows of a recording besides its output. */
export interface Recording {
  /** ISO 8601; when the run started. */
  readonly startedAt: string
  readonly title?: string
  /** 80 by 24 characters unless told. */
  readonly columns?: number
  readonly rows?: number
  /** 2 unless told: older players know nothing else. Version 3 also holds the exit status. */
  readonly version?: 2 | 3
}

/** How a recorded run ended. */
export interface RecordingEnd {
  /** ISO 8601. */
  readonly endedAt: string
  readonly exitCode: number
}

/** Lines of an asciicast, one piece at a time. */
export interface AsciicastWriter {
  readonly header: string
  /** The event of a chunk; empty when the chunk ends within its first character. */
  line(chunk: TranscriptChunk): string
  /** What follows the last chunk; may be empty. */
  end(ended?: RecordingEnd): string
}

/** A writer for the chunks of one run, in order. */
export const asciicastWriter = (recording: Recording): AsciicastWriter => {
  const screens = { stdout: screen(), stderr: screen() }
  const event = recording.version === 3 ? eventsByInterval() : eventsByTime()
  const startedMs = Date.parse(recording.startedAt)
  return {
    header: `${JSON.stringify(headerOf(recording))}\n`,
    line: ({ stream, atMs, bytes }) => {
      const text = screens[stream](bytes)
      return text === "" ? "" : event(atMs, "o", text)
    },
    end: (ended) =>
      ended === undefined || recording.version !== 3
        ? ""
        : event(Date.parse(ended.endedAt) - startedMs, "x", String(ended.exitCode))
  }
}

/** The whole asciicast of one run. Pure. */
export const asciicast = (recording: Recording, chunks: Iterable<TranscriptChunk>, ended?: RecordingEnd): string => {
  const writer = asciicastWriter(recording)
  return [writer.header, ...Array.from(chunks, writer.line), writer.end(ended)].join("")
}

/** A run among several that are shown together. */
export interface RecordedRun {
  /** The name of its target, in front of each of its lines. */
  readonly name: string
  /** ISO 8601. */
  readonly startedAt: string
}

/** A writer for the chunks of several runs: whole lines behind the names of their targets, on one clock. `runs` by their ids. */
export const combinedAsciicastWriter = (
  recording: Recording,
  runs: ReadonlyMap<string, RecordedRun>
): AsciicastWriter => {
  const { header, line } = asciicastWriter(recording)
  const lines = namedLines<TranscriptChunk>(new Map(Array.from(runs, ([id, { name }]) => [id, name])))
  const startedMs = Date.parse(recording.startedAt)
  const onOneClock = (chunk: TranscriptChunk): TranscriptChunk => {
    const ownStartMs = Date.parse(runs.get(chunk.run)?.startedAt ?? recording.startedAt)
    return { ...chunk, atMs: chunk.atMs + ownStartMs - startedMs }
  }
  return {
    header,
    line: (chunk) => {
      const whole = lines.push(chunk)
      return whole === undefined ? "" : line(onOneClock(whole))
    },
    end: () =>
      lines
        .rest()
        .map((chunk) => line(onOneClock(chunk)))
        .join("")
  }
}

const headerOf = ({ version = 2, startedAt, title, columns = 80, rows = 24 }: Recording) => ({
  version,
  ...(version === 3 ? { term: { cols: columns, rows } } : { width: columns, height: rows }),
  timestamp: Math.floor(Date.parse(startedAt) / 1_000),
  ...(title === undefined ? {} : { title })
})

type EventLine = (atMs: number, code: "o" | "x", data: string) => string

/** Version 2: seconds since the start. Time never runs backwards, also where several runs are put together. */
const eventsByTime = (): EventLine => {
  let latestMs = 0
  return (atMs, code, data) => {
    latestMs = Math.max(latestMs, atMs)
    return `${JSON.stringify([latestMs / 1_000, code, data])}\n`
  }
}

/** Version 3: seconds since the event before. */
const eventsByInterval = (): EventLine => {
  let latestMs = 0
  return (atMs, code, data) => {
    const passedMs = Math.max(0, atMs - latestMs)
    latestMs += passedMs
    return `${JSON.stringify([passedMs / 1_000, code, data])}\n`
  }
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
