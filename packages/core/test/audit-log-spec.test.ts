// docs/spec/audit-log.md: the same entries and the same key always make the same bytes.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import { signCheckpoint } from "../src/audit/checkpoint.ts"
import { writeProof } from "../src/audit/proof.ts"
import { treeRoot } from "../src/audit/tree.ts"
import { leafHash, nodeHash } from "../src/audit/tree-hash.ts"
import { canonicalJson, parseSigningKey, parseVerifierKey, verifyProof } from "../src/index.ts"

interface Vectors {
  readonly signingKey: string
  readonly verifierKey: string
  readonly entries: ReadonlyArray<Record<string, unknown>>
  readonly leaves: ReadonlyArray<string>
  readonly root: string
  readonly checkpoint: string
  readonly proofOfLast: string
}

const vectors: Vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../docs/spec/vectors/audit-log.json"), "utf8")
)
const signer = Result.getOrThrow(parseSigningKey(Redacted.make(vectors.signingKey)))
const leaves = vectors.entries.map((entry) => Buffer.from(canonicalJson(entry)))
const hashes = leaves.map(leafHash)

describe("vectors of the audit log", () => {
  it("MUST serialise entries canonically", () => {
    expect(leaves.map(String)).toEqual(vectors.leaves)
  })

  it("MUST have the root and the signed checkpoint", () => {
    const root = treeRoot(hashes)
    expect(Buffer.from(root).toString("base64")).toBe(vectors.root)
    expect(signer.verifier.text).toBe(vectors.verifierKey)
    expect(signCheckpoint({ size: hashes.length, root }, signer)).toBe(vectors.checkpoint)
  })

  it("MUST write the proof, and a verifier MUST accept it for that entry alone", () => {
    const proof = writeProof({
      index: 2n,
      hashes: [nodeHash(hashes[0]!, hashes[1]!)],
      checkpoint: vectors.checkpoint
    })
    expect(proof).toBe(vectors.proofOfLast)
    const log = Result.getOrThrow(parseVerifierKey(vectors.verifierKey))
    expect(Result.getOrThrow(verifyProof({ proof, leaf: leaves[2]!, log })).index).toBe(2n)
    expect(Result.isFailure(verifyProof({ proof, leaf: leaves[1]!, log }))).toBe(true)
  })
})
