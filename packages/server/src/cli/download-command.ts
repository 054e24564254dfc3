// `executions download`: the file that an execution has fetched, or the one that it puts on its targets.
import { createHash } from "node:crypto"
import { closeSync, openSync, rmSync, writeSync } from "node:fs"
import type { ExecutionId } from "@fluxcybers/core"
import type { Execution } from "@fluxcybers/executor"
import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"
import { answer, note, writeOut } from "./output.ts"
import { executionArgument, present } from "./parameters.ts"

export const download = Command.make(
  "download",
  {
    id: executionArgument,
    run: Flag.String("run").pipe(
      Flag.withMetavar("RUN"),
      Flag.withDescription("From this run, where there are several: its id, or its target's name"),
      Flag.optional
    ),
    uploaded: Flag.Boolean("uploaded").pipe(
      Flag.withDescription("The file that the execution puts on its targets, to look at before you approve it"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    output: Flag.String("output").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("FILE"),
      Flag.withDescription("Write it to this new file; - is standard output")
    )
  },
  Effect.fnUntraced(function* ({ id, run, uploaded, output }) {
    const api = yield* connect
    const execution = yield* api((client) => client.executions.show({ params: { id } }))
    const wanted = Option.getOrUndefined(run)
    const content = yield* uploaded
      ? api((client) => client.executions.uploaded({ params: { id } }))
      : api((client) => client.executions.file({ params: { id }, query: present({ run: wanted }) }))
    const written = yield* Effect.scoped(write(id, output, content))
    const expected = uploaded ? execution.plan.stdinDigest : fetchedDigest(execution, wanted)
    if (written.digest !== expected) return yield* otherDigest(output)
    const told = `${written.bytes} bytes with SHA-256 ${written.digest}\n`
    if (output === "-") return yield* note(told)
    yield* answer({ execution: id, file: output, ...written }, () => `Wrote ${output}: ${told}`)
  })
).pipe(
  Command.withDescription(
    "Get the file that an execution has fetched (that you did is logged), or look at the one that it puts on its targets"
  ),
  Command.withShortDescription("Get the file that an execution has fetched, or look at the one that it uploads"),
  Command.withExamples([
    { command: "fluxcybers executions download exec_01… -o app.log" },
    { command: "fluxcybers executions download exec_01… --run web-2 -o web-2.log" },
    { command: "fluxcybers executions download exec_01… --uploaded -o - | less" }
  ])
)

const fetchedDigest = ({ runs }: Execution, wanted: string | undefined): string | undefined =>
  runs.find(({ id, targetName }) => wanted === undefined || id === wanted || targetName === wanted)?.outcome?.file
    ?.digest

/** A file may hold what only its readers should see; and no other file is ever overwritten by it. */
const write = Effect.fnUntraced(function* (
  id: ExecutionId,
  output: string,
  content: Stream.Stream<Uint8Array, unknown>
) {
  const hash = createHash("sha256")
  let bytes = 0
  const handle = output === "-" ? undefined : yield* created(output)
  const take = (piece: Uint8Array) => {
    hash.update(piece)
    bytes += piece.length
    return handle === undefined ? writeOut(piece) : Effect.sync(() => void writeWhole(handle, piece))
  }
  yield* Stream.runForEach(content, take).pipe(
    Effect.catchCause(() => {
      if (handle !== undefined) rmSync(output, { force: true })
      return Effect.fail(brokenOff(id))
    })
  )
  return { bytes, digest: hash.digest("hex") }
})

const created = (output: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => openSync(output, "wx", 0o600),
      catch: (cause) => usageFailure(`${output} was not written: ${fileErrorText(cause)}`)
    }),
    (handle) => Effect.sync(() => closeSync(handle))
  )

const writeWhole = (handle: number, piece: Uint8Array): void => {
  for (let at = 0; at < piece.length; ) at += writeSync(handle, piece, at)
}

const brokenOff = (id: string) =>
  new CliFailure({
    exit: "failure",
    code: "file-broke-off",
    title: "The file broke off",
    detail: `The file of ${id} did not arrive whole, or could not be written. Nothing was kept. Try it again.`
  })

const otherDigest = (output: string) => {
  if (output !== "-") rmSync(output, { force: true })
  return new CliFailure({
    exit: "failure",
    code: "file-digest",
    title: "Not that file",
    detail: "What arrived has another digest than the one that was recorded. Nothing was kept."
  })
}
