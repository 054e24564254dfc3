// npm run crash [-- --kills 200 --seed 1 --database sqlite|postgres]: 200 kills on each database unless told.
import "../scripts/node-version.ts"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { startCluster } from "../testing/postgres-cluster.ts"
import { campaign } from "./campaign.ts"

const { values } = parseArgs({
  options: { kills: { type: "string" }, seed: { type: "string" }, database: { type: "string" } }
})
const kills = Number(values.kills ?? 200)
const seed = Number(values.seed ?? Date.now() % 2 ** 31)

const onDatabase = async (database: string): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-crash-"))
  const cluster = database === "postgres" ? await startCluster("registry") : undefined
  try {
    const onKill = (count: number) => count % 20 === 0 && console.log(`${database}: ${count} kills`)
    const result = await campaign({ folder, kills, seed, onKill, ...(cluster && { postgresUrl: cluster.url }) })
    console.log(`${database}: ${kills} kills (seed ${seed}), ${JSON.stringify(result, null, 1)}`)
    return result.violations.length === 0
  } finally {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const databases = values.database === undefined ? ["sqlite", "postgres"] : [values.database]
for (const database of databases) if (!(await onDatabase(database))) process.exitCode = 1
