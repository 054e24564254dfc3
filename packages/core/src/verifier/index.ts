#!/usr/bin/env node
// Verifies an exported log (https://c2sp.org/tlog-tiles: checkpoint, tiles, entry bundles) against a verifier key. It is built into
// one file that depends on nothing but Node.js, so that it can be copied anywhere and run without trusting the rest:
//   node verifier.js DIRECTORY --key VKEY [--witness VKEY]… [--seen CHECKPOINT-FILE]… [--aliases FILE] [--json]
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { readAliases } from "./aliases-file.ts"
import { entriesIn, readPart, upperTileProblems } from "./bundle-files.ts"
import { runAsProgram } from "./program.ts"
import {
  type Checkpoint,
  COSIGNATURE,
  ED25519,
  isSignedBy,
  type Key,
  NotVerifiable,
  openCheckpoint,
  parseKey
} from "./signed-note.ts"
import { WIDTH } from "./tree.ts"
import { type BundleProblem, PROBLEMS_MAX, Walk } from "./walk.ts"

export { NotVerifiable } from "./signed-note.ts"
export type { BundleProblem } from "./walk.ts"

/** What was verified, and what was found. */
export interface BundleReport {
  readonly origin: string
  readonly size: number
  /** base64 of the signed root. */
  readonly root: string
  readonly problems: ReadonlyArray<BundleProblem>
  /** Signed decisions whose signatures were not checked: whose they are is not in the aliases, or none were given. */
  readonly unchecked: number
  /** Problems beyond the first 1,000. */
  readonly problemsOmitted: number
}

/** What to verify, and against what. */
export interface BundleOptions {
  readonly directory: string
  /** The log's verifier key (`name+id+base64`), from somewhere else than the directory. */
  readonly key: string
  /** Verifier keys of witnesses, each of which must have cosigned. */
  readonly witnesses?: ReadonlyArray<string>
  /** Checkpoints of this log that were seen before: it must still contain them. */
  readonly seen?: ReadonlyArray<string>
  /** A file with what aliases stand for, all that were not erased: without it the signatures of decisions are not checked. */
  readonly aliases?: string
  readonly onProgress?: (entries: number, of: number) => void
}

/** Recomputes the whole log. Finds what was changed, never throws for it; throws `NotVerifiable` when there is nothing to verify. */
export const verifyBundle = async (options: BundleOptions): Promise<BundleReport> => {
  const note = await readFile(join(options.directory, "checkpoint"), "utf8").catch(() => {
    throw new NotVerifiable(`There is no checkpoint in ${options.directory}. Nothing was verified.`)
  })
  const log = parseKey(options.key, ED25519)
  const problems: Array<BundleProblem> = []
  const checkpoint = openCheckpoint(note, log)
  if (checkpoint === undefined) {
    problems.push({ kind: "bad-signature", index: 0, detail: "the checkpoint is not signed by this key" })
    return { origin: log.name, size: 0, root: "", unchecked: 0, problems, problemsOmitted: 0 }
  }
  for (const witness of (options.witnesses ?? []).map((key) => parseKey(key, COSIGNATURE))) {
    const detail = `the checkpoint is not cosigned by ${witness.name}`
    if (!isSignedBy(note, witness)) problems.push({ kind: "unwitnessed", index: checkpoint.size, detail })
  }
  const aliases = options.aliases === undefined ? undefined : await readAliases(options.aliases)
  const seen = (options.seen ?? []).map((note) => openSeen(note, log))
  const walk = new Walk(checkpoint, seen, aliases)
  for (let tile = 0; tile * WIDTH < checkpoint.size; tile++) {
    const width = Math.min(WIDTH, checkpoint.size - tile * WIDTH)
    const hashes = await readPart(options.directory, { level: 0, tile, width })
    const bundle = await readPart(options.directory, { level: "entries", tile, width })
    walk.add({ width, hashes: hashes ?? Buffer.alloc(0), entries: bundle === undefined ? [] : entriesIn(bundle) })
    options.onProgress?.(tile * WIDTH + width, checkpoint.size)
  }
  problems.push(
    ...(aliases?.problems ?? []),
    ...walk.judge(),
    ...(await upperTileProblems(options.directory, walk.levelOne))
  )
  const found = {
    unchecked: walk.unchecked,
    problems: problems.slice(0, PROBLEMS_MAX),
    problemsOmitted: Math.max(0, problems.length - PROBLEMS_MAX)
  }
  return { origin: log.name, size: checkpoint.size, root: checkpoint.root.toString("base64"), ...found }
}

const openSeen = (note: string, log: Key): Checkpoint => {
  const seen = openCheckpoint(note, log)
  if (seen === undefined) throw new NotVerifiable("A checkpoint that was seen before is not signed by this key.")
  return seen
}

await runAsProgram(import.meta.filename, verifyBundle)
