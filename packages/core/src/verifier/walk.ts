// The log from its first entry to its last, and what is wrong with it.
import { openedEntry } from "./alias.ts"
import type { Aliases } from "./aliases-file.ts"
import { ApprovalSignatures, SIGNATURE_ACTIONS } from "./approval-signatures.ts"
import { entryIn } from "./bundle-files.ts"
import type { Checkpoint } from "./signed-note.ts"
import { HASH_BYTES, leafHash, Tree } from "./tree.ts"

export const PROBLEMS_MAX = 1_000
const NO_ALIASES: ReadonlyMap<string, string> = new Map()
const NO_HASH = Buffer.alloc(HASH_BYTES)

/** One thing that is not as it was signed; the kinds are those of docs/spec/audit-log.md §6. */
export interface BundleProblem {
  readonly kind: string
  readonly index: number
  readonly detail: string
}

interface Part {
  readonly width: number
  readonly hashes: Buffer
  readonly entries: ReadonlyArray<Buffer>
}

interface Gone {
  readonly index: number
  end: number
}

interface Doubt {
  readonly index: number
  readonly entry: Buffer | undefined
  readonly stored: Buffer | undefined
}

/** The tree twice, from the entries and from the stored hashes: the signed root says which is right where they differ. */
export class Walk {
  readonly #checkpoint: Checkpoint
  readonly #seen: ReadonlyArray<Checkpoint>
  readonly #fromEntries = new Tree()
  readonly #fromHashes = new Tree()
  readonly #doubts: Array<Doubt> = []
  readonly #problems: Array<BundleProblem> = []
  /** Entries that are gone while their hashes are there. */
  readonly #gone: Array<Gone> = []
  /** The log itself says that entries below this index were purged. */
  #purgedEnd = 0
  readonly #signatures = new ApprovalSignatures()
  readonly #aliases: Aliases | undefined
  #size = 0

  /** Without aliases, signed decisions are not checked, and not complained about. */
  constructor(checkpoint: Checkpoint, seen: ReadonlyArray<Checkpoint>, aliases: Aliases | undefined) {
    this.#checkpoint = checkpoint
    this.#seen = seen
    this.#aliases = aliases
    this.#compareWithSeen()
    for (const { size } of seen.filter((each) => each.size > checkpoint.size)) {
      const detail = `a checkpoint of ${size} entries was seen before; this log has ${checkpoint.size}`
      this.#problems.push({ kind: "truncated", index: checkpoint.size, detail })
    }
  }

  add({ width, hashes, entries }: Part): void {
    for (let i = 0; i < width; i++) {
      const bytes = entries[i]
      const entry = bytes === undefined ? undefined : leafHash(bytes)
      const stored =
        hashes.length < (i + 1) * HASH_BYTES ? undefined : hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)
      if (entry === undefined && stored !== undefined) this.#noteGone()
      else if (entry === undefined || stored === undefined || !entry.equals(stored)) {
        if (this.#doubts.length < PROBLEMS_MAX) this.#doubts.push({ index: this.#size, entry, stored })
      }
      if (bytes !== undefined) this.#readEntry(bytes)
      this.#fromEntries.add(entry ?? stored ?? NO_HASH)
      this.#fromHashes.add(stored ?? entry ?? NO_HASH)
      this.#size++
      this.#compareWithSeen()
    }
  }

  #noteGone(): void {
    const last = this.#gone.at(-1)
    if (last?.end === this.#size) last.end++
    else this.#gone.push({ index: this.#size, end: this.#size + 1 })
  }

  #readEntry(bytes: Buffer): void {
    const entry = entryIn(bytes)
    if (entry === undefined) {
      this.#problems.push({ kind: "invalid-entry", index: this.#size, detail: "not canonical JSON of an entry" })
    } else if (entry.action === "audit-log.purged" && typeof entry.facts?.["end"] === "number") {
      // A purge is logged before it happens: behind everything that goes.
      const { end } = entry.facts as { readonly end: number }
      if (end <= this.#size) this.#purgedEnd = Math.max(this.#purgedEnd, end)
    } else if (SIGNATURE_ACTIONS.includes(entry.action)) {
      const opened = openedEntry(entry, this.#aliases?.of(entry.org) ?? NO_ALIASES)
      const detail = this.#signatures.fault(this.#size, opened, this.#gone.length > 0)
      if (detail !== undefined) this.#problems.push({ kind: "bad-approval", index: this.#size, detail })
    }
  }

  /** What is gone and was not purged. */
  #missing(): ReadonlyArray<BundleProblem> {
    return this.#gone.flatMap(({ index, end }) => {
      const begin = Math.max(index, this.#purgedEnd)
      if (begin >= end) return []
      const detail = end === begin + 1 ? "the entry is gone" : `the entries up to ${end - 1} are gone`
      return [{ kind: end === this.#checkpoint.size ? "truncated" : "missing-entry", index: begin, detail }]
    })
  }

  #compareWithSeen(): void {
    for (const { size, root } of this.#seen) {
      if (size !== this.#size || root.equals(this.#fromEntries.root) || root.equals(this.#fromHashes.root)) continue
      const detail = "the log's key signed another tree of this size, which was seen before"
      this.#problems.push({ kind: "fork", index: size, detail })
    }
  }

  get #areEntriesRight(): boolean {
    return this.#fromEntries.root.equals(this.#checkpoint.root)
  }

  get #areHashesRight(): boolean {
    return this.#fromHashes.root.equals(this.#checkpoint.root)
  }

  /** What stands above full tiles of leaves in the tree that was signed; nothing when neither is it. */
  get levelOne(): ReadonlyArray<Buffer> {
    if (this.#areEntriesRight) return this.#fromEntries.levelOne
    return this.#areHashesRight ? this.#fromHashes.levelOne : []
  }

  /** Signed decisions that were not checked. */
  get unchecked(): number {
    return this.#signatures.unchecked
  }

  #closed(): ReadonlyArray<BundleProblem> {
    if (this.#aliases === undefined) return []
    return this.#signatures.closedFaults.map(([index, detail]) => ({ kind: "bad-approval", index, detail }))
  }

  judge(): ReadonlyArray<BundleProblem> {
    const areEntriesRight = this.#areEntriesRight
    const { size } = this.#checkpoint
    const doubts = this.#doubts.map((doubt) => this.#explain(doubt, areEntriesRight))
    const isRight = areEntriesRight || this.#areHashesRight
    const wrong = { kind: "wrong-root", index: size, detail: "the signed root is not that of the entries" }
    return [
      ...runs(doubts, size),
      ...this.#missing(),
      ...this.#problems,
      ...this.#closed(),
      ...(isRight ? [] : [wrong])
    ]
  }

  #explain({ index, entry, stored }: Doubt, areEntriesRight: boolean): BundleProblem {
    if (entry === undefined && stored === undefined)
      return { kind: "gap", index, detail: "entry and stored hash are gone" }
    if (entry === undefined || stored === undefined || areEntriesRight) {
      return { kind: "invalid-tile", index, detail: "the stored hash is not the signed one" }
    }
    const home = this.#doubts.find((other) => other.index !== index && other.stored?.equals(entry))
    if (home !== undefined) return { kind: "moved", index, detail: `this entry was signed at index ${home.index}` }
    return { kind: "invalid-entry", index, detail: "the entry is not the one that was signed" }
  }
}

/** A gap is one problem however long it is; at the end of the log it is a tail that was cut off. */
const runs = (problems: ReadonlyArray<BundleProblem>, size: number): ReadonlyArray<BundleProblem> => {
  const found: Array<BundleProblem & { readonly end: number }> = []
  for (const problem of problems) {
    const last = found.at(-1)
    const goesOn = last?.end === problem.index && last.kind === "gap" && problem.kind === "gap"
    if (goesOn) found.pop()
    found.push({ ...(goesOn ? last : problem), end: problem.index + 1 })
  }
  return found.map(({ end, ...problem }) => {
    const detail = end === problem.index + 1 ? problem.detail : `${problem.detail}, up to ${end - 1}`
    return { ...problem, kind: problem.kind === "gap" && end === size ? "truncated" : problem.kind, detail }
  })
}
