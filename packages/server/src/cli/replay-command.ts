// `executions replay`: the recording of what a command wrote, as it was then; live while it still runs.
import { writeFileSync } from "node:fs"
import type { ExecutionId } from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type CallApi, connect } from "./api.ts"
import { OutputCapture } from "./captured-output.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"
import { Json } from "./global-flags.ts"
import { liveOutput } from "./live-output.ts"
import { answer, writeOut } from "./output.ts"
import { executionArgument } from "./parameters.ts"
import { isSettled } from "./run-outcome.ts"
import { type OutputPiece, watch } from "./watch.ts"

export const replay = Command.make(
  "replay",
  {
    id: executionArgument,
    run: Flag.String("run").pipe(
      Flag.withMetavar("RUN"),
      Flag.withDescription("Only this run, where there are several: its id, or its target's name"),
      Flag.optional
    ),
    speed: Flag.Finite("speed").pipe(
      Flag.withMetavar("N"),
      Flag.filter(
        (speed) => speed > 0,
        () => "Expected a number above 0"
      ),
      Flag.withDescription("So many times as fast as it was"),
      Flag.withDefault(1)
    ),
    raw: Flag.Boolean("raw").pipe(
      Flag.withDescription("All at once, byte for byte"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    asciicast: Flag.String("asciicast").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Write the recording as an asciicast for players; - is standard output"),
      Flag.optional
    ),
    version: Flag.Literals("asciicast-version", ["2", "3"]).pipe(
      Flag.withDescription("Format of the asciicast: 2 for every player, 3 with the exit status"),
      Flag.withDefault("2")
    )
  },
  Effect.fnUntraced(function* ({ id, run, speed, raw, asciicast, version }) {
    const api = yield* connect
    const execution = yield* api((client) => client.executions.show({ params: { id } }))
    const wanted = Option.getOrUndefined(run)
    const runs = execution.runs.filter((one) => wanted === undefined || one.id === wanted || one.targetName === wanted)
    if (runs.length === 0) return yield* noSuchRun(id, wanted)
    if (Option.isSome(asciicast)) {
      const query = { version, ...(wanted === undefined ? {} : { run: runs[0]!.id }) }
      return yield* writeAsciicast({ api, id, query, path: asciicast.value })
    }
    const isWanted = new Set(runs.map((one) => one.id as string))
    if (yield* Json) return yield* document(api, id, isWanted)
    const output = liveOutput(new Map(runs.map((one) => [one.id as string, one.targetName])), raw)
    const pace = raw || !isSettled(execution.state) ? () => Effect.void : paced(speed)
    yield* watch(api, id, {
      onOutput: (piece) => (isWanted.has(piece.run) ? Effect.andThen(pace(piece), output.write(piece)) : Effect.void)
    })
    yield* output.finish
  })
).pipe(
  Command.withDescription("Print what a command wrote, at the speed it was written; live while it runs"),
  Command.withExamples([
    { command: "fluxcybers executions replay exec_01… --speed 10" },
    { command: "fluxcybers executions replay exec_01… --raw > output.txt" },
    { command: "fluxcybers executions replay exec_01… --asciicast session.cast" }
  ])
)

/** Waits before a piece as long as the command waited. */
const paced = (speed: number) => {
  const last = new Map<string, number>()
  return (piece: OutputPiece) => {
    const waitMs = Math.max(0, piece.atMs - (last.get(piece.run) ?? piece.atMs)) / speed
    last.set(piece.run, piece.atMs)
    return Effect.sleep(waitMs)
  }
}

const document = Effect.fnUntraced(function* (api: CallApi, id: ExecutionId, isWanted: ReadonlySet<string>) {
  const captured = new OutputCapture()
  const ended = yield* watch(api, id, { onOutput: (piece) => Effect.sync(() => captured.add(piece)) })
  const output = captured.of(ended.runs).filter(({ run }) => isWanted.has(run))
  yield* answer({ execution: ended, output }, () => "")
})

const writeAsciicast = Effect.fnUntraced(function* (input: {
  readonly api: CallApi
  readonly id: ExecutionId
  readonly query: { readonly version: "2" | "3"; readonly run?: string }
  readonly path: string
}) {
  const { id, query, path } = input
  const cast = yield* input.api((client) => client.executions.transcript({ params: { id }, query }))
  if (path === "-") return yield* writeOut(cast)
  yield* Effect.try({
    // A recording may hold what only its readers should see; and no other file is ever overwritten by it.
    try: () => writeFileSync(path, cast, { mode: 0o600, flag: "wx" }),
    catch: (cause) => usageFailure(`${path} was not written: ${fileErrorText(cause)}`)
  })
  yield* answer({ file: path, execution: id, ...query }, () => `Wrote ${path}.\n`)
})

const noSuchRun = (id: string, run: string | undefined) =>
  new CliFailure({
    exit: "not-found",
    code: "run-unknown",
    title: "No such run",
    detail:
      run === undefined ? `${id} has no runs.` : `${id} has no run ${run}. Its runs: fluxcybers executions show ${id}`
  })
