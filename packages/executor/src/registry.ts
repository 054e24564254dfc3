// The executors of a host: which there are, by id.
import { Context, Effect, Layer, Schema, type Scope } from "effect"
import type { Executor } from "./executor.ts"
import { isInRange, SDK_VERSION } from "./sdk-version.ts"

const EXECUTORS_MAX = 200
const ID_LENGTH_MAX = 64
const VERSION_LENGTH_MAX = 64
const VERSION = new RegExp(`^[\\x21-\\x7e]{1,${VERSION_LENGTH_MAX}}$`)
const ID = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$/

/** An executor cannot be registered. The host does not start with it. */
export class ExecutorRefused extends Schema.TaggedError<ExecutorRefused>()("ExecutorRefused", {
  executor: Schema.String,
  reason: Schema.Literals(["duplicate-id", "invalid-id", "invalid-version", "sdk-version", "too-many"])
}) {
  override get message() {
    return EXPLANATIONS[this.reason].replace("%", JSON.stringify(this.executor))
  }
}

const EXPLANATIONS = {
  "duplicate-id": "Two executors have the id %. Give one of them another id.",
  "invalid-id": `% is not an id for an executor: use words of a-z, 0-9 and -, joined by dots, at most ${ID_LENGTH_MAX} characters.`,
  "invalid-version": `The version of executor % must be 1 to ${VERSION_LENGTH_MAX} printable characters without blanks.`,
  "sdk-version": `Executor % was made for other versions of the SDK than this one, ${SDK_VERSION}. Install a version of it that fits.`,
  "too-many": `There is no room for executor %: at most ${EXECUTORS_MAX} can be registered.`
} as const

/** An executor; an effect that builds one and keeps what it needs in the registry's scope; or nothing, as from `isWanted && executor`. */
export type ExecutorEntry = Executor | Effect.Effect<Executor, unknown, unknown> | false | null | undefined

type EntryError<Entry> = Effect.Error<Entry>
type EntryServices<Entry> = Exclude<Effect.Services<Entry>, Scope.Scope>

/** The registered executors. */
export class Executors extends Context.Service<
  Executors,
  {
    /** In the order of registration. */
    readonly all: ReadonlyArray<Executor>
    find(id: string): Executor | undefined
  }
>()("fluxcybers/executor/Executors") {
  /**
   * Registers the given executors, at most 200; entries that are falsy are left out. Fails with `ExecutorRefused` for an id that is
   * invalid or given twice, and for an executor that was made for other versions of the SDK; and with whatever building an entry fails with.
   */
  static readonly layer = <const Entries extends ReadonlyArray<ExecutorEntry>>(
    entries: Entries
  ): Layer.Layer<Executors, ExecutorRefused | EntryError<Entries[number]>, EntryServices<Entries[number]>> =>
    Layer.effect(Executors, register(entries))
}

const register = Effect.fnUntraced(function* <const Entries extends ReadonlyArray<ExecutorEntry>>(entries: Entries) {
  const byId = new Map<string, Executor>()
  for (const entry of entries) {
    if (!entry) continue
    const executor = yield* built(entry as Exclude<Entries[number], false | null | undefined>)
    const reason = refusalOf(executor, byId)
    if (reason !== undefined) return yield* new ExecutorRefused({ executor: executor.id, reason })
    byId.set(executor.id, executor)
  }
  return Executors.of({ all: [...byId.values()], find: (id) => byId.get(id) })
})

const built = <Entry extends Executor | Effect.Effect<Executor, unknown, unknown>>(entry: Entry) =>
  (Effect.isEffect(entry) ? entry : Effect.succeed(entry)) as Effect.Effect<
    Executor,
    Effect.Error<Entry>,
    Effect.Services<Entry>
  >

const refusalOf = (
  { id, version, sdk }: Executor,
  registered: ReadonlyMap<string, Executor>
): ExecutorRefused["reason"] | undefined => {
  if (id.length > ID_LENGTH_MAX || !ID.test(id)) return "invalid-id"
  if (!VERSION.test(version)) return "invalid-version"
  if (sdk !== undefined && isInRange(SDK_VERSION, sdk) !== true) return "sdk-version"
  if (registered.has(id)) return "duplicate-id"
  return registered.size >= EXECUTORS_MAX ? "too-many" : undefined
}
