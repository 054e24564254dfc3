// Targets: where things run. Each has its pinned host key and the name of the secret that signs in.
import {
  type Actor,
  type AuditEvent,
  AuditLog,
  Database,
  newId,
  type OrganisationId,
  orStorageFailure,
  TargetId
} from "@fluxcybers/core"
import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { TargetRow } from "./store/rows.ts"
import { invalidSetting, type TargetSettings } from "./target-settings.ts"

/** A target as it is now. */
export const Target = Schema.Struct({
  id: TargetId,
  name: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  account: Schema.String,
  /** Fingerprint `SHA256:…` that was confirmed when the target was added. */
  hostKey: Schema.String,
  /** Name of a secret: a private key (OpenSSH or PEM) or a password. */
  credential: Schema.String,
  tags: Schema.Array(Schema.String)
}).annotate({ identifier: "Target" })
export type Target = typeof Target.Type

/** What was refused about which target. Nothing was changed. */
export class TargetError extends Schema.TaggedError<TargetError>()("TargetError", {
  target: Schema.String,
  reason: Schema.Literals(["unknown", "exists", "invalid"]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

interface Acting {
  readonly organisation: OrganisationId
  readonly actor: Actor
}

interface Adding extends Acting {
  readonly settings: TargetSettings
}

interface Changing extends Acting {
  /** Name or id. */
  readonly target: string
  readonly settings: Partial<TargetSettings>
}

/**
 * Audit entries: `target.added`, `target.changed`, `target.removed`. Names are unique within an organisation; a removed target keeps
 * its row, so that history can name it, and gives its name free.
 */
export class Targets extends Context.Service<
  Targets,
  {
    add(input: Adding): Effect.Effect<Target, TargetError>
    list(organisation: OrganisationId): Effect.Effect<ReadonlyArray<Target>>
    /** By name or by id. */
    get(organisation: OrganisationId, target: string): Effect.Effect<Target, TargetError>
    change(input: Changing): Effect.Effect<Target, TargetError>
    remove(input: Omit<Changing, "settings">): Effect.Effect<void, TargetError>
  }
>()("fluxcybers/executor/Targets") {
  static readonly layer: Layer.Layer<Targets, never, Database | AuditLog> = Layer.effect(
    Targets,
    Effect.gen(function* () {
      const context = yield* Effect.context<Database | AuditLog>()
      const { transaction } = yield* Database
      const provide = Effect.provideContext(context)
      return Targets.of({
        add: (input) => transaction(add(input)).pipe(provide),
        list: (organisation) => list(organisation).pipe(provide),
        get: (organisation, target) => find(organisation, target).pipe(provide),
        change: (input) => transaction(change(input)).pipe(provide),
        remove: (input) => transaction(remove(input)).pipe(provide)
      })
    })
  )
}

const add = Effect.fn("Targets.add")(function* ({ settings, ...acting }: Adding) {
  yield* validate(settings)
  const { sql } = yield* Database
  const target: Target = { ...settings, tags: distinct(settings.tags), id: yield* newId(TargetId, "target") }
  const row = {
    ...columns(target),
    id: target.id,
    organisation: acting.organisation,
    added_at: DateTime.formatIso(yield* DateTime.now)
  }
  const added = yield* sql`INSERT INTO executor_targets ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING id`
  if (added.length === 0) return yield* exists(target.name)
  yield* record({ ...acting, target: target.id, action: "target.added", facts: { hostKey: target.hostKey } })
  return target
}, orStorageFailure)

const list = Effect.fn("Targets.list")(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_targets
    WHERE organisation = ${organisation} AND removed_at IS NULL ORDER BY name`
  return (yield* decode(rows)).map(asTarget)
}, orStorageFailure)

const find = Effect.fn("Targets.get")(function* (organisation: OrganisationId, target: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_targets
    WHERE organisation = ${organisation} AND removed_at IS NULL AND (name = ${target} OR id = ${target})`
  const row = (yield* decode(rows))[0]
  return row === undefined ? yield* unknown(target) : asTarget(row)
}, orStorageFailure)

const change = Effect.fn("Targets.change")(function* ({ target: wanted, settings, ...acting }: Changing) {
  const before = yield* find(acting.organisation, wanted)
  const after: Target = { ...before, ...settings, tags: distinct(settings.tags ?? before.tags) }
  yield* validate(after)
  if (after.name !== before.name && (yield* isTaken(acting.organisation, after.name))) return yield* exists(after.name)
  const changes = differing(columns(before), columns(after))
  const changed = Object.keys(changes).join(",")
  if (changed === "") return before
  const { sql } = yield* Database
  yield* sql`UPDATE executor_targets SET ${sql.update(changes)} WHERE id = ${before.id}`
  yield* record({
    ...acting,
    target: before.id,
    action: "target.changed",
    facts: { changed, hostKey: after.hostKey }
  })
  return after
}, orStorageFailure)

const remove = Effect.fn("Targets.remove")(function* ({ target: wanted, ...acting }: Omit<Changing, "settings">) {
  const { sql } = yield* Database
  const { id } = yield* find(acting.organisation, wanted)
  yield* sql`UPDATE executor_targets SET removed_at = ${DateTime.formatIso(yield* DateTime.now)} WHERE id = ${id}`
  yield* record({ ...acting, target: id, action: "target.removed", facts: {} })
}, orStorageFailure)

const isTaken = (organisation: OrganisationId, name: string) =>
  find(organisation, name).pipe(
    Effect.as(true),
    Effect.orElseSucceed(() => false)
  )

const validate = Effect.fnUntraced(function* (settings: TargetSettings) {
  const detail = invalidSetting(settings)
  if (detail !== undefined) return yield* new TargetError({ target: settings.name, reason: "invalid", detail })
})

const record = Effect.fnUntraced(function* (
  entry: Acting & Pick<AuditEvent, "action" | "facts"> & { readonly target: TargetId }
) {
  const { target, ...event } = entry
  yield* (yield* AuditLog).record({ ...event, object: target, outcome: "success" })
})

const exists = (name: string) =>
  new TargetError({
    target: name,
    reason: "exists",
    detail: `There is already a target "${name}". Nothing was changed. Choose another name, or change that target.`
  })

const unknown = (target: string) =>
  new TargetError({
    target,
    reason: "unknown",
    detail: `There is no target "${target}". Nothing was changed. List them with "target list".`
  })

const decode = (rows: ReadonlyArray<object>) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(TargetRow))(rows))

const asTarget = ({
  host_key,
  organisation: _,
  added_at: _added,
  removed_at: _removed,
  ...row
}: TargetRow): Target => ({
  ...row,
  hostKey: host_key
})

const columns = ({ id: _, hostKey, tags, ...rest }: Target) => ({
  ...rest,
  host_key: hostKey,
  tags: JSON.stringify(tags)
})

type Columns = ReturnType<typeof columns>

/** Only what changes is written: two people who change different fields do not undo each other. */
const differing = (before: Columns, after: Columns) =>
  Object.fromEntries(Object.entries(after).filter(([name, value]) => value !== before[name as keyof Columns]))

const distinct = (tags: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(tags)].sort()
