// What an entry says about data subjects, each in a slot of its own that is erased with that subject's key. Every subject has one
// random secret, sealed by `SubjectCipher`; the slots are sealed under it and carry neither the pseudonym nor the id of a key.
import { randomBytes } from "node:crypto"
import { Context, Effect, Layer, Schema } from "effect"
import type { Actor } from "../actor.ts"
import { BytesColumn } from "../database/column.ts"
import { Database } from "../database/database.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import type { AuditEntryId, OrganisationId } from "../ids.ts"
import type { ColumnDeclaration } from "../inventory.ts"
import { type CipherFailed, SubjectCipher } from "../subject-cipher.ts"
import { AuditEntryNotFound, AuditLog } from "./audit-log.ts"
import { openSlot, SECRET_BYTES, sealSlot } from "./slot.ts"

type Purpose = ColumnDeclaration["purposes"][number]

/** What the inventory allows the log's evidence to be read for. */
const PURPOSES: ReadonlyArray<Purpose> = ["service-delivery", "security-monitoring"]

/** The evidence of the log is not there for this purpose. The attempt is in the log. */
export class SlotPurposeRefused extends Schema.TaggedError<SlotPurposeRefused>()("SlotPurposeRefused", {
  purpose: Schema.String
}) {
  override get message() {
    return `Slots of the audit log are not opened for ${this.purpose}. Possible: ${PURPOSES.join(", ")}.`
  }
}

/** What is said about one data subject: at most 4,096 bytes of UTF-8. */
export interface SlotText {
  /** The pseudonym. It does not get into the entry. */
  readonly subject: string
  readonly text: string
}

/** Whose slot of which entry is opened, by whom and what for. */
export interface SlotRequest {
  readonly organisation: OrganisationId
  readonly entry: AuditEntryId
  readonly subject: string
  readonly actor: Actor
  readonly purpose: Purpose
}

/**
 * `seal` makes the `sealed` part of an event; call it before the transaction begins. Sealing for a subject whose key was destroyed is
 * a defect. `open` gives what an entry says about a subject, and `undefined` when it says nothing about that one; it writes
 * `audit-slot.opened` with the purpose first. After the subject was shredded it fails with `key-destroyed`.
 */
export class AuditSlots extends Context.Service<
  AuditSlots,
  {
    seal(organisation: OrganisationId, texts: ReadonlyArray<SlotText>): Effect.Effect<Readonly<Record<string, string>>>
    open(
      request: SlotRequest
    ): Effect.Effect<string | undefined, CipherFailed | AuditEntryNotFound | SlotPurposeRefused>
  }
>()("fluxcybers/core/AuditSlots") {}

const SecretRow = Schema.Struct({ secret: BytesColumn })

const makeSecrets = (sql: SqlClient.SqlClient, cipher: SubjectCipher["Service"]) => {
  const placeOf = (organisation: OrganisationId, subject: string) => ({
    organisation,
    table: "core_audit_subjects",
    column: "secret",
    row: subject,
    subject
  })

  const stored = Effect.fnUntraced(function* (organisation: OrganisationId, subject: string) {
    const rows = yield* sql`SELECT secret FROM core_audit_subjects WHERE org = ${organisation} AND subject = ${subject}`
    const [row] = yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(SecretRow))(rows))
    return row && (yield* cipher.open(placeOf(organisation, subject), row.secret))
  }, orStorageFailure)

  /** Of several that come at once for the first time, all get the same secret. */
  const secretOf = Effect.fnUntraced(function* (organisation: OrganisationId, subject: string) {
    const known = yield* stored(organisation, subject)
    if (known !== undefined) return known
    const secret = yield* cipher.seal(placeOf(organisation, subject), randomBytes(SECRET_BYTES))
    yield* orStorageFailure(
      sql`INSERT INTO core_audit_subjects ${sql.insert({ org: organisation, subject, secret })} ON CONFLICT DO NOTHING`
    )
    return (yield* stored(organisation, subject))!
  })
  return { stored, secretOf }
}

const makeSlots = Effect.gen(function* () {
  const { sql } = yield* Database
  const cipher = yield* SubjectCipher
  const log = yield* AuditLog
  const { stored, secretOf } = makeSecrets(sql, cipher)

  return AuditSlots.of({
    seal: Effect.fn("AuditSlots.seal")(function* (organisation, texts) {
      const slots = yield* Effect.forEach(texts, ({ subject, text }) =>
        Effect.map(Effect.orDie(secretOf(organisation, subject)), (secret) => sealSlot(secret, organisation, text))
      )
      return Object.fromEntries(slots.map(({ name, sealed }) => [name, sealed]))
    }),
    open: Effect.fn("AuditSlots.open")(function* ({ organisation, entry: id, subject, actor, purpose }) {
      const [listed] = yield* log.list({ organisation, id, limit: 1 })
      if (listed === undefined) return yield* new AuditEntryNotFound({ id })
      const event = { organisation, actor, action: "audit-slot.opened", object: id, facts: { purpose } }
      if (!PURPOSES.includes(purpose)) {
        yield* log.record({ ...event, outcome: "denied" })
        return yield* new SlotPurposeRefused({ purpose })
      }
      const opened = yield* Effect.result(stored(organisation, subject))
      yield* log.record({ ...event, outcome: opened._tag === "Success" ? "success" : "failure" })
      const secret = yield* Effect.fromResult(opened)
      if (secret === undefined) return undefined
      return Object.entries(listed.entry.sealed)
        .map(([name, sealed]) => openSlot(secret, organisation, { name, sealed }))
        .find((text) => text !== undefined)
    })
  })
})

/** The slots of the audit log in the given `Database`. */
export const auditSlotsLayer: Layer.Layer<AuditSlots, never, Database | SubjectCipher | AuditLog> = Layer.effect(
  AuditSlots,
  makeSlots
)
