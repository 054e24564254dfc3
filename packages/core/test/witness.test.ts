// What a witness signs and refuses, and which witnesses a policy asks for.
import { Redacted, Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { signCheckpoint } from "../src/audit/checkpoint.ts"
import { openNote, signatureLine } from "../src/audit/note.ts"
import { consistencyRanges, rangeHash, subtreesOver, treeRoot } from "../src/audit/tree.ts"
import { leafHash } from "../src/audit/tree-hash.ts"
import { isQuorumMet } from "../src/audit/witness-policy.ts"
import { writeWitnessRequest } from "../src/audit/witness-request.ts"
import {
  type Cosigner,
  ephemeralSigningKey,
  generateCosignerKey,
  judgeWitnessRequest,
  NOTHING_WITNESSED,
  parseCosignerKey,
  parseSigningKey,
  parseVerifierKey,
  parseWitnessKey,
  parseWitnessPolicy,
  parseWitnessRequest
} from "../src/index.ts"

const log = ephemeralSigningKey("log.test/fluxcybers")
const cosignerOf = (name: string): Cosigner =>
  Result.getOrThrow(Result.flatMap(generateCosignerKey(name), parseCosignerKey))
const witness = cosignerOf("witness.test/w1")

const hashes = Array.from({ length: 40 }, (_, index) => leafHash(Buffer.from(`entry ${index}`)))
const otherHashes = hashes.with(3, leafHash(Buffer.from("other")))
const checkpointOf = (size: number, of = hashes, signer = log) =>
  signCheckpoint({ size, root: treeRoot(of.slice(0, size)) }, signer)
const proofOf = (old: number, size: number, of = hashes) =>
  old === 0 || old === size
    ? []
    : consistencyRanges(BigInt(old), BigInt(size)).map((range) => rangeHash(range, subtreesOver(of)))

const textOf = (note: string) => note.slice(0, note.lastIndexOf("\n\n") + 1)

describe("a cosignature", () => {
  const note = checkpointOf(5)
  const cosigned = note + signatureLine(witness.cosign(textOf(note), 1_679_315_147))

  it("verifies beside the log's own signature, with the time inside what is signed", () => {
    expect(Result.isSuccess(openNote(cosigned, [log.verifier, witness.verifier]))).toBe(true)
    const bytes = Buffer.from(witness.cosign(textOf(note), 7).signature)
    bytes.writeBigUInt64BE(8n)
    expect(witness.verifier.verify(Buffer.from(textOf(note)), bytes)).toBe(false)
  })

  it("is one of that checkpoint alone", () => {
    expect(
      witness.verifier.verify(Buffer.from(textOf(checkpointOf(6))), witness.cosign(textOf(note), 7).signature)
    ).toBe(false)
  })

  it("has a key of its own kind: a log's key is no witness's, and the other way round", () => {
    expect(Result.isFailure(parseWitnessKey(log.verifier.text))).toBe(true)
    expect(Result.isFailure(parseVerifierKey(witness.verifier.text))).toBe(true)
    expect(Result.getOrThrow(parseWitnessKey(witness.verifier.text)).text).toBe(witness.verifier.text)
    const key = Result.getOrThrow(generateCosignerKey("w"))
    expect(Result.isFailure(parseSigningKey(key))).toBe(true)
    expect(Redacted.value(key)).toMatch(/^PRIVATE\+KEY\+w\+[0-9a-f]{8}\+BB?/)
  })
})

describe("a witness", () => {
  const known = (size: number, of = hashes) => ({
    logOf: (origin: string) => (origin === log.name ? log.verifier : undefined),
    seen: () => (size === 0 ? NOTHING_WITNESSED : { size: BigInt(size), root: treeRoot(of.slice(0, size)) })
  })
  const request = (old: number, size: number, of = hashes) => ({
    old: BigInt(old),
    proof: proofOf(old, size, of),
    checkpoint: checkpointOf(size, of)
  })

  it("MUST cosign whatever only grew, from any size to any other", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (one, other) => {
        const [old, size] = [Math.min(one, other), Math.max(one, other)]
        expect(judgeWitnessRequest(request(old, size), known(old)).status).toBe(200)
      })
    )
  })

  it("MUST NOT cosign a log whose history differs, at whatever size", () => {
    for (let old = 4; old <= 30; old++) {
      expect(judgeWitnessRequest(request(old, 31, otherHashes), known(old)).status).toBe(422)
    }
  })

  it("MUST refuse a roll-back and name the size that it saw", () => {
    expect(judgeWitnessRequest(request(5, 10), known(20))).toMatchObject({ status: 409, size: 20n })
    expect(judgeWitnessRequest(request(0, 10), known(20))).toMatchObject({ status: 409, size: 20n })
    expect(judgeWitnessRequest({ ...request(5, 10), old: 20n }, known(20)).status).toBe(400)
  })

  it("MUST refuse two trees of one size", () => {
    const verdict = judgeWitnessRequest(request(10, 10, otherHashes), known(10))
    expect(verdict.status).toBe(409)
    expect("size" in verdict && verdict.size !== undefined).toBe(false)
  })

  it("MUST refuse an unknown log with 404, another key with 403, a wrong proof with 422, nonsense with 400", () => {
    const foreign = ephemeralSigningKey("other.test/log")
    const status = (checkpoint: string, proof = proofOf(5, 9)) =>
      judgeWitnessRequest({ old: 5n, proof, checkpoint }, known(5)).status
    expect(status(checkpointOf(9, hashes, foreign))).toBe(404)
    expect(status(checkpointOf(9, hashes, ephemeralSigningKey(log.name)))).toBe(403)
    expect(status(checkpointOf(9), [])).toBe(422)
    expect(status(checkpointOf(9), [...proofOf(5, 9), new Uint8Array(32)])).toBe(422)
    expect(status(`${log.name}\n9\n\n`)).toBe(400)
    expect(judgeWitnessRequest({ old: 0n, proof: proofOf(5, 9), checkpoint: checkpointOf(9) }, known(0)).status).toBe(
      422
    )
  })
})

describe("a request to a witness", () => {
  it("is read as it was written", () => {
    const written = { old: 5n, proof: proofOf(5, 9), checkpoint: checkpointOf(9) }
    const read = parseWitnessRequest(writeWitnessRequest(written))!
    expect(writeWitnessRequest(read)).toBe(writeWitnessRequest(written))
    expect(read.old).toBe(5n)
  })

  it.each([
    ["nothing", ""],
    ["no old size", "\n\nlog\n"],
    ["a leading zero", "old 05\n\nlog\n"],
    ["a hash that is too short", "old 5\nAAAA\n\nlog\n"],
    ["base 64 that is not canonical", `old 5\n${"A".repeat(42)}B=\n\nlog\n`],
    ["more than 63 hashes", `old 5\n${`${Buffer.alloc(32).toString("base64")}\n`.repeat(64)}\nlog\n`]
  ])("MUST be refused with %s", (_, body) => {
    expect(parseWitnessRequest(body)).toBeUndefined()
  })
})

describe("a policy", () => {
  const cosigners = ["x1", "x2", "x3", "y1", "y2"].map(cosignerOf)
  const lines = cosigners.map(({ verifier }) => `witness ${verifier.name.toUpperCase()} ${verifier.text}`)
  const policy = [
    "# two of one organisation, and one of another",
    `log ${log.verifier.text} https://log.test/`,
    "",
    ...lines,
    " group\tX-witnesses 2 X1 X2 X3 ",
    "group Y-witnesses any Y1 Y2",
    "group X-and-Y all X-witnesses Y-witnesses",
    "quorum X-and-Y",
    ""
  ]
  const note = checkpointOf(5)
  const cosignedBy = (...names: ReadonlyArray<string>) =>
    note +
    cosigners
      .filter(({ verifier }) => names.includes(verifier.name))
      .map((c) => signatureLine(c.cosign(textOf(note), 9)))
      .join("")
  const parsed = Result.getOrThrow(parseWitnessPolicy(policy.join("\n")))

  it("is met by exactly the sets of witnesses that its groups name", () => {
    for (const subset of fc.sample(fc.subarray(["x1", "x2", "x3", "y1", "y2"]), 60)) {
      const xs = subset.filter((name) => name.startsWith("x")).length
      expect(isQuorumMet(parsed, cosignedBy(...subset)), subset.join()).toBe(xs >= 2 && subset.length > xs)
    }
  })

  it("of nobody is met by every checkpoint", () => {
    expect(isQuorumMet(Result.getOrThrow(parseWitnessPolicy("quorum none\n")), note)).toBe(true)
  })

  it("is not met by a cosignature of another checkpoint, or a false one beside a good one", () => {
    const other = checkpointOf(6)
    const stolen = cosigners.map((each) => signatureLine(each.cosign(textOf(other), 9))).join("")
    expect(isQuorumMet(parsed, note + stolen)).toBe(false)
    const [x1] = cosigners
    const single = Result.getOrThrow(parseWitnessPolicy(`${lines[0]}\nquorum X1`))
    expect(isQuorumMet(single, cosignedBy("x1") + signatureLine({ ...x1!.cosign(textOf(other), 9) }))).toBe(false)
  })

  it.each([
    ["no quorum", [lines[0]!], 1],
    ["two quorums", [lines[0]!, "quorum X1", "quorum X1"], 3],
    ["a quorum of nobody known", ["quorum X1"], 1],
    ["a member that is defined below", ["group g any X1", lines[0]!, "quorum g"], 1],
    ["a member twice", [lines[0]!, "group g 2 X1 X1", "quorum g"], 2],
    ["a member of two groups", [lines[0]!, "group g any X1", "group h any X1", "quorum g"], 3],
    ["a threshold past its members", [lines[0]!, "group g 2 X1", "quorum g"], 2],
    ["a threshold of nothing", [lines[0]!, "group g 0 X1", "quorum g"], 2],
    ["a group without members", ["group g all", "quorum g"], 1],
    ["a name twice", [lines[0]!, lines[1]!.replace("X2", "X1"), "quorum X1"], 2],
    ["a witness called none", [lines[0]!.replace("X1", "none"), "quorum none"], 1],
    ["a key twice", [lines[0]!, lines[0]!.replace("X1", "X9"), "quorum X1"], 2],
    ["a log's key for a witness", [`witness w ${log.verifier.text}`, "quorum w"], 1],
    ["a control character", ["quorum none\r"], 1],
    ["a line of another kind", ["mirror m", "quorum none"], 1]
  ])("MUST be refused with %s", (_, text, line) => {
    const refused = parseWitnessPolicy(text.join("\n"))
    expect(Result.isFailure(refused) && refused.failure.line).toBe(line)
  })
})
