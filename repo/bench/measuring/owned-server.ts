// A whole server in this process, on a new directory, with an owner.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { settings, startServer } from "@fluxcybers/server"
import { Effect, Redacted } from "effect"

/** Runs until the scope closes. The token is the owner's. */
export const ownedServer = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const flags = { directory: join(folder, "data"), port: 0 }
  const { url, ownerLink } = yield* startServer(yield* settings({ environment: {}, flags }))
  const code = new URL(Redacted.value(ownerLink!)).hash.slice(1)
  const { token } = yield* Effect.promise(async () => {
    const body = JSON.stringify({ code, name: "Bench" })
    const headers = { "content-type": "application/json" }
    const response = await fetch(`${url}/api/v1/claim`, { method: "POST", body, headers })
    return (await response.json()) as { token: string }
  })
  return { url, token }
})
