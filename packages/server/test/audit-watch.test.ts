// The log as it grows: over HTTP as server-sent events, and with the command line.
import { it } from "@effect/vitest"
import { ephemeralSigningKey, type IndexedEntry, parseVerifierKey, signatureLine } from "@fluxcybers/core"
import { Effect, Fiber, Result, Stream } from "effect"
import { describe, expect, it as vitest } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { type Seen, take } from "../src/cli/audit-watch-command.ts"
import { serveFolder } from "./cli-process.ts"
import { base64, type Client, ownedServer } from "./test-server.ts"

const put = (client: Client, name: string) => client.secrets.put({ payload: { name, value: base64("value") } })

/** Follows until so many entries were shown, verifying like the command line. */
const followed = Effect.fnUntraced(function* (
  client: Client,
  query: Parameters<Client["audit"]["watch"]>[0]["query"],
  count: number
) {
  const { verifierKey } = yield* client.audit.checkpoint()
  const log = Result.getOrThrow(parseVerifierKey(verifierKey))
  const seen: Seen = { after: query.after, known: undefined }
  const entries: Array<IndexedEntry> = []
  const show = (entry: IndexedEntry) => Effect.sync(() => void entries.push(entry))
  const messages = yield* client.audit.watch({ query })
  yield* messages.pipe(
    Stream.mapEffect((message) => take(message, { log, show, seen })),
    Stream.takeUntil(() => entries.length >= count),
    Stream.runDrain
  )
  return { entries, seen }
})

describe.each(serverDatabases)("a log that is watched on $name", (database) => {
  it.live("comes entry by entry as it grows, under checkpoints that verify, and goes on behind an index", () =>
    Effect.gen(function* () {
      const { client } = (yield* ownedServer(database)).owner
      const before = yield* client.audit.list({ query: {} })
      const watching = yield* Effect.forkChild(followed(client, { action: "secret.put" }, 3))
      yield* Effect.sleep(1_000)
      for (const name of ["a", "b", "c"]) yield* put(client, name)
      const { entries, seen } = yield* Effect.timeout(Fiber.join(watching), "20 seconds")
      expect(entries.map(({ entry }) => entry.action)).toEqual(["secret.put", "secret.put", "secret.put"])
      expect(Number(seen.known?.size)).toBeGreaterThan(before.items.length)
      const again = yield* followed(client, { action: "secret.put", after: entries[0]!.index }, 2)
      expect(again.entries).toEqual(entries.slice(1))
      const all = yield* followed(client, { after: 0 }, entries[2]!.index)
      expect(all.entries.map(({ index }) => index)).toEqual(
        Array.from({ length: entries[2]!.index }, (_, at) => at + 1)
      )
    })
  )
})

describe("what is refused", () => {
  it.live("a checkpoint that does not go on from the known one ends it, and nothing under it is shown", () =>
    Effect.gen(function* () {
      const key = ephemeralSigningKey("log.test/watch")
      const note = (size: number, byte: number) => {
        const text = `${key.name}\n${size}\n${Buffer.alloc(32, byte).toString("base64")}\n`
        return `${text}\n${signatureLine({ name: key.name, keyId: key.keyId, signature: key.sign(Buffer.from(text)) })}`
      }
      const seen: Seen = { after: undefined, known: undefined }
      const show = () => Effect.die("nothing is shown")
      const checkpoint = (size: number, byte: number) =>
        take(
          { _tag: "Checkpoint", from: 0, checkpoint: note(size, byte), proof: [] },
          { log: key.verifier, show, seen }
        )
      yield* checkpoint(5, 1)
      expect(yield* Effect.flip(checkpoint(5, 2))).toMatchObject({ code: "log-fork", exit: "failure" })
      expect(yield* Effect.flip(checkpoint(4, 1))).toMatchObject({ code: "log-rolled-back", exit: "failure" })
      expect(yield* Effect.flip(checkpoint(9, 1))).toMatchObject({ code: "log-fork" })
      expect(seen.known?.size).toBe(5n)
    })
  )
})

describe("the command line", () => {
  vitest("follows through a restart of the server, and shows every entry once", { timeout: 180_000 }, async () => {
    const served = await serveFolder()
    const ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
    const watching = ada.start(["audit", "watch", "--json", "--action", "secret.put", "--after", "0"])
    let output = ""
    const shown = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (output.split("\n").length > count) resolve()
        }
        watching.stdout.on("data", look)
        look()
      })
    watching.stdout.on("data", (chunk) => {
      output += String(chunk)
    })
    await ada.ok(["secret", "put", "a", "--stdin"], { stdin: "1" })
    await shown(1)
    await served.restart()
    await ada.ok(["secret", "put", "b", "--stdin"], { stdin: "1" })
    await shown(2)
    watching.kill()
    const lines = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as IndexedEntry)
    expect(lines.map(({ entry }) => entry.action)).toEqual(["secret.put", "secret.put"])
    expect(lines[0]!.index).toBeLessThan(lines[1]!.index)
    await served.stop()
  })
})
