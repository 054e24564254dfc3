// Signed decisions in the log itself, in the database and in an export, and the published vectors.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { sshSigner } from "../../../repo/testing/ssh-signer.ts"
import {
  APPROVAL_NAMESPACE,
  AuditLog,
  auditLogLayer,
  coreMigrations,
  ephemeralSigningKey,
  isSshSigned,
  logPaths,
  migrate,
  newId,
  OrganisationId,
  PersonActor,
  PersonId,
  parseSshSignature,
  sshKeyBlob,
  statementBytes,
  statementChallenge,
  verifyLog
} from "../src/index.ts"
import { verifyBundle } from "../src/verifier/index.ts"

const origin = "log.test/signed"
const key = ephemeralSigningKey(origin)
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const actor = new PersonActor({ person: Effect.runSync(newId(PersonId, "person")) })
const stranger = Effect.runSync(newId(PersonId, "person"))
const signer = sshSigner()
const digest = "ab".repeat(32)
const expires = "2999-01-01T00:00:00.000Z"

const record = Effect.fnUntraced(function* (action: string, object: string, facts: Readonly<Record<string, string>>) {
  return yield* (yield* AuditLog).record({ organisation, actor, action, object, outcome: "success", facts })
})

/** The log signs whatever it is given: this is what its owner could write. */
const approve = (execution: string, changes: Readonly<Record<string, string>> = {}) => {
  const said = {
    digest,
    execution,
    expires,
    organisation,
    person: actor.person,
    scope: "execution",
    verdict: "approve"
  } as const
  const { signature } = parseSshSignature(signer.sign(statementBytes(said)))
  const facts = { signed: "ssh-key", signatureKey: "key-1", signatureDigest: "sha512", signatureExpires: expires }
  const signed = { ...facts, digest, signatureScope: "execution", signature: signature.toString("base64") }
  return record("execution.approved", execution, { ...signed, ...changes })
}

const exportTo = Effect.fnUntraced(function* (directory: string, size: number) {
  const log = yield* AuditLog
  for (const path of [...logPaths(size), "checkpoint"]) {
    const { bytes } = yield* log.resource(path)
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
})

const exportAliases = Effect.fnUntraced(function* (path: string) {
  const openings = yield* Stream.runCollect((yield* AuditLog).aliases(organisation))
  writeFileSync(path, [...openings].map((opening) => `${JSON.stringify(opening)}\n`).join(""))
  return path
})

const found = ({ problems }: { readonly problems: ReadonlyArray<{ readonly kind: string; readonly index: number }> }) =>
  problems.map(({ kind, index }) => `${kind} ${index}`)

describe.each(databases)("on $name, a log", ({ layer }) => {
  const log = () =>
    auditLogLayer({ origin, key }).pipe(
      Layer.provideMerge(Layer.effectDiscard(migrate("core", coreMigrations))),
      Layer.provideMerge(layer())
    )

  it.live("that its owner wrote decisions into is found out, in the database and in its export", () =>
    Effect.gen(function* () {
      yield* record("approval-key.added", "key-1", { kind: "ssh-key", publicKey: signer.blob.toString("base64") })
      yield* approve("exec-good")
      yield* approve("exec-altered", { digest: "cd".repeat(32) })
      yield* record("approval-key.revoked", "key-1", {})
      const last = yield* approve("exec-late")
      yield* (yield* AuditLog).awaitCheckpoint(last)
      const expected = ["bad-approval 2", "bad-approval 4"]
      const report = yield* verifyLog({ verifierKey: key.verifier.text })
      expect(found(report)).toEqual(expected)
      const directory = mkdtempSync(join(tmpdir(), "fluxcybers-signed-log-"))
      yield* exportTo(directory, report.size)
      const bundle = (aliases?: string) =>
        Effect.promise(() =>
          verifyBundle({ directory, key: key.verifier.text, ...(aliases === undefined ? {} : { aliases }) })
        )
      const all = yield* exportAliases(join(directory, "aliases.jsonl"))
      expect(found(yield* bundle(all))).toEqual(expected)
      expect(yield* bundle()).toMatchObject({ problems: [], unchecked: 3 })
      const altered = join(directory, "altered.jsonl")
      writeFileSync(altered, readFileSync(all, "utf8").replaceAll(actor.person, stranger))
      expect(found(yield* bundle(altered))).toEqual([
        "bad-alias 0",
        "bad-approval 1",
        "bad-approval 2",
        "bad-approval 4"
      ])
      rmSync(directory, { recursive: true })
    }).pipe(Effect.provide(log()))
  )

  it.live("keeps quiet about the signatures of whoever was erased, and of nobody else", () =>
    Effect.gen(function* () {
      const log = yield* AuditLog
      yield* record("approval-key.added", "key-1", { kind: "ssh-key", publicKey: signer.blob.toString("base64") })
      yield* log.awaitCheckpoint(yield* approve("exec-good"))
      yield* log.forget({ organisation, ids: [actor.person] })
      const verify = verifyLog({ verifierKey: key.verifier.text })
      const hidden = yield* verify
      expect([found(hidden), hidden.unchecked]).toEqual([["bad-approval 1"], 1])
      yield* log.awaitCheckpoint(yield* record("subject.shredded", "shredding-1", {}))
      const erased = yield* verify
      expect([found(erased), erased.unchecked]).toEqual([[], 1])
    }).pipe(Effect.provide(log()))
  )
})

describe("the vectors of signed approvals", () => {
  const vectors = JSON.parse(
    readFileSync(new URL("../../../docs/spec/vectors/signed-approval.json", import.meta.url), "utf8")
  )

  it("MUST be made and accepted", () => {
    const message = statementBytes(vectors.statement)
    expect(message.toString()).toBe(vectors.message)
    expect(statementChallenge(vectors.statement).toString("hex")).toBe(vectors.passkeyChallenge)
    for (const { publicKey, file } of vectors.signatures) {
      const signature = parseSshSignature(file)
      expect(signature.namespace).toBe(APPROVAL_NAMESPACE)
      expect(signature.publicKey.equals(sshKeyBlob(publicKey))).toBe(true)
      expect(isSshSigned(message, signature)).toBe(true)
      expect(isSshSigned(statementBytes({ ...vectors.statement, verdict: "reject" }), signature)).toBe(false)
    }
  })
})
