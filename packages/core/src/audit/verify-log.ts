// Verification of the whole log: every entry, every stored hash, every signed checkpoint. Needs the database and the log's verifier
// key, nothing else of ours; reads page by page, so memory stays flat.
import { Effect, Result } from "effect"
import { Database } from "../database/database.ts"
import type { SqlClient } from "../database/sql.ts"
import { ApprovalSignatures } from "../verifier/approval-signatures.ts"
import { toBase64 } from "./base64.ts"
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts"
import { type NoteVerifier, parseVerifierKey } from "./note-key.ts"
import { edgeRoot, TILE_WIDTH, type Tile } from "./tree-edge.ts"
import type { VerificationProgress, VerificationReport } from "./verify.ts"
import { checkAliases } from "./verify-aliases.ts"
import { isSame } from "./verify-explanation.ts"
import { Findings } from "./verify-findings.ts"
import { checkWitnessed, SeenCheckpoints } from "./verify-outside.ts"
import { PAGE_ENTRIES, type Page, readPage } from "./verify-page.ts"
import { checkPurges } from "./verify-purges.ts"
import { countCommitted, entriesEnd, newestSize, readCheckpoints, readPurges, readTile } from "./verify-reads.ts"
import { VerifiedTree } from "./verify-tree.ts"
import { fetchWitnessed } from "./witness-client.ts"
import type { WitnessPolicy } from "./witness-policy.ts"

const PAGE_CHECKPOINTS = 500
/** Faults of the entries' form kept between two checkpoints; more would not be reported anyway. */
const FAULTS_MAX = 1_000

/** What a verification is given beside the log. */
export interface VerifyLogOptions {
  /** The log's key (`name+hash+base64`), from somewhere else than the database. */
  readonly verifierKey: string
  /** Checkpoints of this log that were kept elsewhere (a journal, a witness, somebody's notes): it must contain them all. */
  readonly seen?: ReadonlyArray<string>
  /**
   * The witnesses that must have cosigned every checkpoint within ten minutes. Those with an address are asked for the checkpoint that
   * they cosigned last, which the log must contain.
   */
  readonly policy?: WitnessPolicy
  /** Called after every page of some thousand entries. */
  readonly onProgress?: (progress: VerificationProgress) => void
}

/**
 * Verifies the log in the given `Database` against a verifier key (`name+hash+base64`) that came from somewhere else. Finds what was
 * changed, never fails for it; fails with `InvalidKey` for a key that is none, and with a `StorageFailure` defect for a damaged file.
 */
export const verifyLog = Effect.fn("verifyLog")(function* (options: VerifyLogOptions) {
  const verifier = yield* Effect.fromResult(parseVerifierKey(options.verifierKey))
  const { sql } = yield* Database
  const { policy, seen = [] } = options
  // Before the database: what is appended meanwhile is then in no doubt.
  const witnessed = policy === undefined ? [] : yield* fetchWitnessed(policy, verifier.name)
  return yield* verifyWith(sql, { ...options, verifier, seen: [...seen, ...witnessed] })
})

interface Verification {
  readonly sql: SqlClient.SqlClient
  readonly verifier: NoteVerifier
  readonly tree: VerifiedTree
  readonly findings: Findings
  readonly seen: SeenCheckpoints
  readonly signatures: ApprovalSignatures
  /** The size of the newest checkpoint: -1 when there is none. */
  readonly last: number
  /** One past the last entry that is there. */
  readonly end: number
  readonly onProgress: (progress: VerificationProgress) => void
  /** Checkpoints can be one entry apart; what was read for one serves the next. */
  page: Page | undefined
  /** Faults of the entries' form since the last checkpoint, by index. */
  faults: Array<readonly [number, string]>
  /** Sizes of signed checkpoints that do not fit, until a larger one does: then the log was forked. */
  unfitting: Array<number>
}

export const verifyWith = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  options: Omit<VerifyLogOptions, "verifierKey"> & { readonly verifier: NoteVerifier }
) {
  const findings = new Findings()
  // In this order: what is appended meanwhile belongs to no checkpoint that is looked at.
  const last = yield* newestSize(sql)
  const end = yield* entriesEnd(sql)
  const { verifier, onProgress = () => {}, policy } = options
  const purges = yield* readPurges(sql, last)
  const tree = new VerifiedTree(purges.reduce((most, purge) => Math.max(most, purge.end), 0))
  const seen = new SeenCheckpoints(options.seen ?? [], verifier, findings)
  const signatures = new ApprovalSignatures()
  const given = { sql, verifier, tree, findings, seen, signatures, last, end, onProgress }
  const verification: Verification = { ...given, page: undefined, faults: [], unfitting: [] }
  const { checkpoints, size } = yield* walkCheckpoints(verification)
  onProgress({ entries: Math.max(last, 0), of: Math.max(last, 0) })
  for (const tile of tree.edge.partial) if (tile.hashes.length > 0) yield* compareTile(verification, tile)
  yield* checkEnd(verification, size)
  yield* checkAliases(sql, findings)
  yield* checkPurges(sql, purges, { findings, verifier, policy, seen: options.seen ?? [] })
  for (const [index, detail] of signatures.closedFaults) findings.report({ kind: "bad-approval", index, detail })
  seen.tellTruncated(size)
  if (policy !== undefined) yield* checkWitnessed(sql, policy, { findings, size })
  const pending = Math.max(0, (yield* countCommitted(sql)) - size)
  return {
    size,
    root: toBase64(edgeRoot(tree.edge)),
    checkpoints,
    pending,
    purged: tree.purged,
    unchecked: signatures.unchecked,
    ...findings.found
  } satisfies VerificationReport
})

const checkEnd = Effect.fnUntraced(function* ({ sql, findings, last, end }: Verification, size: number) {
  // The second look: a log that is opened meanwhile signs its first checkpoint before any entry.
  if (last < 0 && end > 0 && (yield* newestSize(sql)) < 0) {
    const detail = "there are entries, but no checkpoint, not even that of the empty log"
    findings.report({ kind: "truncated", index: 0, detail })
  }
  if (end < size) {
    const detail = `entries ${end} to ${size - 1} are gone, though a signed checkpoint covers them`
    findings.report({ kind: "truncated", index: end, detail })
  }
})

const walkCheckpoints = Effect.fnUntraced(function* (verification: Verification) {
  const { sql, verifier, findings, last } = verification
  let size = 0
  let checkpoints = 0
  for (let after = -1; ; ) {
    const page = yield* readCheckpoints(sql, { after, last, limit: PAGE_CHECKPOINTS })
    for (const stored of page) {
      after = stored.size
      const opened = openCheckpoint(stored.note, verifier)
      if (Result.isFailure(opened) || opened.success.size !== BigInt(stored.size)) {
        const detail = "this checkpoint is not signed by the log's key for this size"
        findings.report({ kind: "bad-signature", index: stored.size, detail })
        continue
      }
      checkpoints++
      size = stored.size
      yield* walkEntries(verification, opened.success)
    }
    if (page.length < PAGE_CHECKPOINTS) return { checkpoints, size }
  }
})

/** Goes on to the size of a checkpoint, and compares its root. What is missing behind the last entry is told once, at the end. */
const walkEntries = Effect.fnUntraced(function* (verification: Verification, checkpoint: Checkpoint) {
  const { tree, end, findings, seen } = verification
  const size = Number(checkpoint.size)
  for (let next = seen.nextUpTo(checkpoint.size); next !== undefined; next = seen.nextUpTo(checkpoint.size)) {
    yield* advance(verification, next)
    seen.compare(tree)
  }
  yield* advance(verification, size)
  const { isConfirmed, problems, tiles } = tree.judge(checkpoint)
  for (const problem of problems) {
    const isTail = (problem.kind === "missing-entry" || problem.kind === "gap") && problem.index >= end
    if (!isTail) findings.report(problem)
  }
  for (const [index, detail] of verification.faults.splice(0)) findings.report({ kind: "invalid-entry", index, detail })
  if (isConfirmed) tellForks(verification, size)
  else verification.unfitting.push(size)
  for (const tile of tiles) yield* compareTile(verification, tile)
})

const advance = Effect.fnUntraced(function* (verification: Verification, size: number) {
  const { tree, faults } = verification
  while (tree.edge.size < size) {
    const page = yield* pageAt(verification, tree.edge.size)
    const pageEnd = Math.min(page.begin + PAGE_ENTRIES, size)
    const found = [...page.faults].filter(([index]) => index >= tree.edge.size && index < pageEnd)
    faults.push(...found.slice(0, FAULTS_MAX - faults.length))
    checkSignatures(verification, page, pageEnd)
    tree.append(page, pageEnd)
  }
})

const checkSignatures = ({ tree, signatures, findings }: Verification, page: Page, end: number): void => {
  for (const [index, entry] of page.signed) {
    if (index < tree.edge.size || index >= end) continue
    const detail = signatures.fault(index, entry, tree.purged > 0)
    if (detail !== undefined) findings.report({ kind: "bad-approval", index, detail })
  }
}

const tellForks = ({ unfitting, findings }: Verification, size: number): void => {
  for (const index of unfitting.splice(0)) {
    const detail = `the log's key signed this checkpoint and that of ${size} entries, and they contradict each other`
    findings.retell({ kind: "wrong-root", index }, { kind: "fork", detail })
  }
}

const pageAt = Effect.fnUntraced(function* (verification: Verification, index: number) {
  const begin = index - (index % PAGE_ENTRIES)
  if (verification.page?.begin === begin) return verification.page
  const { sql, last, onProgress } = verification
  onProgress({ entries: begin, of: last })
  // Gives others their turn: a server verifies while it serves.
  yield* Effect.yieldNow
  const page = yield* readPage(sql, begin)
  verification.page = page
  return page
})

/** A stored tile may have grown since, but what it should begin with stays. */
const compareTile = Effect.fnUntraced(function* ({ sql, findings }: Verification, tile: Tile) {
  const stored = yield* readTile(sql, tile)
  if (isSame(stored?.subarray(0, tile.hashes.length), tile.hashes)) return
  const index = tile.index * TILE_WIDTH ** (tile.level + 1)
  findings.report({ kind: "invalid-tile", index, detail: `tile ${tile.level}/${tile.index} is not the tree's` })
})
