// The log as it grows, for one reader: each new checkpoint with its consistency proof, then the reader's entries under it.
import type { AuditFilter, AuditLog, IndexedEntry, OrganisationId } from "@fluxcybers/core"
import { Duration, Effect, Option, Schema, Stream } from "effect"
import { AuditWatchMessage } from "../api/audit.ts"
import type { Message } from "./sse.ts"

/** How soon a reader sees a new checkpoint. */
const LOOK_EVERY = Duration.millis(250)

interface Reader {
  readonly organisation: OrganisationId
  readonly query: Pick<AuditFilter, "object" | "actor" | "outcome"> & {
    readonly action?: string
    readonly known?: number
  }
  /** The last index that the reader has seen. */
  readonly after: number | undefined
}

interface Step {
  readonly from: number
  readonly size: number
  readonly checkpoint: string
}

/** Without an end. */
export const watchLog = (log: AuditLog["Service"], { organisation, query, after }: Reader): Stream.Stream<Message> => {
  const fits = ({ entry }: IndexedEntry) =>
    FILTERS.every((name) => query[name] === undefined || query[name] === entry[name])
  let next = after === undefined ? undefined : after + 1
  return Stream.flatMap(newCheckpoints(log, query.known), (step) => {
    const begin = next ?? step.size
    next = Math.max(begin, step.size)
    const entries = log.exportEntries({ organisation, from: begin }).pipe(
      Stream.takeWhile(({ index }) => index < step.size),
      Stream.filter(fits),
      Stream.mapEffect(({ index, entry }) => watchMessage({ _tag: "Entry", index, entry }, index))
    )
    const reached = watchMessage({ _tag: "Reached", size: step.size }, step.size === 0 ? undefined : step.size - 1)
    return Stream.fromEffect(checkpointMessage(log, step)).pipe(
      Stream.concat(entries),
      Stream.concat(Stream.fromEffect(reached))
    )
  })
}

const FILTERS = ["object", "action", "actor", "outcome"] as const

/** The newest checkpoint now, and then every one that is larger than the one before. */
const newCheckpoints = (log: AuditLog["Service"], known: number | undefined): Stream.Stream<Step> =>
  Stream.paginate({ from: known ?? 0, last: -1 }, ({ from, last }) =>
    Effect.gen(function* () {
      const checkpoint = yield* log.checkpoint
      const size = Number(checkpoint.split("\n")[1])
      if (size <= last) {
        yield* Effect.sleep(LOOK_EVERY)
        return [[], Option.some({ from, last })] as const
      }
      return [[{ from, size, checkpoint }], Option.some({ from: size, last: size })] as const
    })
  )

/** A reader who knows of more than there is gets no proof: there is none, and the size says so. */
const checkpointMessage = Effect.fnUntraced(function* (
  log: AuditLog["Service"],
  { from, size, checkpoint }: Step
): Effect.fn.Return<Message> {
  const proof = from > 0 && from < size ? yield* Effect.orDie(log.proveConsistency({ first: from, second: size })) : []
  const hashes = proof.map((hash) => Buffer.from(hash).toString("base64"))
  return yield* watchMessage({ _tag: "Checkpoint", from, checkpoint, proof: hashes })
})

const encodeMessage = Schema.encodeEffect(Schema.fromJsonString(AuditWatchMessage))

export const watchMessage = (content: typeof AuditWatchMessage.Type, id?: number): Effect.Effect<Message> =>
  Effect.map(Effect.orDie(encodeMessage(content)), (data) => (id === undefined ? { data } : { id, data }))
