// Signed decisions along a log: everything that makes one worthless is found.
import { describe, expect, it } from "vitest"
import { ORIGIN, RP_ID, softwarePasskey } from "../../../repo/testing/software-passkey.ts"
import { sshSigner } from "../../../repo/testing/ssh-signer.ts"
import {
  type ApprovalStatement,
  assertionFault,
  parseSshSignature,
  statementBytes,
  statementChallenge
} from "../src/index.ts"
import { ApprovalSignatures, type SignedEntry } from "../src/verifier/approval-signatures.ts"

const statement: ApprovalStatement = {
  digest: "ab".repeat(32),
  execution: "exec_1",
  expires: "2027-01-02T00:00:00.000Z",
  organisation: "org_1",
  person: "person_ada",
  scope: "execution",
  verdict: "approve"
}

const signer = sshSigner()
const passkey = softwarePasskey()

const entry = (
  action: string,
  object: string,
  facts: Readonly<Record<string, unknown>>,
  changes: Partial<SignedEntry> = {}
): SignedEntry => ({
  ...{ time: "2027-01-01T12:00:00.000Z", org: "org_1", actor: "person_ada", action, object, facts },
  ...changes
})
const added = (kind: "ssh-key" | "passkey" = "ssh-key", changes: Partial<SignedEntry> = {}) =>
  entry(
    "approval-key.added",
    "key_1",
    kind === "ssh-key"
      ? { kind, publicKey: signer.blob.toString("base64") }
      : { kind, publicKey: passkey.publicKey.toString("base64"), rpId: RP_ID, origin: ORIGIN },
    changes
  )
const revoked = entry("approval-key.revoked", "key_1", {})

const shared = {
  digest: statement.digest,
  signatureKey: "key_1",
  signatureExpires: statement.expires,
  signatureScope: "execution"
}
const sshFacts = (of: ApprovalStatement = statement) => ({
  ...{ ...shared, signed: "ssh-key", signatureDigest: "sha512" },
  signature: parseSshSignature(signer.sign(statementBytes(of))).signature.toString("base64")
})
const passkeyFacts = (answer: Parameters<typeof passkey.answer>[1] = {}) => ({
  ...{ ...shared, signed: "passkey" },
  ...Object.fromEntries(
    Object.entries(passkey.answer(statementChallenge(statement), answer)).map(([name, bytes]) => [
      name,
      bytes.toString("base64")
    ])
  )
})
const approved = (facts: Readonly<Record<string, unknown>>, changes: Partial<SignedEntry> = {}) =>
  entry("execution.approved", "exec_1", facts, changes)

/** The faults of the entries, in order. */
const faults = (...entries: ReadonlyArray<SignedEntry>) => {
  const signatures = new ApprovalSignatures()
  return entries.map((each, index) => signatures.fault(index, each, false)).filter((fault) => fault !== undefined)
}

describe("a log with signed decisions", () => {
  it("has no fault when each was signed with a key that its person had then", () => {
    expect(faults(added(), approved(sshFacts()), revoked)).toEqual([])
    expect(faults(added("passkey"), approved(passkeyFacts()))).toEqual([])
    const rejected = { ...statement, verdict: "reject" } as const
    expect(faults(added(), entry("execution.rejected", "exec_1", sshFacts(rejected)))).toEqual([])
    expect(faults(approved({ digest: statement.digest }))).toEqual([])
  })

  const { signed: _, ...unsigned } = sshFacts()
  it.each<[string, ReadonlyArray<SignedEntry>, string]>([
    ["another digest", [added(), approved({ ...sshFacts(), digest: "cd".repeat(32) })], "not the key's"],
    ["another execution", [added(), approved(sshFacts(), { object: "exec_2" })], "not the key's"],
    ["another verdict", [added(), entry("execution.rejected", "exec_1", sshFacts())], "not the key's"],
    ["another scope", [added(), approved({ ...sshFacts(), signatureScope: "everything" })], "not the key's"],
    [
      "a later expiry",
      [added(), approved({ ...sshFacts(), signatureExpires: "2028-01-01T00:00:00.000Z" })],
      "not the key's"
    ],
    ["an altered signature", [added(), approved({ ...sshFacts(), signature: "AAAA" })], "not the key's"],
    ["another organisation", [added(), approved(sshFacts(), { org: "org_2" })], "somebody else's key"],
    ["another person", [added(), approved(sshFacts(), { actor: "person_bob" })], "somebody else's key"],
    [
      "a key that another person registered",
      [added("ssh-key", { actor: "person_bob" }), approved(sshFacts())],
      "somebody else's key"
    ],
    ["a key that was registered after it", [approved(sshFacts()), added()], "not registered before"],
    ["a key that was revoked before it", [added(), revoked, approved(sshFacts())], "revoked before"],
    [
      "a decision after the expiry",
      [added(), approved(sshFacts(), { time: "2027-01-03T00:00:00.000Z" })],
      "had expired"
    ],
    ["its signature taken away", [added(), approved({ ...unsigned, signatureRequired: "any" })], "not signed, though"],
    [
      "an SSH key for a passkey",
      [added(), approved({ ...sshFacts(), signatureRequired: "passkey" })],
      "not signed with a passkey"
    ],
    ["a passkey called an SSH key", [added("passkey"), approved(sshFacts())], "somebody else's key"],
    [
      "a passkey's answer from another page",
      [added("passkey"), approved(passkeyFacts({ origin: "https://evil.example" }))],
      "another page"
    ],
    [
      "a passkey's answer for another domain",
      [added("passkey"), approved(passkeyFacts({ rpId: "evil.example" }))],
      "another domain"
    ],
    [
      "a passkey's answer without its person",
      [added("passkey"), approved(passkeyFacts({ flags: 0x01 }))],
      "not verified"
    ]
  ])("finds %s", (_, entries, detail) => {
    expect(faults(...entries)).toEqual([expect.stringContaining(detail)])
  })

  it("leaves out what cannot be checked any more, when entries were purged", () => {
    const signatures = new ApprovalSignatures()
    expect(signatures.fault(0, approved(sshFacts()), true)).toBeUndefined()
  })
})

describe("a passkey's answer", () => {
  const challenge = statementChallenge(statement)
  const faultOf = (changes: Parameters<typeof passkey.answer>[1], over = challenge) =>
    assertionFault(
      { publicKey: passkey.publicKey, rpId: RP_ID, origin: ORIGIN },
      passkey.answer(over, changes),
      challenge
    )

  it.each(["ec", "ed25519", "rsa"] as const)("is accepted from a key of type %s", (kind) => {
    const key = softwarePasskey(kind)
    const known = { publicKey: key.publicKey, rpId: RP_ID, origin: ORIGIN }
    expect(assertionFault(known, key.answer(challenge), challenge)).toBeUndefined()
    const other = { ...key.answer(challenge), signature: softwarePasskey(kind).answer(challenge).signature }
    expect(assertionFault(known, other, challenge)).toContain("not signed by the passkey")
  })

  it("is refused over another challenge, in a frame of another page, for a registration, and when nobody was there", () => {
    expect(faultOf({}, Buffer.alloc(32))).toContain("another challenge")
    expect(faultOf({ crossOrigin: true })).toContain("another page")
    expect(faultOf({ type: "webauthn.create" })).toContain("no assertion")
    expect(faultOf({ flags: 0x04 })).toContain("not verified")
    const known = { publicKey: Buffer.from("none"), rpId: RP_ID, origin: ORIGIN }
    expect(assertionFault(known, passkey.answer(challenge), challenge)).toContain("not signed by the passkey")
    const broken = { ...passkey.answer(challenge), clientDataJson: Buffer.from("null") }
    expect(assertionFault(known, broken, challenge)).toContain("no assertion")
  })
})
