// What the rounds take place on: a database, an sshd, and links that can be cut where the machine allows them.
import { join } from "node:path"
import { startSshd } from "../testing/sshd.ts"
import { fingerprintOfHostKey } from "../testing/sshd-target.ts"
import { noLinksBecause, openNetwork } from "./links.ts"
import type { Ground } from "./node-world.ts"
import { rounds } from "./rounds.ts"

interface Setup {
  readonly folder: string
  readonly postgresUrl?: string
  readonly rounds: number
  readonly seed: number
  readonly onRound?: (count: number) => void
}

/** The second byte of the links' addresses: one for each database, so that campaigns can run side by side. */
const BLOCKS = { sqlite: 77, postgres: 78 }
/** Connections that are being signed in to at the same time, and sessions of each: far more than the rounds need. */
const SSHD = ["MaxStartups 200", "MaxSessions 100"]

export const roundsOn = async ({ folder, postgresUrl, ...options }: Setup) => {
  const sshd = await startSshd(SSHD)
  if (sshd === undefined) throw new Error("The rounds need an SSH server: install openssh-server.")
  const obstacle = noLinksBecause()
  if (obstacle !== undefined) console.log(`No link is cut: ${obstacle}. Nodes are only killed and frozen.`)
  const { port, account, privateKey } = sshd
  const databasePort = postgresUrl === undefined ? port : Number(new URL(postgresUrl).port)
  const block = postgresUrl === undefined ? BLOCKS.sqlite : BLOCKS.postgres
  const network =
    obstacle === undefined ? await openNetwork(block, { target: port, database: databasePort }) : undefined
  const groundAt = (host: string): Ground => ({
    privateKey,
    database:
      postgresUrl === undefined
        ? { sqlite: join(folder, "rounds.db") }
        : { postgres: postgresUrl.replace("127.0.0.1", host) }
  })
  try {
    return await rounds({
      ...options,
      folder,
      ground: groundAt("127.0.0.1"),
      groundOfNodes: groundAt(network?.addressOf("database") ?? "127.0.0.1"),
      network,
      target: { host: network?.addressOf("target") ?? "127.0.0.1", port, account, hostKey: fingerprintOfHostKey(sshd) }
    })
  } finally {
    network?.close()
    await sshd.stop()
  }
}
