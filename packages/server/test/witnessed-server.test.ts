// A server whose log is witnessed: its policy file, its proofs, its verification.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { parseVerifierKey } from "@fluxcybers/core"
import { Effect, Result, Schedule } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { startWitness } from "../src/witness/witness.ts"
import { claim, clientOf, runServer, temporaryFolder, testSettings } from "./test-server.ts"

describe.each(serverDatabases.slice(0, 1))("on $name", (database) => {
  it.live("a server with a policy has its checkpoints cosigned, and verifies against what the witness saw", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      const first = yield* Effect.scoped(
        Effect.gen(function* () {
          const owner = yield* claim(yield* runServer(settings))
          return { token: owner.token, ...(yield* owner.client.audit.checkpoint()) }
        })
      )
      const folder = yield* temporaryFolder
      const logs = [Result.getOrThrow(parseVerifierKey(first.verifierKey))]
      const directory = join(folder, "witness")
      const witness = yield* startWitness({ directory, name: "witness.test/w1", logs, host: "127.0.0.1", port: 0 })
      const witnessPolicy = join(folder, "policy")
      writeFileSync(witnessPolicy, `witness w1 ${witness.verifierKey} ${witness.url}\nquorum w1\n`)

      const server = yield* runServer({ ...settings, witnessPolicy })
      const client = yield* clientOf(server.url, first.token)
      const cosigned = yield* Effect.filterOrFail(client.audit.checkpoint(), ({ checkpoint }) =>
        checkpoint.includes("\n— witness.test/w1 ")
      ).pipe(Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 200 }))
      expect(cosigned.verifierKey).toBe(first.verifierKey)
      expect((yield* client.audit.verify()).problems).toEqual([])
    })
  )

  it.live("a server with a policy that is none does not start, and says which line is wrong", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      const witnessPolicy = join(yield* temporaryFolder, "policy")
      writeFileSync(witnessPolicy, "quorum nobody\n")
      const refused = yield* Effect.flip(runServer({ ...settings, witnessPolicy }))
      expect(refused.message).toContain("Line 1 of the witness policy: nobody is not defined above.")
    })
  )
})
