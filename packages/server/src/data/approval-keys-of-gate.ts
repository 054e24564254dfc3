// How the gate finds the key that a decision is signed with, inside the decision's transaction.
import { type ApprovalKeyId, Database, orStorageFailure, sshFingerprint } from "@fluxcybers/core"
import { type ApprovalKey, ApprovalKeys, type WantedKey } from "@fluxcybers/executor"
import { Effect, Layer } from "effect"
import { rowDecoder } from "./rows.ts"
import { ApprovalKeyRow } from "./tables.ts"

const keyRows = rowDecoder(ApprovalKeyRow)
type Row = typeof ApprovalKeyRow.Type

/** The gate's view of the same keys. */
export const approvalKeysLayer = Layer.effect(
  ApprovalKeys,
  Effect.gen(function* () {
    const services = yield* Effect.context<Database>()
    return {
      find: (wanted: WantedKey) => Effect.provideContext(find(wanted), services),
      count: (key: ApprovalKeyId, counter: number) => Effect.provideContext(count(key, counter), services)
    }
  })
)

/** Locks the row for the rest of the transaction: revoking waits, or comes first. */
const find = Effect.fnUntraced(function* ({ organisation, person, key }: WantedKey) {
  const { sql } = yield* Database
  const which =
    "publicKey" in key ? sql`fingerprint = ${sshFingerprint(key.publicKey)}` : sql`credential = ${key.credential}`
  const [row] = yield* keyRows(sql`UPDATE server_approval_keys SET counter = counter
    WHERE organisation = ${organisation} AND person = ${person} AND revoked_at IS NULL AND ${which} RETURNING *`)
  return row === undefined ? undefined : asKey(row)
})

const asKey = ({ id, kind, public_key, rp_id, origin }: Row): ApprovalKey =>
  kind === "ssh-key"
    ? { id, kind, publicKey: public_key }
    : { id, kind, publicKey: public_key, rpId: rp_id ?? "", origin: origin ?? "" }

/** WebAuthn §6.1.1: authenticators that do not count always say 0. */
const count = Effect.fnUntraced(function* (key: ApprovalKeyId, counter: number) {
  const { sql } = yield* Database
  const rows = yield* orStorageFailure(sql`UPDATE server_approval_keys SET counter = ${counter}
    WHERE id = ${key} AND (counter < ${counter} OR (counter = 0 AND ${counter} = 0)) RETURNING id`)
  return rows.length === 1
})
