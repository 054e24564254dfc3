// Names to addresses, as the operating system answers them.
import { lookup } from "node:dns/promises"
import { Context, Effect } from "effect"

/** A host's addresses; none when the name is not known. A reference, so that tests can answer as a hostile name server does. */
export const Resolver = Context.Reference<(host: string) => Effect.Effect<ReadonlyArray<string>>>(
  "fluxcybers/server/Resolver",
  { defaultValue: () => resolve }
)

const resolve = (host: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.tryPromise(() => lookup(host, { all: true, order: "verbatim" })).pipe(
    Effect.map((found) => found.map(({ address }) => address)),
    Effect.orElseSucceed(() => [])
  )
