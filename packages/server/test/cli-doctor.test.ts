// The doctor's findings about a server's folder: each fault is named, with what to do, and nothing is changed.
import { chmodSync, mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteConnection, sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect, Redacted } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { directoryFindings } from "../src/cli/doctor-directory.ts"
import { ok, problem, problemsIn, reportText } from "../src/cli/doctor-report.ts"
import type { Settings } from "../src/configuration.ts"

let directory: string
let database: string

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "fluxcybers-doctor-"))
  chmodSync(directory, 0o700)
  database = join(directory, "fluxcybers.db")
  for (const key of ["root.key", "log.key"]) writeFileSync(join(directory, key), "x", { mode: 0o600 })
  const fill =
    "CREATE TABLE t (x); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT hex(randomblob(50)) FROM n"
  await Effect.runPromise(
    Effect.flatMap(SqliteConnection, ({ use }) => use((connection) => connection.exec(fill))).pipe(
      Effect.asVoid,
      Effect.provide(sqliteLayer({ filename: database }))
    )
  )
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const settings = (changes: Partial<Settings> = {}): Settings => ({
  directory,
  databaseUrl: undefined,
  host: "127.0.0.1",
  port: 0,
  nodeId: undefined,
  witnessPolicy: undefined,
  auditDays: 90,
  transcriptDays: 90,
  localExecutor: false,
  plugins: undefined,
  ssh: {},
  outgoing: { mail: { smtp: undefined, from: "fluxcybers@localhost" }, networks: [] },
  rootKey: { provider: "file", path: undefined },
  previousRootKey: undefined,
  ...changes
})

const findings = (changes?: Partial<Settings>) => Effect.runPromise(directoryFindings(settings(changes)))
const problems = async () => (await findings()).filter(({ status }) => status === "problem")

describe("the doctor, on a server's folder", () => {
  it("finds nothing when nothing is wrong", async () => {
    expect(await problems()).toEqual([])
  })

  it("finds a folder and a key that others can read", async () => {
    chmodSync(directory, 0o755)
    chmodSync(join(directory, "root.key"), 0o640)
    expect(await problems()).toMatchObject([
      { check: "data", advice: `chmod 700 ${directory}` },
      { check: "root.key", advice: `chmod 600 ${join(directory, "root.key")}` }
    ])
  })

  it("warns of periods that are longer than promised, which is no problem", async () => {
    const found = await findings({ auditDays: 91, transcriptDays: 400 })
    expect(found.filter(({ status }) => status === "warning")).toMatchObject([
      {
        detail: expect.stringContaining("audit log are kept for 91 days"),
        advice: expect.stringContaining("AUDIT_DAYS")
      },
      { detail: expect.stringContaining("Transcripts are kept for 400 days") }
    ])
    expect(problemsIn(found)).toBe(0)
    expect((await findings()).filter(({ status }) => status === "warning")).toEqual([])
  })

  it("finds a missing key", async () => {
    unlinkSync(join(directory, "log.key"))
    expect(await problems()).toMatchObject([{ check: "log.key", detail: expect.stringContaining("missing") }])
  })

  it.each<[string, () => void]>([
    ["cut off", () => truncateSync(database, 20_000)],
    ["something else", () => writeFileSync(database, "this is no database ".repeat(1_000))]
  ])("finds a database file that is %s", async (_, damage) => {
    damage()
    expect(await problems()).toMatchObject([
      { check: "database", advice: expect.stringContaining("restore the last backup") }
    ])
  })

  it("leaves PostgreSQL to its own tools, and a folder that is not there alone", async () => {
    const onPostgres = await findings({ databaseUrl: Redacted.make("postgres://localhost/x") })
    expect(onPostgres.at(-1)).toMatchObject({ check: "database", status: "skipped" })
    expect(await findings({ directory: join(directory, "none") })).toMatchObject([{ check: "data", status: "skipped" }])
  })

  it("writes a line for each, and what to do under a problem", () => {
    const report = [ok("program", "fine"), problem("data", "wide", "chmod 700 x")]
    expect(problemsIn(report)).toBe(1)
    expect(reportText(report)).toBe(
      "ok       program  fine\nproblem  data     wide\n                  -> chmod 700 x\n"
    )
  })
})
