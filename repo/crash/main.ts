// npm run crash [-- --kills 200 --seed 1 --database sqlite|postgres]: 200 kills of the server on each database unless told.
// npm run crash -- --rounds 1000 [--seed 1 --database sqlite|postgres]: kills, freezes and cuts of two nodes before a real sshd.
import "../scripts/node-version.ts"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { startCluster } from "../testing/postgres-cluster.ts"
import { campaign } from "./campaign.ts"
import { roundsOn } from "./rounds-setup.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string" },
    rounds: { type: "string" },
    seed: { type: "string" },
    database: { type: "string" }
  }
})
const kills = Number(values.kills ?? 200)
const seed = Number(values.seed ?? Date.now() % 2 ** 31)

interface Place {
  readonly folder: string
  readonly postgresUrl?: string
}

const killed = async (database: string, place: Place) => {
  const onKill = (count: number) => count % 20 === 0 && console.log(`${database}: ${count} kills`)
  return { what: `${kills} kills`, ...(await campaign({ ...place, kills, seed, onKill })) }
}

const disturbed = async (database: string, place: Place, rounds: number) => {
  const onRound = (count: number) => count % 50 === 0 && console.log(`${database}: ${count} rounds`)
  return { what: `${rounds} rounds`, ...(await roundsOn({ ...place, rounds, seed, onRound })) }
}

const onDatabase = async (database: string): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-crash-"))
  const cluster = database === "postgres" ? await startCluster("registry") : undefined
  const place = { folder, ...(cluster && { postgresUrl: cluster.url }) }
  try {
    const wanted =
      values.rounds === undefined ? killed(database, place) : disturbed(database, place, Number(values.rounds))
    const { what, ...result } = await wanted
    console.log(`${database}: ${what} (seed ${seed}), ${JSON.stringify(result, null, 1)}`)
    return result.violations.length === 0
  } finally {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const databases = values.database === undefined ? ["sqlite", "postgres"] : [values.database]
for (const database of databases) if (!(await onDatabase(database))) process.exitCode = 1
