// Proof files (https://c2sp.org/tlog-proof): an entry's index, its inclusion proof and a signed checkpoint in one text that can be
// checked offline, with nothing but the entry's bytes and the log's verifier key.
import { Result, Schema } from "effect"
import { fromBase64, toBase64 } from "./base64.ts"
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts"
import type { NoteVerifier } from "./note-key.ts"
import { HASH_BYTES, leafHash } from "./tree-hash.ts"
import { verifyInclusion } from "./tree-proof.ts"
import { isQuorumMet, type WitnessPolicy } from "./witness-policy.ts"

const FIRST_LINE = "c2sp.org/tlog-proof@v1"
const PROOF_CHARACTERS_MAX = 1_100_000

/** A proof file was refused. `not-included`: its proof does not lead from this entry to the signed root. */
export class InvalidProof extends Schema.TaggedError<InvalidProof>()("InvalidProof", {
  reason: Schema.Literals(["malformed", "unknown-key", "bad-signature", "not-included", "unwitnessed"])
}) {
  override get message() {
    return {
      malformed: "This is not a proof file of a transparency log.",
      "unknown-key": "The proof's checkpoint is not signed by the given key.",
      "bad-signature": "The signature of the proof's checkpoint is false.",
      "not-included": "The proof does not show that this entry is in the log.",
      unwitnessed: "The proof's checkpoint has not the cosignatures that the policy asks for."
    }[this.reason]
  }
}

export interface LogProof {
  readonly index: bigint
  /** Sibling hashes from the leaf upwards. */
  readonly hashes: ReadonlyArray<Uint8Array>
  /** The checkpoint's signed note, as it was issued. */
  readonly checkpoint: string
}

export const writeProof = ({ index, hashes, checkpoint }: LogProof): string =>
  `${[FIRST_LINE, `index ${index}`, ...hashes.map(toBase64)].join("\n")}\n\n${checkpoint}`

/** Reads a proof file; opaque `extra` data is skipped, since nothing vouches for it. Proves nothing before `verifyProof`. */
export const parseProof = (text: string): LogProof | undefined => {
  const head = text.indexOf("\n\n")
  if (text.length > PROOF_CHARACTERS_MAX || head < 0) return undefined
  const [first, ...lines] = text.slice(0, head).split("\n")
  if (lines[0]?.startsWith("extra ") && fromBase64(lines.shift()!.slice("extra ".length)) === undefined)
    return undefined
  const index = /^index (0|[1-9][0-9]{0,19})$/.exec(lines.shift() ?? "")?.[1]
  const hashes = lines.map(fromBase64)
  if (first !== FIRST_LINE || index === undefined || !hashes.every((hash) => hash?.length === HASH_BYTES))
    return undefined
  return { index: BigInt(index), hashes: hashes as ReadonlyArray<Uint8Array>, checkpoint: text.slice(head + 2) }
}

/**
 * The index of the entry and the checkpoint that covers it, when the proof holds: the log's key signed the checkpoint, and the
 * proof leads from these leaf bytes to its root.
 */
export const verifyProof = (claim: {
  readonly proof: string
  readonly leaf: Uint8Array
  readonly log: NoteVerifier
  /** The witnesses that must have cosigned the checkpoint. */
  readonly policy?: WitnessPolicy
}): Result.Result<{ readonly index: bigint; readonly checkpoint: Checkpoint }, InvalidProof> => {
  const proof = parseProof(claim.proof)
  if (proof === undefined) return Result.fail(new InvalidProof({ reason: "malformed" }))
  return openCheckpoint(proof.checkpoint, claim.log).pipe(
    Result.mapError(({ reason }) => new InvalidProof({ reason })),
    Result.flatMap((checkpoint) => {
      const { index, hashes } = proof
      const { size, root } = checkpoint
      if (claim.policy !== undefined && !isQuorumMet(claim.policy, proof.checkpoint)) {
        return Result.fail(new InvalidProof({ reason: "unwitnessed" }))
      }
      return verifyInclusion({ index, size, root, leafHash: leafHash(claim.leaf), proof: hashes })
        ? Result.succeed({ index, checkpoint })
        : Result.fail(new InvalidProof({ reason: "not-included" }))
    })
  )
}
