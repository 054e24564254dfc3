// `audit watch`: the log as it grows. Every checkpoint is verified to go on from the one before; a log that does not ends it, loudly.
import {
  type Checkpoint,
  followCheckpoint,
  type IndexedEntry,
  type LogNotConsistent,
  type NoteVerifier,
  parseVerifierKey
} from "@fluxcybers/core"
import { Effect, Option, Result, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import type { AuditWatchMessage } from "../api/audit.ts"
import { type CallApi, connect } from "./api.ts"
import { actionFlag, actorFlag, objectFlag, outcomeFlag } from "./audit-filter-flags.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { Json } from "./global-flags.ts"
import { moment } from "./moment.ts"
import { note, type OutputClosed, writeOut } from "./output.ts"
import { present } from "./parameters.ts"
import { isPassing, PAUSES_MS } from "./patience.ts"
import { visible } from "./visible-text.ts"

export const watchLog = Command.make(
  "watch",
  {
    object: objectFlag,
    action: actionFlag,
    actor: actorFlag,
    outcome: outcomeFlag,
    after: Flag.Int("after").pipe(
      Flag.withMetavar("INDEX"),
      Flag.withDescription("Begin behind this index, the last one that you have; without it, with what comes now"),
      Flag.optional
    ),
    key: Flag.String("key").pipe(
      Flag.withMetavar("VKEY"),
      Flag.withDescription("The log's verifier key, from somewhere else; without it the one that the server names"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ object, action, actor, outcome, after, key }) {
    const api = yield* connect
    const named = Option.isSome(key) ? key.value : (yield* api((client) => client.audit.checkpoint())).verifierKey
    const log = yield* Effect.mapError(Effect.fromResult(parseVerifierKey(named)), ({ message }) =>
      usageFailure(message)
    )
    yield* note(`Following ${visible(named)}; Ctrl-C ends it.`)
    const filter = present({
      object: Option.getOrUndefined(object),
      action: Option.getOrUndefined(action),
      actor: Option.getOrUndefined(actor),
      outcome: Option.getOrUndefined(outcome)
    })
    const isJson = yield* Json
    const show = (entry: IndexedEntry) => writeOut(isJson ? `${JSON.stringify(entry)}\n` : line(entry))
    return yield* follow({ api, filter, log, show, seen: { after: Option.getOrUndefined(after), known: undefined } })
  })
).pipe(
  Command.withDescription(
    "Follow the log live, and verify that it only grows; with --json one JSON object a line. Stops when the log was forked or rolled back"
  ),
  Command.withShortDescription("Follow the log live, and verify that it only grows"),
  Command.withExamples([
    { command: "fluxcybers audit watch" },
    { command: "fluxcybers audit watch --outcome denied --json --after 1200" }
  ])
)

const line = ({ index, entry }: IndexedEntry): string =>
  `${[String(index), moment(entry.time), entry.action, entry.outcome, entry.object, entry.actor].map(visible).join("  ")}\n`

interface Following {
  readonly api: CallApi
  readonly filter: Partial<Record<"object" | "action" | "actor", string>> & {
    readonly outcome?: IndexedEntry["entry"]["outcome"]
  }
  readonly log: NoteVerifier
  readonly show: (entry: IndexedEntry) => Effect.Effect<void, OutputClosed>
  readonly seen: Seen
}

/** What a reader who comes back says. */
export interface Seen {
  after: number | undefined
  known: Checkpoint | undefined
}

/** Through dropped connections and restarts of the server, until it is told to stop, or the log is not what it was. */
const follow = Effect.fnUntraced(function* (following: Following): Effect.fn.Return<never, CliFailure | OutputClosed> {
  const { seen } = following
  let failures = 0
  while (true) {
    const before = seen.known?.size
    const ended = yield* Effect.result(connection(following))
    if (Result.isFailure(ended) && !isPassing(ended.failure)) return yield* Effect.fail(ended.failure)
    failures = seen.known?.size === before ? failures + 1 : 0
    const pauseMs = PAUSES_MS[failures]
    if (pauseMs === undefined) return yield* lostSight(seen)
    yield* Effect.sleep(pauseMs)
  }
})

const connection = Effect.fnUntraced(function* ({ api, filter, log, show, seen }: Following) {
  const position = present({ after: seen.after, known: seen.known && Number(seen.known.size) })
  const messages = yield* api((client) => client.audit.watch({ query: { ...filter, ...position } }))
  yield* Stream.runForEach(Stream.mapError(messages, interrupted), (message) => take(message, { log, show, seen }))
})

/** Takes one message in: nothing under a checkpoint is shown before that was verified. */
export const take = Effect.fnUntraced(function* (
  message: typeof AuditWatchMessage.Type,
  { log, show, seen }: Pick<Following, "log" | "show" | "seen">
) {
  switch (message._tag) {
    case "Checkpoint": {
      const proof = message.proof.map((hash) => Buffer.from(hash, "base64"))
      const known = seen.known === undefined ? {} : { known: seen.known }
      const next = followCheckpoint({ ...known, note: message.checkpoint, proof, log })
      seen.known = yield* Effect.mapError(Effect.fromResult(next), notTheSameLog)
      return
    }
    case "Entry":
      seen.after = message.index
      return yield* show(message)
    case "Reached":
      seen.after = message.size === 0 ? seen.after : message.size - 1
      return
    case "Problem":
      return yield* interrupted()
  }
})

const notTheSameLog = ({ reason, message }: LogNotConsistent) =>
  new CliFailure({
    exit: "failure",
    code: `log-${reason}`,
    title: "This is not the log that it was",
    detail:
      `${message}\nNothing after that was shown. Keep a copy of the database as it is, and compare with the checkpoints that others hold:\n` +
      "fluxcybers audit verify"
  })

const interrupted = (): CliFailure =>
  new CliFailure({ exit: "unreachable", code: "stream-interrupted", title: "Stream interrupted", detail: "" })

const lostSight = ({ after }: Seen): CliFailure =>
  new CliFailure({
    exit: "unreachable",
    code: "lost-sight",
    title: "Connection lost",
    detail: `The connection to the server was lost, and it did not come back.\nLater: fluxcybers audit watch${after === undefined ? "" : ` --after ${after}`}`
  })
