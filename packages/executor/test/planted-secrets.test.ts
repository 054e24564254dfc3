// A secret is planted in everything that a run can write, and then searched for in everything that is kept or shown.
import { it } from "@effect/vitest"
import { AuditLog, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, RunError, TranscriptSearch, Transcripts } from "../src/index.ts"
import {
  ada,
  databaseDump,
  decideAs,
  ended,
  hostLayer,
  makeWorld,
  organisation,
  proposeAs,
  testExecutor
} from "./world.ts"

const CANARY = `c4n4ry/Zq+7~"k'é$9\\never`
const FORM = `ghp_${"c4n4ryZq7k9".repeat(4)}`
const bytes = (text: string) => Buffer.from(text, "utf8")

/** The secret behind 0, 1 and 2 other bytes, without the characters at its ends that the others have a part in. */
const aligned = (encoding: "base64" | "base64url") =>
  [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset, 33), bytes(CANARY), Buffer.alloc(2, 33)])
      .toString(encoding)
      .slice(4, -4)
  )

/** What must be found nowhere. */
const FORBIDDEN = [
  CANARY,
  ...aligned("base64"),
  ...aligned("base64url"),
  bytes(CANARY).toString("hex"),
  bytes(CANARY).toString("hex").toUpperCase(),
  encodeURIComponent(CANARY),
  new URLSearchParams({ "": CANARY }).toString().slice(1),
  JSON.stringify(CANARY).slice(1, -1),
  CANARY.replaceAll("'", `'\\''`),
  CANARY.replace(/["\\$`]/g, "\\$&"),
  FORM
]

const written = [
  ...FORBIDDEN.slice(0, 1),
  ...FORBIDDEN.slice(7),
  ...[0, 1, 2]
    .map((offset) => `${"!".repeat(offset)}${CANARY}!!`)
    .flatMap((text) => [bytes(text).toString("base64"), bytes(text).toString("base64url")]),
  `--token=${CANARY}`,
  `KEY=${CANARY}`,
  `{"value":${JSON.stringify(CANARY)}}`
].map(bytes)

const forbiddenIn = (text: string): ReadonlyArray<string> => {
  const latin1 = bytes(text).toString("latin1")
  return FORBIDDEN.filter(
    (each) => text.includes(each) || latin1.includes(each) || text.includes(bytes(each).toString("latin1"))
  )
}

/** Writes everything on both streams, cut in two at every place, and then breaks down with the secret in its words. */
const leaking = testExecutor({
  plan: () => ({ command: { _tag: "Argv", argv: ["x"] }, access: "write", sentence: "Leaks.", secrets: ["planted"] }),
  run: Effect.fnUntraced(function* ({ output }) {
    const reveal = (yield* SecretReader).reveal("planted")
    const value = yield* Effect.mapError(reveal, (reason) => new RunError({ executor: "echo", reason }))
    for (const [index, text] of written.entries()) {
      const stream = index % 2 === 0 ? "stdout" : "stderr"
      for (let cut = 1; cut < text.length; cut++) {
        yield* output(stream, text.subarray(0, cut))
        yield* output(stream, Buffer.concat([text.subarray(cut), bytes("\n")]))
      }
    }
    yield* output("stdout", bytes("the end\n"))
    return yield* Effect.die(new Error(`it broke with ${Buffer.from(Redacted.value(value))} and ${FORM}`))
  })
})

describe.each(databases.slice(0, 2))("a planted secret on $name", (database) => {
  const world = makeWorld({ executors: [leaking], secrets: new Map([["planted", { version: 1, value: CANARY }]]) })

  it.live("is found nowhere: transcript, live stream, search, log, errors, database", () =>
    Effect.gen(function* () {
      const gate = yield* Gate
      const { id } = yield* Effect.flatMap(proposeAs(ada), (proposed) => decideAs(ada, proposed))
      const execution = yield* ended(id)
      expect(execution.state).toBe("unknown")
      const whole = (pieces: ReadonlyArray<Uint8Array>) => Buffer.concat(pieces).toString("utf8")
      const chunks = yield* Stream.runCollect((yield* Transcripts).read({ organisation, execution: id }))
      const live = yield* Stream.runCollect(gate.events(organisation, id))
      for (const stream of ["stdout", "stderr"]) {
        const recorded = whole(chunks.filter((chunk) => chunk.stream === stream).map((chunk) => chunk.bytes))
        expect(recorded).toContain("***")
        expect(forbiddenIn(recorded)).toEqual([])
        const shown = live.flatMap((event) => (event._tag === "Output" && event.stream === stream ? [event.bytes] : []))
        expect(whole(shown)).toBe(recorded)
      }
      expect(whole(chunks.map((chunk) => chunk.bytes))).toContain("[masked: github-token]")
      const { search } = yield* TranscriptSearch
      for (const text of FORBIDDEN) {
        expect(yield* search({ organisation, actor: ada, text })).toMatchObject({ executions: 1, matches: [] })
      }
      expect((yield* search({ organisation, actor: ada, text: "the end" })).matches).toHaveLength(1)
      const log = yield* (yield* AuditLog).list({ organisation, limit: 1_000 })
      expect(forbiddenIn(JSON.stringify([execution, log]))).toEqual([])
      expect(forbiddenIn(yield* databaseDump)).toEqual([])
    }).pipe(Effect.provide(hostLayer(world, database)))
  )

  it.live("that somebody reads the transcript is in the log before", () =>
    Effect.gen(function* () {
      const { id } = yield* Effect.flatMap(proposeAs(ada), (proposed) => decideAs(ada, proposed))
      yield* ended(id)
      yield* (yield* Transcripts).begin({ organisation, actor: ada, execution: id, way: "asciicast" })
      const [entry] = yield* (yield* AuditLog).list({ organisation, object: id, limit: 1 })
      expect(entry?.entry).toMatchObject({ action: "transcript.read", outcome: "success", facts: { way: "asciicast" } })
    }).pipe(Effect.provide(hostLayer(makeWorld(), database)))
  )
})
