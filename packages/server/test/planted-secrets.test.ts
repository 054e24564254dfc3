// A secret is planted as argument, environment, file and standard input of a command, and then searched for in everything that the server
// answers, shows, logs and stores.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { person } from "./cli-process.ts"
import { storedText } from "./stored.ts"
import { base64, ownedServer, temporaryFolder, verifiedLog } from "./test-server.ts"

const CANARY = `c4n4ry/Zq+7~"k'e$9-never`
const FORBIDDEN = [
  CANARY,
  Buffer.from(CANARY).toString("hex"),
  Buffer.from(CANARY).toString("base64").slice(0, -1),
  encodeURIComponent(CANARY),
  JSON.stringify(CANARY).slice(1, -1)
]
const forbiddenIn = (text: string) => FORBIDDEN.filter((each) => text.includes(each))

/** The environment as it is, an argument, a file, standard input, a line that fails, and some of it once more in base64 and hex. */
const SCRIPT = `
env
sh -c 'printf "%s\\n" "$1"; tr "\\0" " " < /proc/$$/cmdline' sh "$KEY"
printf '%s\\n' "$KEY" > planted; cat planted; rm planted
printf '%s\\n' "$KEY" | cat
printf %s "$KEY" | base64
printf %s "$KEY" | od -An -v -tx1 | tr -d ' \\n'
ls "/nowhere/$KEY"
echo the end
`

describe.each(serverDatabases)("a planted secret on a server with $name", (database) => {
  it.live("is in no answer, no output of the command line, no log and no file", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(database)
      const { client, token } = owner
      const folder = yield* temporaryFolder
      yield* client.secrets.put({ payload: { name: "planted", value: base64(CANARY) } })
      const input = { script: SCRIPT, secretEnv: { KEY: "planted" }, cwd: folder }
      const { id, digest } = yield* client.executions.propose({
        payload: { executor: "local", input, targets: [] },
        headers: {}
      })
      yield* client.executions.approve({ params: { id }, payload: { digest } })
      const events = yield* Stream.runCollect(yield* client.executions.events({ params: { id }, query: {} }))
      const output = events.flatMap((event) => (event._tag === "Output" ? [Buffer.from(event.bytes, "base64")] : []))
      const shown = Buffer.concat(output).toString()
      expect(shown).toContain("KEY=***\n")
      expect(shown).toContain("the end\n")
      expect(forbiddenIn(shown)).toEqual([])
      yield* verifiedLog(client)

      const paths = ["", "/view", "/events", "/transcript", "/transcript?version=3"].map(
        (path) => `/api/v1/executions/${id}${path}`
      )
      for (const path of [...paths, "/api/v1/audit/entries?limit=100", "/api/v1/executions"]) {
        const response = yield* server.request(path, { token })
        expect(response.status, path).toBe(200)
        expect(forbiddenIn(yield* Effect.promise(() => response.text())), path).toEqual([])
      }
      const cli = person(yield* temporaryFolder)
      const tokenFile = join(cli.home, "token")
      writeFileSync(tokenFile, token, { mode: 0o600 })
      const env = { FLUXCYBERS_URL: server.url, FLUXCYBERS_TOKEN_FILE: tokenFile }
      const replayed = yield* Effect.promise(() => cli.run(["executions", "replay", id, "--raw"], { env }))
      expect({ code: replayed.code, ends: replayed.stdout.includes("the end\n") }).toEqual({ code: 0, ends: true })
      expect(forbiddenIn(replayed.stdout.toString() + replayed.stderr)).toEqual([])

      const reads = yield* client.audit.list({ query: { object: id, action: "transcript.read" } })
      expect(reads.items.map(({ entry }) => [entry.actor, entry.facts?.["way"]])).toEqual([
        [owner.person, "live"],
        [owner.person, "asciicast"],
        [owner.person, "asciicast"],
        [owner.person, "live"],
        [owner.person, "live"]
      ])
      expect(forbiddenIn(server.log.join("\n"))).toEqual([])
      expect(forbiddenIn(yield* storedText(server.settings))).toEqual([])
    })
  )
})
