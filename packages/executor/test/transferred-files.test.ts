// Files that runs have fetched, as the gate keeps them and hands them out.
import { createHash } from "node:crypto"
import { it } from "@effect/vitest"
import { SystemActor } from "@fluxcybers/core"
import { DateTime, Effect, Layer, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Targets, TranscriptRetention, Transcripts, TransferredFiles } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  decideAs,
  ended,
  hostLayer,
  makeWorld,
  organisation,
  outputOf,
  proposeAs,
  testExecutor,
  unknownExecution,
  web1
} from "./world.ts"

const SECRET = "canary-7f3a91c2d4"
const content = Buffer.from(`password = ${SECRET}\n`.repeat(20_000))
const bytesMax = 1024 * 1024

/** Fetches a file of the same content from each target, after a word about it; `fails` does so after the half. */
const fetching = makeWorld({
  executors: [
    testExecutor({
      needsTarget: true,
      plan: ({ words }) => ({
        command:
          words[0] === "none" ? { _tag: "Argv", argv: ["ls"] } : { _tag: "Download", path: "/etc/app", bytesMax },
        access: "read",
        sentence: words.join(" ")
      }),
      run: ({ plan, output }) =>
        Effect.gen(function* () {
          yield* output("stderr", new TextEncoder().encode("here it comes\n"))
          yield* output("file", plan.sentence === "fails" ? content.subarray(0, 100) : content)
          return { exitCode: plan.sentence === "fails" ? 1 : 0 }
        })
    })
  ]
})

const host = (database: (typeof databases)[number]) =>
  TransferredFiles.layer.pipe(Layer.provideMerge(hostLayer(fetching, database)))

const ran = Effect.fnUntraced(function* (word: string, targets: ReadonlyArray<string> = ["web-1"]) {
  const proposed = yield* proposeAs(agent, { input: { words: [word] }, targets })
  return yield* ended((yield* decideAs(ada, proposed)).id)
})

const add = (name: string) =>
  Effect.flatMap(Targets, ({ add }) => add({ organisation, actor: ada, settings: { ...web1, name } }))

const bytesOf = Effect.fnUntraced(function* (stream: Stream.Stream<Uint8Array>) {
  return Buffer.concat(yield* Stream.runCollect(stream))
})

describe.each(databases)("on $name, a fetched file", (database) => {
  it.live("is handed out byte for byte, is no part of what the run said, and goes with that", () =>
    Effect.gen(function* () {
      yield* add("web-1")
      const files = yield* TransferredFiles
      const { id, runs } = yield* ran("fetch")
      const digest = createHash("sha256").update(content).digest("hex")
      expect(runs[0]?.outcome?.file).toEqual({ bytes: content.length, digest })
      const wanted = { organisation, actor: ada, execution: id }
      const file = yield* files.fetched(wanted)
      expect(file).toMatchObject({ run: runs[0]!.id, path: "/etc/app", bytes: content.length, digest })
      expect((yield* bytesOf(file.content)).equals(content)).toBe(true)
      expect(yield* outputOf(id)).toBe("here it comes\n")
      expect((yield* actionsOn(id)).at(-1)).toBe("execution.file-opened")

      const before = DateTime.add(yield* DateTime.now, { seconds: 1 })
      const actor = new SystemActor({ component: "retention" })
      yield* (yield* TranscriptRetention).purge({ organisation, actor, before })
      expect(yield* Effect.flip(files.fetched(wanted))).toMatchObject({ _tag: "TranscriptPurged" })
      expect(yield* Effect.flip((yield* Transcripts).available({ organisation, execution: id }))).toBeDefined()
    }).pipe(Effect.provide(host(database)))
  )

  it.live("is named where there are several, and refused where there is none or only a part", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(["web-1", "web-2"], add)
      const files = yield* TransferredFiles
      const { id, runs } = yield* ran("fetch", ["web-1", "web-2"])
      const open = (execution: typeof id, run?: string) =>
        files.fetched({ organisation, actor: ada, execution, ...(run === undefined ? {} : { run }) })
      const refusal = (execution: typeof id, run?: string) => Effect.flip(open(execution, run))
      expect(yield* refusal(id)).toMatchObject({ reason: "which-run" })
      expect(yield* refusal(id, "web-3")).toMatchObject({ reason: "unknown-run" })
      expect((yield* open(id, "web-2")).run).toBe(runs[1]!.id)
      expect((yield* open(id, runs[0]!.id)).run).toBe(runs[0]!.id)

      const failed = yield* ran("fails")
      expect(failed).toMatchObject({ state: "failed", runs: [{ outcome: { exitCode: 1 } }] })
      expect(yield* refusal(failed.id)).toMatchObject({ reason: "not-fetched" })
      expect(yield* refusal(unknownExecution)).toMatchObject({ _tag: "ExecutionNotFound" })
    }).pipe(Effect.provide(host(database)))
  )

  it.live("is taken from no executor whose plan fetches none", () =>
    Effect.gen(function* () {
      yield* add("web-1")
      const { id, state } = yield* ran("none")
      expect(state).toBe("unknown")
      const request = { organisation, actor: ada, execution: id }
      expect(yield* Effect.flip((yield* TransferredFiles).fetched(request))).toMatchObject({ reason: "no-download" })
      expect(yield* Effect.flip((yield* TransferredFiles).uploaded(request))).toMatchObject({ reason: "no-upload" })
    }).pipe(Effect.provide(host(database)))
  )
})
