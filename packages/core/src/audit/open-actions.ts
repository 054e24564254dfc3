// Actions that take time: opened with an intent in the log, closed with how they ended. What a process that is gone had left open is
// closed as interrupted. Gone is an earlier start of the same node, and a process that gave no sign of life for a minute.
import { Cause, Clock, Effect, Exit, Predicate, Schema } from "effect"
import { SystemActor } from "../actor.ts"
import { IntegerColumn } from "../database/column.ts"
import { Database } from "../database/database.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { AuditEntryId, idText, newId, OrganisationId } from "../ids.ts"
import { makeGoneWatch, SIGN_OF_LIFE_EVERY_MS } from "../signs-of-life.ts"
import type { AuditLog, BeginningEvent, Facts, OpenAction } from "./audit-log.ts"
import type { EntryRow } from "./entry.ts"
import { type AuditEntry, type AuditEvent, AuditFact, type AuditOutcome } from "./event.ts"

const RECOVERY = new SystemActor({ component: "recovery" })

/** Which start of a process this is. */
const BootId = idText("boot").pipe(Schema.brand("boot"))

const OpenRow = Schema.Struct({
  entry: AuditEntryId,
  boot: Schema.String,
  beat: IntegerColumn,
  org: OrganisationId,
  action: Schema.String,
  object: Schema.String,
  facts: Schema.fromJsonString(Schema.Record(Schema.String, AuditFact))
})
type OpenRow = typeof OpenRow.Type

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(OpenRow))

interface OpenActionsOptions {
  recordRow(event: AuditEvent): Effect.Effect<EntryRow>
  readonly record: AuditLog["Service"]["record"]
  /** The name of this process among others on the database, the same at every start. */
  readonly node: string | undefined
}

/** Closes what earlier starts of this node left open, and from then on watches over what others do. */
export const makeOpenActions = Effect.fnUntraced(function* ({ recordRow, record, node: name }: OpenActionsOptions) {
  const { sql } = yield* Database
  const boot = yield* newId(BootId, "boot")
  const node = name ?? boot
  const ours = new Set<string>()
  const begin = beginning({ ...(yield* Database), recordRow, record, node, boot, ours })
  const interrupt = interrupting(yield* Database, record)
  const beat = Effect.suspend(() =>
    ours.size === 0
      ? Effect.void
      : orStorageFailure(sql`UPDATE core_audit_open SET beat = beat + 1 WHERE boot = ${boot}`)
  )
  const once = Effect.andThen(beat, makeWatch(interrupt, boot)).pipe(
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.logError("The open actions of the audit log could not be watched; it is tried again.", cause)
    ),
    Effect.andThen(Effect.sleep(SIGN_OF_LIFE_EVERY_MS))
  )
  const left = yield* sql`SELECT * FROM core_audit_open WHERE node = ${node}`.pipe(orStorageFailure)
  yield* Effect.forEach(yield* Effect.orDie(decodeRows(left)), interrupt, { discard: true })
  yield* Effect.forkScoped(Effect.forever(once))
  return { begin, during: closingBy(begin) }
})

interface Desk extends Pick<Database["Service"], "sql" | "transaction">, Omit<OpenActionsOptions, "node"> {
  readonly node: string
  readonly boot: string
  /** What this process has open. */
  readonly ours: Set<string>
}

const beginning = (desk: Desk): AuditLog["Service"]["begin"] =>
  Effect.fn("AuditLog.begin")(function* (event) {
    const { sql, transaction, recordRow, node, boot, ours } = desk
    const intent = yield* transaction(
      Effect.gen(function* () {
        const { id: entry, org, action, object, leaf } = yield* recordRow({ ...event, outcome: "intent" })
        const row = { entry, node, boot, beat: 0, org, action, object, facts: factsIn(leaf) }
        yield* orStorageFailure(sql`INSERT INTO core_audit_open ${sql.insert(row)}`)
        yield* sql.afterCommit(Effect.sync(() => ours.add(entry)))
        return entry
      })
    )
    const close = closing(desk, event, intent)
    return {
      intent,
      succeed: (found) => close("success", found),
      fail: (found) => close("failure", found),
      interrupt: close("interrupted")
    }
  })

/** As they stand in the entry: with aliases for people, whose ids stay out of here. */
const factsIn = (leaf: Uint8Array): string =>
  JSON.stringify((JSON.parse(Buffer.from(leaf).toString("utf8")) as AuditEntry).facts)

const closing = ({ sql, transaction, record, ours }: Desk, event: BeginningEvent, intent: AuditEntryId) => {
  const { sealed: _, facts, ...rest } = event
  let isClosed = false
  return Effect.fnUntraced(function* (outcome: AuditOutcome, found?: Facts) {
    if (isClosed) return yield* Effect.die(new Error(`the action ${intent} was closed before`))
    yield* transaction(
      Effect.gen(function* () {
        const open = yield* orStorageFailure(sql`DELETE FROM core_audit_open WHERE entry = ${intent} RETURNING entry`)
        // Somebody took this process for dead, and said so in the log. Then both stand there.
        const late = open.length === 0 ? { late: true } : {}
        yield* record({ ...rest, outcome, facts: { ...facts, ...found, intent, ...late } })
        yield* sql.afterCommit(
          Effect.sync(() => {
            isClosed = true
            ours.delete(intent)
          })
        )
      })
    )
  })
}

const interrupting =
  ({ sql, transaction }: Database["Service"], record: Desk["record"]) =>
  (row: OpenRow) =>
    transaction(
      Effect.gen(function* () {
        const open = yield* orStorageFailure(
          sql`DELETE FROM core_audit_open WHERE entry = ${row.entry} RETURNING entry`
        )
        // Another node watches as well: what it has closed is closed.
        if (open.length === 0) return
        const { org: organisation, action, object, entry: intent } = row
        const facts = { ...row.facts, intent }
        yield* record({ organisation, actor: RECOVERY, action, object, outcome: "interrupted", facts })
      })
    )

/** Looks for rows of other processes that are gone, and closes them. */
const makeWatch = <E, R>(interrupt: (row: OpenRow) => Effect.Effect<void, E, R>, boot: string) => {
  const goneAmong = makeGoneWatch()
  return Effect.gen(function* () {
    const { sql } = yield* Database
    const found = yield* orStorageFailure(sql`SELECT * FROM core_audit_open WHERE boot <> ${boot}`)
    const rows = yield* Effect.orDie(decodeRows(found))
    const signs = rows.map(({ entry, beat }) => [entry, String(beat)] as const)
    const gone = goneAmong(signs, yield* Clock.currentTimeMillis)
    yield* Effect.forEach(
      rows.filter(({ entry }) => gone.has(entry)),
      interrupt,
      { discard: true }
    )
  })
}

const closingBy =
  (begin: AuditLog["Service"]["begin"]): AuditLog["Service"]["during"] =>
  (event, effect, factsOf) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const action = yield* begin(event)
        const exit = yield* Effect.exit(restore(effect))
        yield* closeBy(action, exit, factsOf)
        return yield* exit
      })
    )

/** Closes an action with what became of the effect that it stands for. */
export const closeBy = <A>(
  action: OpenAction,
  exit: Exit.Exit<A, unknown>,
  factsOf?: (value: A) => Facts
): Effect.Effect<void> => {
  if (Exit.isSuccess(exit)) return action.succeed(factsOf?.(exit.value))
  if (Cause.hasInterruptsOnly(exit.cause)) return action.interrupt
  return action.fail({ error: errorName(exit.cause) })
}

/** Its tag, never what it says. */
const errorName = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" ? error._tag : "defect"
}
