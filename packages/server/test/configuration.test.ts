import { homedir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { describe, expect } from "vitest"
import { settings } from "../src/configuration.ts"

const refused = (environment: Record<string, string>, flags = {}) =>
  Effect.map(Effect.flip(settings({ environment, flags })), (error) => error.message)

describe("settings", () => {
  it.effect("have defaults for everything", () =>
    Effect.gen(function* () {
      expect(yield* settings({ environment: {} })).toEqual({
        directory: join(homedir(), ".local", "share", "fluxcybers"),
        databaseUrl: undefined,
        host: "127.0.0.1",
        port: 4680,
        nodeId: undefined,
        auditDays: 90,
        transcriptDays: 90,
        localExecutor: false,
        ssh: {},
        rootKey: { provider: "file", path: undefined },
        previousRootKey: undefined,
        outgoing: { mail: { smtp: undefined, from: "fluxcybers@localhost" }, networks: [] }
      })
    })
  )

  it.effect("come from the environment, and flags win over it", () =>
    Effect.gen(function* () {
      const environment = {
        FLUXCYBERS_HOME: "/srv/flux",
        FLUXCYBERS_PORT: "5000",
        FLUXCYBERS_HOST: "::1",
        FLUXCYBERS_NODE_ID: "node-a",
        FLUXCYBERS_LOCAL_EXECUTOR: "on",
        FLUXCYBERS_PLUGINS: "/srv/plugins",
        FLUXCYBERS_AUDIT_DAYS: "30",
        FLUXCYBERS_TRANSCRIPT_DAYS: "7",
        FLUXCYBERS_SSH_AGENT: "/run/agent",
        FLUXCYBERS_SSH_KEEPALIVE_SECONDS: "30",
        FLUXCYBERS_SSH_IDLE_CONNECTIONS: "50",
        FLUXCYBERS_DATABASE_URL: "postgres://flux:pass-word@db/flux",
        PATH: "/bin"
      }
      const found = yield* settings({ environment, flags: { port: 0, directory: "/tmp/other" } })
      expect(found).toMatchObject({
        directory: "/tmp/other",
        port: 0,
        host: "::1",
        nodeId: "node-a",
        auditDays: 30,
        transcriptDays: 7,
        localExecutor: true,
        ssh: { agent: "/run/agent", keepaliveMs: 30_000, idleMax: 50 },
        plugins: "/srv/plugins"
      })
      expect(found.databaseUrl && Redacted.value(found.databaseUrl)).toBe("postgres://flux:pass-word@db/flux")
      expect(JSON.stringify(found)).not.toContain("pass-word")
    })
  )

  it.effect("name the root key in one line, and the one before it", () =>
    Effect.gen(function* () {
      const files = { FLUXCYBERS_PASSPHRASE_FILE: "/run/passphrase", FLUXCYBERS_TRANSIT_TOKEN_FILE: "/run/token" }
      const rootKey = (text: string, more = {}) =>
        Effect.map(settings({ environment: { FLUXCYBERS_ROOT_KEY: text, ...more } }), (found) => found.rootKey)
      expect(yield* rootKey("file:/srv/root.key")).toEqual({ provider: "file", path: "/srv/root.key" })
      expect(yield* rootKey("passphrase", files)).toEqual({ provider: "passphrase", passphraseFile: "/run/passphrase" })
      expect(yield* rootKey("aws-kms:alias/root")).toEqual({ provider: "aws-kms", keyId: "alias/root" })
      expect(yield* rootKey("transit:https://bao.example:8200/kv/transit/root", files)).toEqual({
        provider: "transit",
        address: "https://bao.example:8200",
        mount: "kv/transit",
        key: "root",
        namespace: undefined,
        tokenFile: "/run/token"
      })
      const environment = { FLUXCYBERS_ROOT_KEY: "aws-kms:k", FLUXCYBERS_PREVIOUS_ROOT_KEY: "file" }
      expect((yield* settings({ environment })).previousRootKey).toEqual({ provider: "file", path: undefined })
      for (const wrong of ["vault", "aws-kms", "transit:bao.example/transit", "transit:https://bao.example/root"]) {
        expect(yield* refused({ ...files, FLUXCYBERS_ROOT_KEY: wrong })).toContain("FLUXCYBERS_ROOT_KEY: ")
      }
      expect(yield* refused({ FLUXCYBERS_ROOT_KEY: "passphrase" })).toContain("FLUXCYBERS_PASSPHRASE_FILE")
    })
  )

  it.effect("follow XDG_DATA_HOME, and ignore a relative one", () =>
    Effect.gen(function* () {
      expect((yield* settings({ environment: { XDG_DATA_HOME: "/data" } })).directory).toBe("/data/fluxcybers")
      expect((yield* settings({ environment: { XDG_DATA_HOME: "data" } })).directory).toContain(homedir())
    })
  )

  it.effect("refuse an unknown variable by name, and say which there are", () =>
    Effect.gen(function* () {
      const message = yield* refused({ FLUXCYBERS_PROT: "5000" })
      expect(message).toContain("FLUXCYBERS_PROT is not a setting of FluxCybers")
      expect(message).toContain("FLUXCYBERS_PORT")
    })
  )

  it.effect("refuse a host that is not loopback, and name the way out", () =>
    Effect.gen(function* () {
      for (const host of ["0.0.0.0", "::", "192.168.1.4", "example.com", "127.0.0.1.example.com"]) {
        expect(yield* refused({ FLUXCYBERS_HOST: host })).toMatch(
          /FLUXCYBERS_HOST: Expected a loopback address.*SSH tunnel/
        )
        expect(yield* refused({}, { host })).toContain("The host: Expected a loopback address")
      }
    })
  )

  it.effect("name every problem at once and never repeat a value", () =>
    Effect.gen(function* () {
      const message = yield* refused({
        FLUXCYBERS_PORT: "99999",
        FLUXCYBERS_DATABASE_URL: "mysql://root:pass-word@db",
        FLUXCYBERS_LOCAL_EXECUTOR: "maybe",
        FLUXCYBERS_NODE_ID: "Node A"
      })
      for (const name of ["PORT", "DATABASE_URL", "LOCAL_EXECUTOR", "NODE_ID"])
        expect(message).toContain(`FLUXCYBERS_${name}:`)
      expect(message).not.toContain("pass-word")
      expect(message).toContain("Nothing was started.")
    })
  )
})
