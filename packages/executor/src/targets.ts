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
import type { PinnedTarget } from "./plan.ts"
import { isTagSelector, type SelectedTarget, selectTargets } from "./selectors.ts"
import { findTarget, listTargets, targetsNamed, targetsWithIds } from "./store/target-reads.ts"
import { changedColumns, targetColumns } from "./store/target-writes.ts"
import { exists, inUse, invalid, type TargetError, unknown, untagged } from "./target-refusal.ts"
import { isRouteProblem, JUMPS_MAX, pinTarget } from "./target-route.ts"
import { invalidSetting, type TargetSettings } from "./target-settings.ts"

/** A target as it is now. */
export const Target = Schema.Struct({
  id: TargetId,
  name: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  account: Schema.String,
  /** Fingerprint `SHA256:…` that was confirmed when the target was added; behind `cert-authority:`, that of an authority. */
  hostKey: Schema.String,
  /** Fingerprints that are never accepted. */
  revokedKeys: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Name of a secret: a private key (OpenSSH or PEM) or a password. */
  credential: Schema.String,
  /** Name of the secret that opens the private key, where it is encrypted. */
  passphrase: Schema.optionalKey(Schema.String),
  /** The target through which this one is reached. */
  jump: Schema.optionalKey(TargetId),
  tags: Schema.Array(Schema.String)
}).annotate({ identifier: "Target" })
export type Target = typeof Target.Type

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
    /** Names, ids, `tag:web`, or `tag:web+eu` for targets with both tags: each target once, in the order of the selectors. */
    select(
      organisation: OrganisationId,
      selectors: ReadonlyArray<string>
    ): Effect.Effect<ReadonlyArray<SelectedTarget>, TargetError>
    /** Those with these ids that are still there, by id. */
    current(organisation: OrganisationId, ids: ReadonlyArray<TargetId>): Effect.Effect<ReadonlyMap<string, Target>>
    /** The targets with the hosts on the way to each, as plans hold them. `invalid` where a way leads nowhere. */
    pin(
      organisation: OrganisationId,
      targets: ReadonlyArray<SelectedTarget>
    ): Effect.Effect<ReadonlyArray<PinnedTarget>, TargetError>
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
        list: (organisation) => listTargets(organisation).pipe(provide),
        get: (organisation, target) => find(organisation, target).pipe(provide),
        select: (organisation, selectors) => select(organisation, selectors).pipe(provide),
        current: (organisation, ids) => targetsWithIds(organisation, ids).pipe(provide),
        pin: (organisation, targets) => pin(organisation, targets).pipe(provide),
        change: (input) => transaction(change(input)).pipe(provide),
        remove: (input) => transaction(remove(input)).pipe(provide)
      })
    })
  )
}

const add = Effect.fn("Targets.add")(function* ({ settings, ...acting }: Adding) {
  yield* validate(settings)
  const { sql } = yield* Database
  const { jump: through, passphrase, ...plain } = settings
  const jump = yield* jumpOf(acting.organisation, through)
  const target: Target = {
    ...plain,
    ...passphraseField(passphrase),
    ...jump,
    tags: distinct(settings.tags),
    id: yield* newId(TargetId, "target")
  }
  if (target.jump !== undefined) yield* checkRoutes(acting.organisation, target)
  const row = {
    ...targetColumns(target),
    id: target.id,
    organisation: acting.organisation,
    added_at: DateTime.formatIso(yield* DateTime.now)
  }
  const added = yield* sql`INSERT INTO executor_targets ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING id`
  if (added.length === 0) return yield* exists(target.name)
  yield* record({ ...acting, target: target.id, action: "target.added", facts: { hostKey: target.hostKey } })
  return target
}, orStorageFailure)

const find = Effect.fn("Targets.get")(function* (organisation: OrganisationId, target: string) {
  return (yield* findTarget(organisation, target)) ?? (yield* unknown(target))
})

const select = Effect.fn("Targets.select")(function* (organisation: OrganisationId, selectors: ReadonlyArray<string>) {
  const hasTags = selectors.some(isTagSelector)
  const all = hasTags ? yield* listTargets(organisation) : yield* targetsNamed(organisation, selectors)
  const selection = selectTargets(all, selectors)
  switch (selection._tag) {
    case "Selected":
      return selection.targets
    case "Twice":
      return yield* invalid(selection.name, `The target "${selection.name}" is named twice.`)
    case "Unmatched":
      return yield* isTagSelector(selection.selector) ? untagged(selection.selector) : unknown(selection.selector)
  }
})

const change = Effect.fn("Targets.change")(function* ({ target: wanted, settings, ...acting }: Changing) {
  const before = yield* find(acting.organisation, wanted)
  const { jump: was, passphrase: opened, ...plain } = before
  const { jump: through, passphrase = opened, ...changed } = settings
  const jump = through === undefined ? jumpField(was) : yield* jumpOf(acting.organisation, through)
  const after: Target = {
    ...plain,
    ...changed,
    ...passphraseField(passphrase),
    ...jump,
    tags: distinct(settings.tags ?? before.tags)
  }
  yield* validate(after)
  if (after.jump !== was && after.jump !== undefined) yield* checkRoutes(acting.organisation, after)
  if (after.name !== before.name && (yield* isTaken(acting.organisation, after.name))) return yield* exists(after.name)
  const changes = changedColumns(before, after)
  const fields = Object.keys(changes).join(",")
  if (fields === "") return before
  const { sql } = yield* Database
  yield* sql`UPDATE executor_targets SET ${sql.update(changes)} WHERE id = ${before.id}`
  yield* record({
    ...acting,
    target: before.id,
    action: "target.changed",
    facts: { changed: fields, hostKey: after.hostKey, ...tagFacts(before, after) }
  })
  return after
}, orStorageFailure)

/** Tags decide what runs where: which came and which went is in the log. */
const tagFacts = (before: Target, after: Target) => {
  const added = after.tags.filter((tag) => !before.tags.includes(tag)).join(",")
  const removed = before.tags.filter((tag) => !after.tags.includes(tag)).join(",")
  return { ...(added === "" ? {} : { tagsAdded: added }), ...(removed === "" ? {} : { tagsRemoved: removed }) }
}

const remove = Effect.fn("Targets.remove")(function* ({ target: wanted, ...acting }: Omit<Changing, "settings">) {
  const { sql } = yield* Database
  const { id, name } = yield* find(acting.organisation, wanted)
  const user = (yield* listTargets(acting.organisation)).find(({ jump }) => jump === id)
  if (user !== undefined) return yield* inUse(name, user.name)
  yield* sql`UPDATE executor_targets SET removed_at = ${DateTime.formatIso(yield* DateTime.now)} WHERE id = ${id}`
  yield* record({ ...acting, target: id, action: "target.removed", facts: {} })
}, orStorageFailure)

const pin = Effect.fn("Targets.pin")(function* (organisation: OrganisationId, targets: ReadonlyArray<SelectedTarget>) {
  const hops = new Map<TargetId, Target>()
  let next = jumpsOf(targets)
  // What is still missing behind the longest way makes it too long.
  for (let hop = 0; hop <= JUMPS_MAX && next.length > 0; hop++) {
    const found = yield* targetsWithIds(organisation, next)
    for (const target of found.values()) hops.set(target.id, target)
    next = jumpsOf(found.values()).filter((id) => !hops.has(id))
  }
  return yield* Effect.forEach(targets, (target) => {
    const pinned = pinTarget(target, hops)
    return isRouteProblem(pinned) ? invalid(target.name, pinned.problem) : Effect.succeed(pinned)
  })
})

const jumpsOf = (targets: Iterable<Target>): ReadonlyArray<TargetId> => [
  ...new Set([...targets].flatMap(({ jump }) => (jump === undefined ? [] : [jump])))
]

const jumpOf = Effect.fnUntraced(function* (organisation: OrganisationId, jump: string | null | undefined) {
  return jump === undefined || jump === null ? {} : jumpField((yield* find(organisation, jump)).id)
})

const passphraseField = (passphrase: string | null | undefined) =>
  passphrase === undefined || passphrase === null ? {} : { passphrase }

const jumpField = (jump: TargetId | undefined) => (jump === undefined ? {} : { jump })

/** With this target as it is to be, no way may go round in circles or grow too long, also not that of a target behind it. */
const checkRoutes = Effect.fnUntraced(function* (organisation: OrganisationId, changed: Target) {
  const others = (yield* listTargets(organisation)).filter(({ id }) => id !== changed.id)
  const all = new Map([changed, ...others].map((target) => [target.id, target]))
  const problem = [...all.values()].map((target) => pinTarget(target, all)).find(isRouteProblem)
  if (problem !== undefined) return yield* invalid(changed.name, problem.problem)
})

const isTaken = (organisation: OrganisationId, name: string) =>
  find(organisation, name).pipe(
    Effect.as(true),
    Effect.orElseSucceed(() => false)
  )

const validate = Effect.fnUntraced(function* (settings: TargetSettings) {
  const detail = invalidSetting(settings)
  if (detail !== undefined) return yield* invalid(settings.name, detail)
})

const record = Effect.fnUntraced(function* (
  entry: Acting & Pick<AuditEvent, "action" | "facts"> & { readonly target: TargetId }
) {
  const { target, ...event } = entry
  yield* (yield* AuditLog).record({ ...event, object: target, outcome: "success" })
})

const distinct = (tags: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(tags)].sort()
