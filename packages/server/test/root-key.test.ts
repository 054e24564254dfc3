// A server's root key: from a passphrase, and moved from one provider to another.
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import type { Settings } from "../src/configuration.ts"
import { startServer } from "../src/start.ts"
import { base64, claim, clientOf, runServer, temporaryFolder, testSettings } from "./test-server.ts"

const FILE = { provider: "file", path: undefined } as const

const passphrase = Effect.map(temporaryFolder, (folder) => {
  const passphraseFile = join(folder, "passphrase")
  writeFileSync(passphraseFile, "correct horse battery staple\n", { mode: 0o600 })
  return { provider: "passphrase", passphraseFile } as const
})

const withSecret = (settings: Settings) =>
  Effect.scoped(
    Effect.gen(function* () {
      const owner = yield* claim(yield* runServer(settings))
      yield* owner.client.secrets.put({ payload: { name: "key", value: base64("value") } })
      return owner.token
    })
  )

const reveal = (settings: Settings, token: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const client = yield* clientOf((yield* runServer(settings)).url, token)
      return (yield* client.secrets.reveal({ payload: { name: "key", purpose: "test" } })).value
    })
  )

describe.each(serverDatabases.slice(0, 2))("the root key of a server on $name", (database) => {
  it.live("may be a passphrase: no key file is made", () =>
    Effect.gen(function* () {
      const settings = { ...(yield* testSettings(database)), rootKey: yield* passphrase }
      const token = yield* withSecret(settings)
      expect(existsSync(join(settings.directory, "root.key"))).toBe(false)
      expect(yield* reveal(settings, token)).toBe(base64("value"))
    })
  )

  it.live("moves to another provider while the one before it is still there", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      const token = yield* withSecret(settings)
      const moving = { ...settings, rootKey: yield* passphrase, previousRootKey: FILE }
      expect(yield* reveal(moving, token)).toBe(base64("value"))
      const moved = { ...moving, previousRootKey: undefined }
      const tooEarly = yield* Effect.flip(Effect.scoped(startServer(moved)))
      expect(tooEarly).toMatchObject({ _tag: "WrongRootKey" })
      expect(yield* reveal(settings, token)).toBe(base64("value"))
    })
  )
})
