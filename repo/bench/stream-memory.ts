// Sealing and opening a stream of 10 GiB: the most memory that the process has in the whole of it, to the most in its first tenth.
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createRootKey, createSealer, type Sealer } from "@fluxcybers/vault/promise"
import type { Measured } from "./main.ts"

const MIB = 1_024 ** 2
const STREAM_MIB = 10 * 1_024
const PIECE_BYTES = 64 * 1_024
/** How often memory is looked at. */
const LOOK_EVERY_BYTES = 16 * MIB

const PLACE = { table: "bench_exports", column: "file", row: "1" }

export const benchStreamMemory = async (): Promise<ReadonlyArray<Measured>> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
  try {
    const rootKeyFile = join(folder, "root.key")
    await createRootKey(rootKeyFile)
    const { early, most } = await sealAndOpen(await createSealer({ rootKeyFile }), STREAM_MIB * MIB)
    const name = "streams: memory of 10 GiB, to that of its first tenth"
    return [{ name, ratio: most / early, target: "at most 1.5" }]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const sealAndOpen = async (sealer: Sealer, bytes: number) => {
  let [opened, next, early, most] = [0, 0, 0, 0]
  for await (const chunk of sealer.openStream(PLACE, sealer.sealStream(PLACE, pieces(bytes)))) {
    opened += chunk.length
    if (opened < next) continue
    next += LOOK_EVERY_BYTES
    most = Math.max(most, process.memoryUsage().rss)
    if (opened <= bytes / 10) early = most
  }
  if (opened !== bytes) throw new Error(`${opened} bytes came back of ${bytes}`)
  return { early, most }
}

function* pieces(bytes: number): Generator<Uint8Array> {
  const piece = randomBytes(PIECE_BYTES)
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece
}
