// Live output as server-sent events.
import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { type Client, ownedServer, type TestServer } from "./test-server.ts"

const approved = Effect.fnUntraced(function* (client: Client, script: string) {
  const payload = { executor: "local", input: { script }, targets: [] }
  const { id, digest } = yield* client.executions.propose({ payload, headers: {} })
  yield* client.executions.approve({ params: { id }, payload: { digest } })
  return id
})

/** The raw text of the stream, as far as `isEnough` says. */
const rawEvents = (server: TestServer, path: string, options: { token: string; headers?: Record<string, string> }) =>
  Effect.map(server.request(path, options), (response) => {
    const reader = response.body!.getReader()
    let text = ""
    const until = async (isEnough: (text: string) => boolean) => {
      while (!isEnough(text)) {
        const { done, value } = await reader.read()
        if (done) break
        text += Buffer.from(value).toString()
      }
      return text
    }
    return { response, until, cancel: () => reader.cancel() }
  })

const untilEnd = () => false

describe.each(serverDatabases)("live output on $name", (database) => {
  it.live("comes while the command runs, in order, with ids to resume from", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const id = yield* approved(owner.client, "for i in 1 2 3; do echo line $i; sleep 0.3; done")
      const { response, until } = yield* rawEvents(server, `/api/v1/executions/${id}/events`, owner)
      expect(response.headers.get("content-type")).toBe("text/event-stream")
      const early = yield* Effect.promise(() => until((text) => text.includes('"Output"')))
      expect(early).toMatch(/^: connected\n\n/)
      expect(early).not.toContain('"succeeded"')
      const whole = yield* Effect.promise(() => until(untilEnd))
      const ids = [...whole.matchAll(/^id: (\d+)$/gm)].map(([, sequence]) => Number(sequence))
      expect(ids).toEqual([...ids].sort((a, b) => a - b))
      expect(whole.trimEnd()).toMatch(/data: \{"_tag":"State","state":"succeeded"\}$/)
    })
  )

  it.live("resumes after a sequence, by query or by Last-Event-ID", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const id = yield* approved(owner.client, "for i in 1 2 3 4; do echo line $i; sleep 0.25; done")
      const all = yield* Stream.runCollect(yield* owner.client.executions.events({ params: { id }, query: {} }))
      const outputs = all.flatMap((event) => (event._tag === "Output" ? [event] : []))
      expect(outputs.length).toBeGreaterThan(1)
      const first = outputs[0]!.sequence
      const rest = yield* Stream.runCollect(
        yield* owner.client.executions.events({ params: { id }, query: { after: first } })
      )
      expect(rest.filter(({ _tag }) => _tag === "Output")).toEqual(outputs.slice(1))
      const headers = { "last-event-id": String(first) }
      const { until } = yield* rawEvents(server, `/api/v1/executions/${id}/events`, { token: owner.token, headers })
      const raw = yield* Effect.promise(() => until(untilEnd))
      expect([...raw.matchAll(/^id: (\d+)$/gm)].map(([, sequence]) => Number(sequence))).toEqual(
        outputs.slice(1).map(({ sequence }) => sequence)
      )
    })
  )

  it.live("of an unknown execution is a problem and no stream", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const response = yield* server.request("/api/v1/executions/exec_00000000000000000000000000/events", owner)
      expect(response.status).toBe(404)
      expect(response.headers.get("content-type")).toBe("application/problem+json")
    })
  )

  it.live("stops on the server when its reader goes away, and the command goes on", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const id = yield* approved(owner.client, "echo begun; sleep 1; echo ended")
      const { until, cancel } = yield* rawEvents(server, `/api/v1/executions/${id}/events`, owner)
      yield* Effect.promise(() => until((text) => text.includes('"Output"')))
      yield* Effect.promise(cancel)
      const events = yield* owner.client.executions.events({ params: { id }, query: {} })
      const last = (yield* Stream.runCollect(events)).at(-1)
      expect(last).toEqual({ _tag: "State", state: "succeeded" })
    })
  )

  it.live("of 5 MiB arrives complete at a slow reader", () =>
    Effect.gen(function* () {
      const { owner } = yield* ownedServer(database)
      const id = yield* approved(owner.client, "head -c 5242880 /dev/zero | tr '\\0' 'x'")
      const events = yield* owner.client.executions.events({ params: { id }, query: {} })
      const sizes = events.pipe(
        Stream.tap(() => Effect.sleep(1)),
        Stream.map((event) => (event._tag === "Output" ? Buffer.from(event.bytes, "base64").length : 0))
      )
      expect(
        yield* Stream.runFold(
          sizes,
          () => 0,
          (sum, size) => sum + size
        )
      ).toBe(5 * 1024 * 1024)
    })
  )
})
