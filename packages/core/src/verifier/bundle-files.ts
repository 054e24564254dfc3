// The files of an exported log, read one at a time.
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { SignedEntry } from "./approval-signatures.ts"
import { HASH_BYTES, Tree, WIDTH } from "./tree.ts"
import type { BundleProblem } from "./walk.ts"

const LENGTH_BYTES = 2

interface Place {
  readonly level: number | "entries"
  readonly tile: number
  readonly width: number
}

/** `tile/0/x001/x234/067.p/5`. */
const pathOf = ({ level, tile, width }: Place): string => {
  const groups = [String(tile % 1_000).padStart(3, "0")]
  for (let rest = Math.floor(tile / 1_000); rest > 0; rest = Math.floor(rest / 1_000)) {
    groups.unshift(`x${String(rest % 1_000).padStart(3, "0")}`)
  }
  return `tile/${level}/${groups.join("/")}${width < WIDTH ? `.p/${width}` : ""}`
}

/** A tile or a bundle; `undefined` when the file is not there. A full one stands for each of its beginnings. */
export const readPart = async (directory: string, place: Place): Promise<Buffer | undefined> => {
  const read = (path: string) => readFile(join(directory, path)).catch(() => undefined)
  return (await read(pathOf(place))) ?? (await read(pathOf({ ...place, width: WIDTH })))
}

/** The entries of a bundle, each behind its length in 16 bits; what is cut short is left out. */
export const entriesIn = (bundle: Buffer): ReadonlyArray<Buffer> => {
  const entries: Array<Buffer> = []
  for (let at = 0; at + LENGTH_BYTES <= bundle.length; ) {
    const end = at + LENGTH_BYTES + bundle.readUInt16BE(at)
    if (end > bundle.length) break
    entries.push(bundle.subarray(at + LENGTH_BYTES, end))
    at = end
  }
  return entries
}

interface Entry extends SignedEntry {
  readonly v: 1
}

/** An entry of version 1 in canonical JSON (RFC 8785); `undefined` for anything else. */
export const entryIn = (bytes: Buffer): Entry | undefined => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return canonical(value) === text && (value as Entry | null)?.v === 1 ? (value as Entry) : undefined
  } catch {
    return undefined
  }
}

const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`
}

/** The tiles above the leaves against what they must be, given the hashes of all full tiles of leaves. */
export const upperTileProblems = async (directory: string, levelOne: ReadonlyArray<Buffer>) => {
  const problems: Array<BundleProblem> = []
  let hashes = levelOne
  for (let level = 1; hashes.length > 0; level++) {
    const above: Array<Buffer> = []
    for (let tile = 0; tile * WIDTH < hashes.length; tile++) {
      const part = hashes.slice(tile * WIDTH, (tile + 1) * WIDTH)
      const stored = await readPart(directory, { level, tile, width: part.length })
      if (stored?.subarray(0, part.length * HASH_BYTES).equals(Buffer.concat(part)) !== true) {
        const detail = `tile ${level}/${tile} is not the tree's`
        problems.push({ kind: "invalid-tile", index: tile * WIDTH ** (level + 1), detail })
      }
      if (part.length === WIDTH) above.push(rootOf(part))
    }
    hashes = above
  }
  return problems
}

const rootOf = (hashes: ReadonlyArray<Buffer>): Buffer => {
  const tree = new Tree()
  for (const hash of hashes) tree.add(hash)
  return tree.root
}
