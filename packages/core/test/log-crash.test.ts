import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Layer, Redacted, Result } from "effect"
import { describe, expect, vi } from "vitest"
import { databases, type Location, layerAt } from "../../../repo/testing/databases.ts"
import { AuditLog, auditLogLayer, generateSigningKey, newId, OrganisationId, parseSigningKey } from "../src/index.ts"

// Every step is a process of its own, and the machine may be busy with other suites.
vi.setConfig({ testTimeout: 180_000 })

const keyText = Result.getOrThrow(generateSigningKey("log.test/crash"))
const key = Result.getOrThrow(parseSigningKey(keyText))
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const WRITER = join(import.meta.dirname, "log-writer.ts")
const KILLS = 4

interface Writer {
  readonly child: ChildProcess
  readonly acknowledged: () => ReadonlyArray<string>
}

const startWriter = (location: Location, component: string): Writer => {
  const [kind, place] = Object.entries(location)[0] ?? ["", ""]
  const child = spawn(
    process.execPath,
    ["--conditions=@fluxcybers/source", WRITER, kind, place, Redacted.value(keyText), organisation, component],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  let output = ""
  child.stdout?.on("data", (chunk) => {
    output += chunk
  })
  return { child, acknowledged: () => output.split("\n").slice(0, -1) }
}

const untilAcknowledged = async (writer: Writer, count: number) => {
  while (writer.acknowledged().length < count && writer.child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const kill = (writer: Writer) =>
  new Promise<void>((resolve) => {
    writer.child.once("close", () => resolve())
    writer.child.kill("SIGKILL")
  })

/** Starts the log once more, so that what was committed is sequenced, and looks at all of it. */
const settled = (location: Location) =>
  Effect.gen(function* () {
    const log = yield* AuditLog
    for (let found = yield* log.verify; ; found = yield* log.verify) {
      if (found.pending === 0) return found
      yield* Effect.sleep(50)
    }
  }).pipe(Effect.provide(auditLogLayer({ origin: key.name, key }).pipe(Layer.provideMerge(layerAt(location)))))

const provable = (location: Location, ids: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const log = yield* AuditLog
    const listed = new Set<string>()
    for (let page = yield* log.list({ organisation, limit: 1_000 }); page.length > 0; ) {
      for (const { index, entry } of page) if (index !== undefined) listed.add(entry.id)
      page = yield* log.list({ organisation, limit: 1_000, before: page[page.length - 1]!.entry.id })
    }
    return ids.filter((id) => !listed.has(id))
  }).pipe(Effect.provide(auditLogLayer({ origin: key.name, key }).pipe(Layer.provideMerge(layerAt(location)))))

describe.each(databases)("$name", ({ fresh }) => {
  it.live("a writer that is killed again and again loses nothing that was acknowledged, and leaves no hole", () =>
    Effect.gen(function* () {
      const location = yield* fresh
      const acknowledged: Array<string> = []
      for (let round = 1; round <= KILLS; round++) {
        const writer = startWriter(location, "crash")
        yield* Effect.promise(() => untilAcknowledged(writer, 5 + round * 5))
        yield* Effect.promise(() => kill(writer))
        acknowledged.push(...writer.acknowledged())
      }
      const report = yield* settled(location)
      expect(report.problems).toEqual([])
      expect(report.size).toBeGreaterThanOrEqual(acknowledged.length)
      expect(yield* provable(location, acknowledged)).toEqual([])
    })
  )
})

describe.each(databases.filter(({ name }) => name !== "SQLite"))("$name", ({ fresh }) => {
  it.live("two nodes that record at once make one log without gaps", () =>
    Effect.gen(function* () {
      const location = yield* fresh
      const nodes = [startWriter(location, "one"), startWriter(location, "two")]
      yield* Effect.promise(() => Promise.all(nodes.map((node) => untilAcknowledged(node, 150))))
      yield* Effect.promise(() => Promise.all(nodes.map(kill)))
      const acknowledged = nodes.flatMap((node) => node.acknowledged())
      const report = yield* settled(location)
      expect(report.problems).toEqual([])
      expect(yield* provable(location, acknowledged)).toEqual([])
    })
  )

  it.live("three nodes of which two are killed in the middle make one log: nothing is lost, and there is no hole", () =>
    Effect.gen(function* () {
      const location = yield* fresh
      const nodes = ["one", "two", "three"].map((name) => startWriter(location, name))
      const [first, second, third] = nodes as [Writer, Writer, Writer]
      yield* Effect.promise(() => Promise.all(nodes.map((node) => untilAcknowledged(node, 40))))
      yield* Effect.promise(() => kill(first))
      const survived = second.acknowledged().length
      yield* Effect.promise(() => untilAcknowledged(second, survived + 40))
      yield* Effect.promise(() => kill(second))
      const left = third.acknowledged().length
      yield* Effect.promise(() => untilAcknowledged(third, left + 40))
      const restarted = startWriter(location, "one again")
      yield* Effect.promise(() => untilAcknowledged(restarted, 20))
      yield* Effect.promise(() => Promise.all([third, restarted].map(kill)))
      const acknowledged = [...nodes, restarted].flatMap((node) => node.acknowledged())
      const report = yield* settled(location)
      expect(report.problems).toEqual([])
      expect(yield* provable(location, acknowledged)).toEqual([])
    })
  )
})
