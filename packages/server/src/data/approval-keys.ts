// The keys that people sign their decisions with: registered, listed, revoked, and found by the gate.
import {
  type Actor,
  ApprovalKeyId,
  AuditLog,
  Database,
  Malformed,
  newId,
  type OrganisationId,
  orStorageFailure,
  type PersonId,
  parseSshKey,
  SubjectCipher,
  sshFingerprint,
  sshKeyBlob
} from "@fluxcybers/core"
import type { ApprovalKey, WantedKey } from "@fluxcybers/executor"
import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { rowDecoder } from "./rows.ts"
import { openName, sealName } from "./sealed-name.ts"
import { ApprovalKeyRow } from "./tables.ts"

const keyRows = rowDecoder(ApprovalKeyRow)
type Row = typeof ApprovalKeyRow.Type

/** What was refused about a key. Nothing was changed. */
export class ApprovalKeyError extends Schema.TaggedError<ApprovalKeyError>()("ApprovalKeyError", {
  reason: Schema.Literals(["unknown", "exists", "invalid", "not-a-person", "passkey-refused"])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} Nothing was changed.`
  }
}

const EXPLANATIONS = {
  unknown: "There is no such key that you may revoke. List them with: fluxcybers approver-key list",
  exists: "This key is registered already, by you or by somebody else.",
  invalid:
    "This is not a public key that can sign approvals: one line as in id_ed25519.pub, of Ed25519, ECDSA, RSA with 2,048 to 4,096 bits, or a security key.",
  "not-a-person": "Only a person can have a key to sign approvals with.",
  "passkey-refused": "The passkey was not made for this page, or not in time. Begin again."
} as const

/** A key as its owner sees it. */
export interface ApprovalKeySummary {
  readonly id: ApprovalKeyId
  readonly person: PersonId
  readonly kind: ApprovalKey["kind"]
  readonly name: string
  readonly fingerprint: string
  readonly addedAt: string
}

interface Acting {
  readonly organisation: OrganisationId
  readonly actor: Actor
}

/** A key as it comes in. */
export interface NewApprovalKey {
  readonly name: string
  readonly kind: ApprovalKey["kind"]
  readonly publicKey: Uint8Array
  readonly passkey?: {
    readonly credential: string
    readonly rpId: string
    readonly origin: string
    readonly counter: number
  }
}

/** Audit entries: `approval-key.added` with the public key, `approval-key.revoked`. Both stay when the person leaves. */
export class ApprovalKeyRegister extends Context.Service<
  ApprovalKeyRegister,
  {
    /** Those that are not revoked; a person's own, or everybody's. */
    list(wanted: {
      readonly organisation: OrganisationId
      readonly person: PersonId | "all"
    }): Effect.Effect<ReadonlyArray<ApprovalKeySummary>>
    addSshKey(
      input: Acting & { readonly name: string; readonly line: string }
    ): Effect.Effect<ApprovalKeySummary, ApprovalKeyError>
    add(input: Acting & { readonly key: NewApprovalKey }): Effect.Effect<ApprovalKeySummary, ApprovalKeyError>
    revoke(
      input: Acting & { readonly id: ApprovalKeyId; readonly person: PersonId | "all" }
    ): Effect.Effect<void, ApprovalKeyError>
    /** The ids that the authenticators gave a person's passkeys. */
    credentials(wanted: Pick<WantedKey, "organisation" | "person">): Effect.Effect<ReadonlyArray<string>>
  }
>()("fluxcybers/server/ApprovalKeyRegister") {
  static readonly layer = Layer.effect(
    ApprovalKeyRegister,
    Effect.gen(function* () {
      const services = yield* Effect.context<Database | AuditLog | SubjectCipher>()
      const provide = Effect.provideContext(services)
      return ApprovalKeyRegister.of({
        list: (wanted) => provide(list(wanted)),
        addSshKey: (input) => provide(addSshKey(input)),
        add: (input) => provide(add(input)),
        revoke: (input) => provide(revoke(input)),
        credentials: (wanted) => provide(credentials(wanted))
      })
    })
  )
}

const rowsOf = Effect.fnUntraced(function* (organisation: OrganisationId, person: PersonId | "all") {
  const { sql } = yield* Database
  const own = person === "all" ? sql`1 = 1` : sql`person = ${person}`
  return yield* keyRows(sql`SELECT * FROM server_approval_keys
    WHERE organisation = ${organisation} AND ${own} AND revoked_at IS NULL ORDER BY id`)
})

const list = Effect.fn("ApprovalKeyRegister.list")(function* (
  wanted: Parameters<ApprovalKeyRegister["Service"]["list"]>[0]
) {
  return yield* Effect.forEach(yield* rowsOf(wanted.organisation, wanted.person), summaryOf)
})

const summaryOf = (row: Row) =>
  Effect.map(
    openName({ ...row, table: "server_approval_keys", row: row.id }, row.name),
    (name): ApprovalKeySummary => ({
      id: row.id,
      person: row.person,
      kind: row.kind,
      name,
      fingerprint: row.fingerprint,
      addedAt: row.added_at
    })
  )

const credentials = Effect.fn("ApprovalKeyRegister.credentials")(function* (
  wanted: Pick<WantedKey, "organisation" | "person">
) {
  const rows = yield* rowsOf(wanted.organisation, wanted.person)
  return rows.flatMap(({ credential }) => (credential === null ? [] : [credential]))
})

const addSshKey = Effect.fn("ApprovalKeyRegister.addSshKey")(function* (
  input: Acting & { readonly name: string; readonly line: string }
) {
  const publicKey = sshBlob(input.line)
  if (publicKey === undefined) return yield* new ApprovalKeyError({ reason: "invalid" })
  return yield* add({ ...input, key: { name: input.name, kind: "ssh-key", publicKey } })
})

const sshBlob = (line: string): Uint8Array | undefined => {
  try {
    const blob = sshKeyBlob(line)
    parseSshKey(blob)
    return blob
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

const add = Effect.fn("ApprovalKeyRegister.add")(function* (input: Acting & { readonly key: NewApprovalKey }) {
  const { organisation, actor, key } = input
  if (actor._tag !== "Person") return yield* new ApprovalKeyError({ reason: "not-a-person" })
  const { person } = actor
  const id = yield* newId(ApprovalKeyId, "approvalkey")
  const name = yield* sealName({ organisation, table: "server_approval_keys", row: id, person }, key.name)
  const fingerprint = sshFingerprint(key.publicKey)
  const { passkey } = key
  const row = {
    ...{ id, organisation, person, name, fingerprint, kind: key.kind, public_key: key.publicKey },
    ...{ credential: passkey?.credential ?? null, rp_id: passkey?.rpId ?? null, origin: passkey?.origin ?? null },
    ...{ counter: passkey?.counter ?? 0, added_at: DateTime.formatIso(yield* DateTime.now), revoked_at: null }
  }
  yield* (yield* Database).transaction(insert(input, row))
  return { id, person, kind: key.kind, name: key.name, fingerprint, addedAt: row.added_at }
})

const insert = Effect.fnUntraced(function* ({ organisation, actor, key }: Acting & { key: NewApprovalKey }, row: Row) {
  const { sql } = yield* Database
  const taken = yield* orStorageFailure(
    sql`SELECT id FROM server_approval_keys WHERE organisation = ${organisation} AND fingerprint = ${row.fingerprint} AND revoked_at IS NULL`
  )
  if (taken.length > 0) return yield* new ApprovalKeyError({ reason: "exists" })
  yield* orStorageFailure(sql`INSERT INTO server_approval_keys ${sql.insert(row)}`)
  yield* (yield* AuditLog).record({
    organisation,
    actor,
    action: "approval-key.added",
    object: row.id,
    outcome: "success",
    facts: {
      kind: key.kind,
      ...(key.passkey === undefined ? {} : { rpId: key.passkey.rpId, origin: key.passkey.origin })
    },
    personal: {
      subject: row.person,
      facts: { fingerprint: row.fingerprint, publicKey: Buffer.from(key.publicKey).toString("base64") }
    }
  })
})

const revoke = Effect.fn("ApprovalKeyRegister.revoke")(function* (
  input: Acting & { readonly id: ApprovalKeyId; readonly person: PersonId | "all" }
) {
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const found = (yield* rowsOf(input.organisation, input.person)).find(({ id }) => id === input.id)
      if (found === undefined) return yield* new ApprovalKeyError({ reason: "unknown" })
      yield* revokeRow(input, found)
    })
  )
})

/** Also when its person leaves. Call it inside a transaction. */
export const revokeKeysOf = Effect.fnUntraced(function* (input: Acting & { readonly person: PersonId }) {
  for (const row of yield* rowsOf(input.organisation, input.person)) yield* revokeRow(input, row)
})

const revokeRow = Effect.fnUntraced(function* ({ organisation, actor }: Acting, { id, person, fingerprint }: Row) {
  const { sql } = yield* Database
  const revoked_at = DateTime.formatIso(yield* DateTime.now)
  yield* orStorageFailure(sql`UPDATE server_approval_keys SET revoked_at = ${revoked_at} WHERE id = ${id}`)
  yield* (yield* AuditLog).record({
    organisation,
    actor,
    action: "approval-key.revoked",
    object: id,
    outcome: "success",
    personal: { subject: person, facts: { fingerprint } }
  })
})
