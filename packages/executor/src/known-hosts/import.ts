// Taking the host keys of the targets from a file of OpenSSH.
import { type Actor, AuditLog, Database, type OrganisationId, TargetId } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import type { TargetError } from "../target-refusal.ts"
import { REVOKED_KEYS_MAX } from "../target-settings.ts"
import { Targets } from "../targets.ts"
import { parseKnownHosts } from "./parse.ts"
import { type PinChange, pinChange } from "./pin-change.ts"

/** A file, at most, in UTF-16 units: it comes in a request. */
export const KNOWN_HOSTS_LENGTH_MAX = 900 * 1024
/** Every hashed name has to be tried with every target; this many are done in a few seconds. */
const HASHED_PAIRS_MAX = 500_000
const PROBLEMS_SHOWN_MAX = 20

/** Why a file was not taken. Nothing was changed. */
export class KnownHostsRefused extends Schema.TaggedError<KnownHostsRefused>()("KnownHostsRefused", {
  reason: Schema.Literals(["invalid", "revoked", "limit"]),
  /** Lines, counted from 1. */
  problems: Schema.Array(Schema.Struct({ line: Schema.Int, problem: Schema.String }))
}) {
  override get message() {
    const shown = this.problems.slice(0, PROBLEMS_SHOWN_MAX).map(({ line, problem }) => `Line ${line}: ${problem}.`)
    const more = this.problems.length - shown.length
    return [...shown, ...(more > 0 ? [`And ${more} more.`] : []), "Nothing was changed."].join("\n")
  }
}

const PinnedKey = Schema.Struct({
  id: TargetId,
  name: Schema.String,
  before: Schema.String,
  after: Schema.String,
  /** Fingerprints that are refused from now on. */
  revoked: Schema.Array(Schema.String),
  line: Schema.Int
})

/** What a file of host keys changes, or has changed. */
export const KnownHostsImport = Schema.Struct({
  changed: Schema.Array(PinnedKey),
  /** Names of targets whose pinned key the file confirms. */
  unchanged: Schema.Array(Schema.String),
  /** Names of targets that the file does not know; they keep what they pin. */
  unknown: Schema.Array(Schema.String),
  isDryRun: Schema.Boolean
}).annotate({ identifier: "KnownHostsImport" })
export type KnownHostsImport = typeof KnownHostsImport.Type

interface Importing {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly text: string
  /** Only says what would change. */
  readonly isDryRun: boolean
}

/**
 * Pins the host keys and authorities of a known_hosts file for the targets that it knows: names in the clear, hashed and with wildcards,
 * ports, `@cert-authority`, `@revoked`. All of it or, at the first mistake, nothing. Fails when it would leave a target with a revoked
 * key. Audit entries: `target.changed`. Executions that were approved with other keys are refused.
 */
export const importKnownHosts = Effect.fn("importKnownHosts")(function* (
  input: Importing
): Effect.fn.Return<KnownHostsImport, KnownHostsRefused | TargetError, Targets | Database | AuditLog> {
  return yield* (yield* Database).transaction(importAll(input))
})

const importAll = Effect.fnUntraced(function* ({ organisation, actor, text, isDryRun }: Importing) {
  const { hosts, problems } = parseKnownHosts(text)
  if (text.length > KNOWN_HOSTS_LENGTH_MAX)
    return yield* refused("limit", [{ line: 1, problem: "the file is too large" }])
  if (problems.length > 0) return yield* refused("invalid", problems)
  const targets = yield* Targets
  const all = yield* targets.list(organisation)
  const hashed = hosts.filter(({ names }) => names._tag === "Hashed")
  if (hashed.length * all.length > HASHED_PAIRS_MAX)
    return yield* refused("limit", [
      { line: hashed[0]!.line, problem: "there are too many hashed names for so many targets" }
    ])
  const found = yield* Effect.forEach(all, (target) =>
    Effect.sync(() => ({ target, change: pinChange(target, hosts) }))
  )
  const broken = found.flatMap(({ target: { name }, change }) => faultOf(name, change))
  if (broken.length > 0) return yield* refused("revoked", broken)
  const [changed, unchanged, unknown]: [Array<typeof PinnedKey.Type>, Array<string>, Array<string>] = [[], [], []]
  for (const { target, change } of found) {
    const { id, name, hostKey: before, revokedKeys = [] } = target
    if (change === undefined) unknown.push(name)
    else if (change.hostKey === before && change.revokedKeys.length === revokedKeys.length) unchanged.push(name)
    else {
      const revoked = change.revokedKeys.filter((key) => !revokedKeys.includes(key))
      changed.push({ id, name, before, after: change.hostKey, revoked, line: change.line })
      const settings = { hostKey: change.hostKey, revokedKeys: change.revokedKeys }
      if (!isDryRun) yield* targets.change({ organisation, actor, target: id, settings })
    }
  }
  return { changed, unchanged, unknown, isDryRun }
})

const refused = (reason: KnownHostsRefused["reason"], problems: KnownHostsRefused["problems"]) =>
  new KnownHostsRefused({ reason, problems })

const faultOf = (name: string, change: PinChange | undefined): KnownHostsRefused["problems"] => {
  if (change?.isRevoked === true)
    return [
      { line: change.line, problem: `it revokes the key that "${name}" pins, and no other line has a key for it` }
    ]
  if (change !== undefined && change.revokedKeys.length > REVOKED_KEYS_MAX)
    return [{ line: change.line, problem: `"${name}" would have more than ${REVOKED_KEYS_MAX} revoked keys` }]
  return []
}
