// What a log sends to a witness (https://c2sp.org/tlog-witness, add-checkpoint), and how the witness judges it. Pure.
import { Result } from "effect"
import { fromBase64, toBase64 } from "./base64.ts"
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts"
import type { NoteVerifier } from "./note-key.ts"
import { EMPTY_ROOT, HASH_BYTES } from "./tree-hash.ts"
import { verifyConsistency } from "./tree-proof.ts"

const PROOF_LINES_MAX = 63
const OLD_SIZE = /^old (0|[1-9][0-9]{0,18})$/

/** A request to cosign a checkpoint. */
export interface WitnessRequest {
  /** The size that the witness cosigned last. */
  readonly old: bigint
  /** RFC 6962 §2.1.2, from the old size to the checkpoint's. */
  readonly proof: ReadonlyArray<Uint8Array>
  /** The checkpoint's signed note. */
  readonly checkpoint: string
}

export const writeWitnessRequest = ({ old, proof, checkpoint }: WitnessRequest): string =>
  `${[`old ${old}`, ...proof.map(toBase64)].join("\n")}\n\n${checkpoint}`

/** Reads a request; `undefined` when it is not written as the specification demands. */
export const parseWitnessRequest = (body: string): WitnessRequest | undefined => {
  const head = body.indexOf("\n\n")
  if (head < 0) return undefined
  const [first = "", ...lines] = body.slice(0, head).split("\n")
  const old = OLD_SIZE.exec(first)?.[1]
  const proof = lines.map(fromBase64)
  if (old === undefined || proof.length > PROOF_LINES_MAX || !proof.every((hash) => hash?.length === HASH_BYTES)) {
    return undefined
  }
  return { old: BigInt(old), proof: proof as ReadonlyArray<Uint8Array>, checkpoint: body.slice(head + 2) }
}

/** What the witness says: the checkpoint to cosign and remember, or the status to refuse with. */
export type WitnessVerdict =
  | { readonly status: 200; readonly checkpoint: Checkpoint; readonly text: string }
  | { readonly status: 400 | 403 | 404 | 422; readonly detail: string }
  /** `size` is what was cosigned last; without it, the log signed two trees of one size. */
  | { readonly status: 409; readonly detail: string; readonly size?: bigint }

/** What the witness cosigned last of this log; nothing yet: size 0. */
export interface WitnessedTree {
  readonly size: bigint
  readonly root: Uint8Array
}

/** The tree of a log that the witness never saw. */
export const NOTHING_WITNESSED: WitnessedTree = { size: 0n, root: EMPTY_ROOT }

/** Judges a request. `logOf` finds the key of a log by its origin, `seen` what was cosigned of it. */
export const judgeWitnessRequest = (
  request: WitnessRequest,
  known: {
    readonly logOf: (origin: string) => NoteVerifier | undefined
    readonly seen: (origin: string) => WitnessedTree
  }
): WitnessVerdict => {
  const origin = request.checkpoint.split("\n", 1)[0] ?? ""
  const log = known.logOf(origin)
  if (log === undefined) return { status: 404, detail: "This witness does not know the log." }
  const opened = openCheckpoint(request.checkpoint, log)
  if (Result.isFailure(opened)) return refusedNote(opened.failure.reason)
  const checkpoint = opened.success
  if (request.old > checkpoint.size) return { status: 400, detail: "The old size is larger than the checkpoint's." }
  const seen = known.seen(origin)
  if (request.old !== seen.size) {
    return { status: 409, detail: "Another size was cosigned last.", size: seen.size }
  }
  return judgeGrowth(request, checkpoint, seen)
}

const refusedNote = (reason: "malformed" | "unknown-key" | "bad-signature"): WitnessVerdict =>
  reason === "malformed"
    ? { status: 400, detail: "This is not a checkpoint." }
    : { status: 403, detail: "The log's key did not sign this checkpoint." }

const judgeGrowth = (request: WitnessRequest, checkpoint: Checkpoint, seen: WitnessedTree): WitnessVerdict => {
  const { size, root } = checkpoint
  const text = request.checkpoint.slice(0, request.checkpoint.lastIndexOf("\n\n") + 1)
  if (size === seen.size && !Buffer.from(root).equals(seen.root)) {
    return { status: 409, detail: "The log signed another tree of this size before: it was forked." }
  }
  const isProven =
    seen.size === 0n && size > 0n
      ? request.proof.length === 0
      : verifyConsistency({
          first: seen.size,
          second: size,
          firstRoot: seen.root,
          secondRoot: root,
          proof: request.proof
        })
  return isProven
    ? { status: 200, checkpoint, text }
    : { status: 422, detail: "The proof does not show that the log only grew." }
}
