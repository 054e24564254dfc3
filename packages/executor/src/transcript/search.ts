// Search over what runs wrote: the masked text of one organisation's transcripts, opened piece by piece and kept nowhere.
import { type Actor, AuditLog, Database, type ExecutionId, type RunId, SubjectCipher } from "@fluxcybers/core"
import { Context, Effect, Layer, Predicate } from "effect"
import { openChunks, type TranscriptChunk } from "../store/chunks.ts"
import { findRuns } from "../store/execution-reads.ts"
import type { RunRow } from "../store/rows.ts"
import { findPurge } from "../store/transcript-purges.ts"
import { listRecorded, type RecordedFilter } from "../store/transcript-search.ts"
import { type FoundText, type TextFinder, textFinder, type Wanted } from "./find-text.ts"

/** At most 2 MiB are opened at a time. */
const PAGE_CHUNKS = 32
/** One search goes through so much, looked at between two executions; then it says how to go on. */
const SEARCHED_BYTES_MAX = 256 * 1024 * 1024
const SEARCHED_EXECUTIONS_MAX = 1_000
const MATCHES_DEFAULT = 100
const MATCHES_MAX = 1_000

/** Where a search goes on: with this execution, past so many of its matches. */
export interface SearchPosition {
  readonly execution: ExecutionId
  readonly skip: number
}

/** What is looked for, where, and by whom. */
export interface TranscriptQuery extends Wanted, RecordedFilter {
  readonly actor: Actor
  /** 1 to 1,000; 100 unless told. */
  readonly limit?: number
  /** `next` of the search before. */
  readonly from?: SearchPosition
}

/** A match, and whose output it stands in. */
export interface TranscriptMatch extends FoundText {
  readonly execution: ExecutionId
  readonly run: RunId
  readonly targetName: string
  readonly stream: "stdout" | "stderr"
}

/** What a search found, and how far it came. */
export interface TranscriptMatches {
  /** Newest execution first, within it as they were recorded. */
  readonly matches: ReadonlyArray<TranscriptMatch>
  /** How many executions were looked at. */
  readonly executions: number
  /** Executions whose transcripts do not open: they were altered, or their key is gone. */
  readonly unreadable: ReadonlyArray<ExecutionId>
  /** Not everything was looked at: where to go on. */
  readonly next?: SearchPosition
}

/** Each search is in the log as `transcript.searched` before its result is given out: how many were found, never what was looked for. */
export class TranscriptSearch extends Context.Service<
  TranscriptSearch,
  {
    search(query: TranscriptQuery): Effect.Effect<TranscriptMatches>
  }
>()("fluxcybers/executor/TranscriptSearch") {
  static readonly layer: Layer.Layer<TranscriptSearch, never, Services> = Layer.effect(
    TranscriptSearch,
    Effect.map(Effect.context<Services>(), (context) =>
      TranscriptSearch.of({ search: (query) => Effect.provideContext(search(query), context) })
    )
  )
}

type Services = Database | SubjectCipher | AuditLog

const search = Effect.fn("TranscriptSearch.search")(function* (query: TranscriptQuery) {
  const found = yield* searched(query)
  yield* (yield* AuditLog).record({
    organisation: query.organisation,
    actor: query.actor,
    action: "transcript.searched",
    object: query.execution ?? "transcripts",
    outcome: "success",
    facts: { executions: found.executions, matches: found.matches.length, complete: found.next === undefined }
  })
  return found
})

const searched = Effect.fnUntraced(function* (query: TranscriptQuery) {
  const limit = Math.min(Math.max(query.limit ?? MATCHES_DEFAULT, 1), MATCHES_MAX)
  const matches: Array<TranscriptMatch> = []
  const unreadable: Array<ExecutionId> = []
  let [executions, bytes] = [0, 0]
  const result = (next?: SearchPosition): TranscriptMatches => ({
    matches,
    executions,
    unreadable,
    ...(next === undefined ? {} : { next })
  })
  let [id] = yield* listRecorded(query, {
    ...(query.from === undefined ? {} : { from: query.from.execution }),
    limit: 1
  })
  while (id !== undefined) {
    if (bytes >= SEARCHED_BYTES_MAX || executions >= SEARCHED_EXECUTIONS_MAX) return result({ execution: id, skip: 0 })
    const skip = query.from?.execution === id ? query.from.skip : 0
    const one = yield* inExecution(query, { id, skip, limit: limit - matches.length })
    matches.push(...one.matches)
    if (!one.isReadable) unreadable.push(id)
    executions += 1
    bytes += one.bytes
    if (one.hasMore) return result({ execution: id, skip: skip + one.matches.length })
    ;[id] = yield* listRecorded(query, { before: id, limit: 1 })
  }
  return result()
})

interface Part {
  readonly id: ExecutionId
  readonly skip: number
  readonly limit: number
}

/** One more than wanted is looked for, so that "there is more" is true whenever it is said. */
const inExecution = Effect.fnUntraced(function* (query: TranscriptQuery, { id, skip, limit }: Part) {
  const runs = (yield* findRuns(id)).filter((run) => isOn(run, query.target))
  const finders = findersOf(query, new Map(runs.map((run) => [run.id, run.target_name])))
  const taken = taking(skip, limit + 1)
  let bytes = 0
  const read = Effect.gen(function* () {
    for (let after = 0; ; ) {
      const chunks = yield* openChunks({ id, organisation: query.organisation }, { after, limit: PAGE_CHUNKS })
      for (const chunk of chunks) {
        bytes += chunk.bytes.length
        if (taken.isFullWith(finders.push(chunk))) return
      }
      if (chunks.length < PAGE_CHUNKS) return void taken.isFullWith(finders.end())
      after = chunks.at(-1)!.sequence
      yield* Effect.yieldNow
    }
  })
  const isReadable = yield* Effect.as(read, true).pipe(
    Effect.catchDefect((defect) =>
      Predicate.isTagged(defect, "CipherFailed") ? Effect.succeed(false) : Effect.die(defect)
    )
  )
  // Purged meanwhile: then what was read may have had holes.
  const isPurged = (yield* findPurge(id)) !== undefined
  const found = isPurged ? [] : taken.matches.map((match) => ({ execution: id, ...match }))
  return { matches: found.slice(0, limit), hasMore: found.length > limit, bytes, isReadable }
})

const isOn = (run: RunRow, target: string | undefined): boolean =>
  target === undefined || run.target === target || run.target_name === target

type RunMatch = Omit<TranscriptMatch, "execution">

/** Passes over the first matches and keeps so many of the next. */
const taking = (skip: number, limit: number) => {
  const matches: Array<RunMatch> = []
  let seen = 0
  return {
    matches,
    isFullWith: (found: Iterable<RunMatch>): boolean => {
      for (const match of found) {
        seen += 1
        if (seen > skip) matches.push(match)
        if (matches.length >= limit) return true
      }
      return false
    }
  }
}

/** One finder for each stream of each run: what two of them wrote is no one text. */
const findersOf = (wanted: Wanted, names: ReadonlyMap<RunId, string>) => {
  const finders = new Map<string, Pick<RunMatch, "run" | "stream"> & { readonly finder: TextFinder }>()
  const named = function* ({ run, stream }: Pick<RunMatch, "run" | "stream">, found: Iterable<FoundText>) {
    for (const text of found) yield { run, targetName: names.get(run) ?? "", stream, ...text } satisfies RunMatch
  }
  return {
    push: (chunk: TranscriptChunk): Iterable<RunMatch> => {
      const { run, stream } = chunk
      if (!names.has(run)) return []
      const key = `${run}/${stream}`
      const { finder } = finders.get(key) ?? { finder: textFinder(wanted) }
      finders.set(key, { run, stream, finder })
      return named(chunk, finder.push(chunk))
    },
    end: function* (): Iterable<RunMatch> {
      for (const writer of finders.values()) yield* named(writer, writer.finder.end())
    }
  }
}
