// The suite of executors on a real PostgreSQL, what is committed and what is not, and the same as a plugin.
import { join } from "node:path"
import { executorSuite, madeExecutor, pluginExecutor, runInTestHost } from "@fluxcybers/executor/testing"
import { Effect } from "effect"
import pg from "pg"
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest"
import { executor } from "../src/plugin.ts"

const server = new URL(inject("postgresRegistryUrl"))
const database = `postgres_plugin_${process.pid}`
const secrets = { "db/app": decodeURIComponent(server.password) }
const make = madeExecutor(executor)

const input = (sql: string, rowsMax = 10, more = {}) => ({
  host: server.hostname,
  port: Number(server.port),
  database,
  user: server.username,
  password: "db/app",
  tls: false,
  sql,
  rowsMax,
  ...more
})

const owner = new pg.Client({ connectionString: server.href })
const inside = new pg.Client({ connectionString: server.href.replace(/postgres$/, database) })
beforeAll(async () => {
  await owner.connect()
  await owner.query(`CREATE DATABASE ${database}`)
  await inside.connect()
})
afterAll(async () => {
  await inside.end()
  await owner.query(`DROP DATABASE ${database} WITH (FORCE)`)
  await owner.end()
})
beforeEach(async () => {
  await inside.query("DROP TABLE IF EXISTS people, history")
  await inside.query("CREATE TABLE people (id int, name text)")
  await inside.query("INSERT INTO people VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cyd')")
})

const run = async (sql: string, rowsMax?: number, from = make) => {
  const made = Effect.flatMap(from, (executor) => runInTestHost({ executor, input: input(sql, rowsMax), secrets }))
  const { exit, stdout, stderr } = await Effect.runPromise(made)
  return { isSuccess: exit._tag === "Success" && exit.value.isSuccess, stdout: `${stdout}`, stderr: `${stderr}` }
}
const names = async () => (await inside.query("SELECT name FROM people ORDER BY id")).rows.map(({ name }) => name)

executorSuite("example.postgres", {
  make,
  secrets: () => secrets,
  valid: [input("SELECT 1 AS one"), input("SELECT 2 AS two")],
  invalid: [null, {}, { ...input("SELECT 1"), rowsMax: -1 }, { ...input("SELECT 1"), more: 1 }, input("")],
  failing: [input("SELECT 1", 1, { password: "db/none" })],
  endless: input("SELECT pg_sleep(120)", 1, { timeoutMs: 1_000 }),
  leftovers: async () => {
    const { rows } = await owner.query(
      "SELECT query FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)' AND state = 'active'"
    )
    return rows.map(({ query }) => query)
  }
})

describe("a statement", () => {
  it("is committed within the approved number of rows, which is said before", async () => {
    const outcome = await run("UPDATE people SET name = upper(name) WHERE id < 3", 2)
    expect(outcome).toEqual({
      isSuccess: true,
      stdout: "",
      stderr: "UPDATE: 2.\n2 rows touched, 2 approved: committing.\nCommitted.\n"
    })
    expect(await names()).toEqual(["ADA", "BOB", "Cyd"])
  })

  it("is rolled back beyond it; with 0 it only says how many there would be", async () => {
    for (const [rowsMax, approved] of [
      [2, "2 approved"],
      [0, "0 approved"]
    ] as const) {
      const { isSuccess, stderr } = await run("DELETE FROM people", rowsMax)
      expect(isSuccess).toBe(false)
      expect(stderr).toBe(`DELETE: 3.\n3 rows touched, ${approved}. Rolled back: nothing was changed.\n`)
    }
    expect(await names()).toEqual(["Ada", "Bob", "Cyd"])
  })

  it("is counted with what it hides in a subquery or a trigger", async () => {
    const hidden = await run("WITH gone AS (DELETE FROM people RETURNING id) SELECT count(*) FROM gone", 2)
    expect(hidden.stderr).toContain("3 rows touched, 2 approved. Rolled back")
    await inside.query(`CREATE TABLE history (id int);
      CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO history SELECT generate_series(1, 5); RETURN NEW; END $$;
      CREATE TRIGGER keep AFTER UPDATE ON people FOR EACH ROW EXECUTE FUNCTION keep()`)
    expect((await run("UPDATE people SET name = 'x' WHERE id = 1", 5)).stderr).toContain("6 rows touched, 5 approved")
    expect(await names()).toEqual(["Ada", "Bob", "Cyd"])
  })

  it("cannot leave its transaction, nor bring a second one along", async () => {
    for (const sql of [
      "DELETE FROM people; COMMIT",
      "COMMIT; DELETE FROM people",
      "DO 'BEGIN DELETE FROM people; COMMIT; END'"
    ]) {
      expect(await run(sql)).toMatchObject({ isSuccess: false, stderr: expect.stringContaining("nothing was changed") })
    }
    expect(await names()).toEqual(["Ada", "Bob", "Cyd"])
  })

  it("prints its rows as JSON, and the server's words when it fails", async () => {
    expect((await run("SELECT id, name FROM people WHERE id > 1 ORDER BY id")).stdout).toBe('[2,"Bob"]\n[3,"Cyd"]\n')
    expect((await run("SELECT * FROM nowhere")).stderr).toContain('relation "nowhere" does not exist')
  })

  it("is run by the plugin's own process, over the one host of its plan", async () => {
    const plugin = pluginExecutor(join(import.meta.dirname, ".."))
    const { isSuccess, stderr } = await run("UPDATE people SET name = 'Eve' WHERE id = 1", 1, plugin)
    expect(stderr).toContain("1 row touched, 1 approved: committing.\nCommitted.")
    expect(isSuccess).toBe(true)
    expect(await names()).toEqual(["Eve", "Bob", "Cyd"])
  })
})
